"""Corrections of a given text against a known truth, and against what else is done with them.

Simulated volunteers get a text with wrong and lost words. A quarter send it as it is; the others mend each error
with their own probability, and slip at random. Prints a table in Markdown, the figures of docs/consensus.md; the
same seed gives the same figures. The measure is the word error: words that differ / words of the truth.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from string import ascii_lowercase
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from zoo_dag.task_types.texts.corrections import corrected

TEXTS, WORDS = 300, 60
WRONG, LOST, UNREAD, SLIPS = 0.1, 0.02, 0.25, 0.012
MENDS = (0.5, 0.95)


class Task(NamedTuple):
    """A true text, what the volunteers were given in its place, and what each of them sent."""

    truth: str
    given: str
    texts: list[str]


def make_task(volunteers: int, random: Random, words: int = WORDS) -> Task:
    """A text with the volunteers' corrections."""
    true = ["".join(random.choices(ascii_lowercase, k=random.randint(2, 9))) for _ in range(words)]
    true = [word.capitalize() if random.random() < 0.1 else word for word in true]
    given = given_words(true, random)
    texts = [corrected_by_one(true, given, random) for _ in range(volunteers)]
    return Task(" ".join(true), " ".join(word for word in given if word), texts)


def given_words(true: Sequence[str], random: Random) -> list[str | None]:
    """By place of the true text what was given, null for a lost word."""
    return [
        None if (chance := random.random()) < LOST else _misread(word, random) if chance < LOST + WRONG else word
        for word in true
    ]


def corrected_by_one(true: Sequence[str], given: Sequence[str | None], random: Random) -> str:
    """What one volunteer sends: the text as it was given, or with most of its words mended."""
    if random.random() < UNREAD:
        return " ".join(word for word in given if word)
    mends = random.uniform(*MENDS)
    words = [
        word if word == wrong or random.random() < mends else wrong
        for word, wrong in zip(true, given, strict=True)
    ]
    return " ".join(_misread(word, random) if random.random() < SLIPS else word for word in words if word)


def _misread(word: str, random: Random) -> str:
    place = random.randrange(len(word))
    letter = random.choice(ascii_lowercase.replace(word[place].lower(), ""))
    return word[:place] + letter + word[place + 1 :]


def simulate(volunteers: int, seed: int, texts: int = TEXTS) -> list[Task]:
    """Texts with what volunteers made of them."""
    random = Random(1000 * seed + volunteers)  # noqa: S311 - invents data, keeps no secret
    return [make_task(volunteers, random) for _ in range(texts)]


def word_error(tasks: list[Task], method: Callable[[Task], str]) -> float:
    """Words that differ from the truth / words of the truth."""
    wrong = sum(Levenshtein.distance(method(task).split(), task.truth.split()) for task in tasks)
    return wrong / sum(len(task.truth.split()) for task in tasks)


def majority_of_all(task: Task) -> str:
    """The given text with the changes that more than half of all made."""
    found = corrected(task.given, task.texts)
    words: list[str] = []
    text, end = task.given, 0
    for change in found.changes:
        if 2 * change.votes > len(task.texts) and change.start >= end:
            words += [text[end : change.start], f" {change.after} "]
            end = change.end
    return "".join([*words, text[end:]])


METHODS: dict[str, Callable[[Task], str]] = {
    "the given text": lambda task: task.given,
    "one volunteer": lambda task: task.texts[0],
    "commonest whole text": lambda task: Counter(task.texts).most_common(1)[0][0],
    "changes by more than half of all": majority_of_all,
    "zoo_dag": lambda task: corrected(task.given, task.texts).text,
}


def table(seed: int) -> Iterator[str]:
    """Word error by method and number of volunteers."""
    numbers = (3, 5, 10, 20)
    yield f"| method | {' | '.join(f'n={n}' for n in numbers)} |"
    yield f"|{'---|' * (len(numbers) + 1)}"
    tasks = [simulate(n, seed) for n in numbers]
    for name, method in METHODS.items():
        yield f"| {name} | {' | '.join(f'{word_error(each, method):.3f}' for each in tasks)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    print("\n".join(table(parser.parse_args().seed)))


if __name__ == "__main__":
    main()
