"""Whether two texts ask the same question."""

import re
from itertools import zip_longest

# The task types whose question is part of their meaning; for others it is the labels of their options.
ASKING = {"single", "multiple", "shortcut", "text", "textFromSubject", "slider", "subjectGroupComparison"}


def asked(text: str | None, task_type: str | None, *, has_labels: bool = True) -> list[str] | None:
    """The words of the sentences that ask, of the whole text where none does; None where the text says nothing.

    Where a task has no labels of tools or the like, its text is all that says what it means.
    """
    if text is None or (task_type not in ASKING and has_labels):
        return None
    sentences = re.split(r"(?<=[.?!])\s|\n", without_markup(text))
    asking = [sentence for sentence in sentences if sentence.rstrip("*_ ").endswith("?")]
    return plain(" ".join(asking or sentences)).split()


def plain(text: str) -> str:
    """A text without case, punctuation and Markdown."""
    return " ".join(re.findall(r"\w+", without_markup(text).lower()))


def without_markup(text: str) -> str:
    """A text without pictures and HTML, and with links as their text."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|<[^>]+>", " ", text)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def shown(label: str | None) -> str | None:
    """A label of an answer or a tool without its pictures, unless these are all there is."""
    rest = re.sub(r"\s*!\[[^\]]*\]\([^)]*\)\s*", " ", label or "").strip(" ,;:|")
    return rest or label


def same_question(before: list[str] | None, after: list[str] | None) -> bool:
    """Whether the words are the same but for mended typos; a missing text says nothing."""
    if before is None or after is None:
        return True
    return all(same_word(*words) for words in zip_longest(before, after, fillvalue=""))


def same_word(one: str, other: str) -> bool:
    length = min(len(one), len(other))
    allowed = 2 if length >= 9 else 1 if length >= 5 else 0
    return one == other or (allowed > 0 and distance(one, other) <= allowed)


def distance(one: str, other: str) -> int:
    """The letters to add, to leave out or to change (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row = row, [place]
        for column, another in enumerate(other, 1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != another)))
    return row[-1]
