"""Highlighted passages against a known truth, and against what else is done with them.

Simulated volunteers miss passages, slip a word or a letter at their ends, join neighbours, take the wrong label,
highlight a passage in two pieces, and highlight what is not there. Prints a table in Markdown, the figures of
docs/consensus.md; the same seed gives the same figures.

A passage is found where a span of its label has at least half of their common length (IoU), one to one. The
boundary error is the mean distance in letters of its ends from the true ones.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from zoo_dag.settings.results import Highlights
from zoo_dag.task_types.highlights.consensus import needed_volunteers
from zoo_dag.task_types.highlights.spans import Intervals, clusters_of, pieces_of, spans_of

TEXTS, WORDS, LABELS = 150, 220, 2
NEAR_NEIGHBOURS, JOINS, WRONG_LABEL, TWO_PIECES, FALSE = 0.25, 0.2, 0.05, 0.05, 0.5
SEEN, SEEN_STD, LETTER_SLIPS = 0.75, 0.12, 0.21
DEFAULTS = Highlights()
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Passage(NamedTuple):
    """A passage: its label, and its offsets in the text, the end exclusive."""

    label: int
    start: int
    end: int


class Text(NamedTuple):
    """A text, where its words begin and end, and the passages that should be highlighted."""

    text: str
    words: list[tuple[int, int]]
    passages: list[Passage]


class Highlighted(NamedTuple):
    """A text and what each volunteer highlighted in it."""

    text: Text
    volunteers: list[list[Passage]]


def make_text(random: np.random.Generator, words: int = WORDS) -> Text:
    """A text of invented words with passages of one to six of them, a quarter of which have a near neighbour."""
    written = ["".join(random.choice(list(_ALPHABET), int(random.integers(2, 10)))) for _ in range(words)]
    ends = np.cumsum([len(word) + 1 for word in written]) - 1
    places = [(int(end) - len(word), int(end)) for word, end in zip(written, ends, strict=True)]
    passages: list[Passage] = []
    word, is_second = int(random.integers(3, 20)), False
    while word < words - 8:
        last = word + int(random.integers(0, 6))
        passages.append(Passage(int(random.integers(LABELS)), places[word][0], places[last][1]))
        # Of a pair both have one.
        near = not is_second and random.random() < NEAR_NEIGHBOURS / (2 - NEAR_NEIGHBOURS)
        word = last + (int(random.integers(2, 4)) if near else int(random.integers(12, 40)))
        is_second = near
    return Text(" ".join(written), places, passages)


def highlight(text: Text, jitter: float, random: np.random.Generator) -> list[Passage]:
    """What one volunteer highlights; `jitter` is the probability that an end slips by a word."""
    drawn: list[Passage] = []
    skill = float(np.clip(random.normal(SEEN, SEEN_STD), 0, 1))
    passages = iter(zip(text.passages, [*text.passages[1:], None], strict=True))
    for passage, following in passages:
        if random.random() >= skill:
            continue
        label, start, end = passage
        is_near = following is not None and following.label == label and following.start - end < 25
        if following is not None and is_near and random.random() < JOINS:
            end = following.end
            next(passages)
        if random.random() < WRONG_LABEL:
            label = (label + 1) % LABELS
        drawn += _pieces(Passage(label, *_slipped(text, start, end, jitter, random)), text, random)
    for _ in range(random.poisson(FALSE)):
        first = int(random.integers(0, len(text.words) - 6))
        last = first + int(random.integers(0, 6))
        drawn.append(Passage(int(random.integers(LABELS)), text.words[first][0], text.words[last][1]))
    return drawn


def _slipped(text: Text, start: int, end: int, jitter: float, random: np.random.Generator) -> tuple[int, int]:
    """The offsets that a volunteer selects: whole words too many or too few, or a letter."""
    starts, ends = [word[0] for word in text.words], [word[1] for word in text.words]
    first, last = starts.index(start), ends.index(end)
    if random.random() < jitter:
        first = int(np.clip(first + random.choice((-1, 1)), 0, last))
    if random.random() < jitter:
        last = int(np.clip(last + random.choice((-1, 1)), first, len(ends) - 1))
    start, end = starts[first], ends[last]
    if random.random() < LETTER_SLIPS:
        start = max(start + int(random.choice((-1, 1))), 0)
    if random.random() < LETTER_SLIPS:
        end = min(end + int(random.choice((-1, 1))), len(text.text))
    return (start, end) if end - start > 1 else (starts[first], ends[last])


def _pieces(passage: Passage, text: Text, random: np.random.Generator) -> list[Passage]:
    """The passage, or two pieces of it, parted by the space between two words."""
    label, start, end = passage
    gaps = [one for _, one in text.words if start + 1 < one < end - 2]
    if not gaps or random.random() >= TWO_PIECES:
        return [passage]
    gap = int(random.choice(gaps))
    return [Passage(label, start, gap), Passage(label, gap + 1, end)]


def simulate(volunteers: int, jitter: float, seed: int, texts: int = TEXTS) -> list[Highlighted]:
    """Texts with what volunteers highlight in them."""
    random = np.random.default_rng([seed, volunteers, int(100 * jitter)])
    made = [make_text(random) for _ in range(texts)]
    return [Highlighted(text, [highlight(text, jitter, random) for _ in range(volunteers)]) for text in made]


Method = Callable[[Highlighted], list[Passage]]


def clusters(drawn: Highlighted) -> list[Passage]:
    """Ours: clusters of intervals, and what more than half of their members cover."""
    rows = [
        (passage.label, number, passage.start, passage.end)
        for number, own in enumerate(drawn.volunteers)
        for passage in own
    ]
    if not rows:
        return []
    pieces, _ = pieces_of(Intervals(*np.array(rows, np.int64).T), DEFAULTS.join)
    needed = np.full(len(pieces.start), least(len(drawn.volunteers)))
    spans, _ = spans_of(pieces, clusters_of(pieces, DEFAULTS.eps_overlap, needed))
    kept = spans.n_members >= least(len(drawn.volunteers))
    columns = (spans.groups[kept], spans.start[kept], spans.end[kept])
    return [Passage(*map(int, row)) for row in zip(*columns, strict=True)]


def one_volunteer(drawn: Highlighted) -> list[Passage]:
    """What the first volunteer highlighted."""
    return drawn.volunteers[0]


def commonest_exact(drawn: Highlighted) -> list[Passage]:
    """In each block of highlights that touch, the commonest exact span, as label_reconciliations has it."""
    found = []
    for label in range(LABELS):
        own = sorted((one.start, one.end) for each in drawn.volunteers for one in each if one.label == label)
        block: list[tuple[int, int]] = []
        for span in [*own, (1 << 60, 1 << 60)]:
            if block and span[0] > max(end for _, end in block):
                best, votes = Counter(block).most_common(1)[0]
                if votes >= 2:
                    found.append(Passage(label, *best))
                block = []
            block.append(span)
    return found


def letters(needed: Callable[[int], int]) -> Method:
    """Runs of letters that at least so many volunteers highlighted."""

    def found(drawn: Highlighted) -> list[Passage]:
        passages = []
        for label in range(LABELS):
            votes = np.zeros(len(drawn.text.text) + 2, np.int64)
            for own in drawn.volunteers:
                covered = np.zeros(len(votes), bool)
                for one in own:
                    if one.label == label:
                        covered[one.start + 1 : one.end + 1] = True
                votes += covered
            edges = np.flatnonzero(np.diff((votes >= needed(len(drawn.volunteers))).astype(np.int8)))
            passages += [Passage(label, int(a), int(b)) for a, b in edges.reshape(-1, 2)]
        return passages

    return found


class Score(NamedTuple):
    """F1 and precision of the passages found, and the boundary error of those that are right, in letters."""

    f1: float
    precision: float
    boundary: float


def score(drawn: Sequence[Highlighted], method: Method) -> Score:
    """How well a method finds the passages."""
    right, n_found, n_true = 0, 0, 0
    off: list[float] = []
    for each in drawn:
        found, true = method(each), each.text.passages
        n_found, n_true = n_found + len(found), n_true + len(true)
        pairs = [(_iou(one, other), i, j) for i, one in enumerate(found) for j, other in enumerate(true)]
        taken: tuple[set[int], set[int]] = (set(), set())
        for overlap, i, j in sorted(pairs, reverse=True):
            if overlap >= 0.5 and i not in taken[0] and j not in taken[1]:
                taken[0].add(i)
                taken[1].add(j)
                off.append((abs(found[i].start - true[j].start) + abs(found[i].end - true[j].end)) / 2)
        right += len(taken[0])
    return Score(2 * right / max(n_found + n_true, 1), right / max(n_found, 1), float(np.mean(off or [0.0])))


def _iou(one: Passage, other: Passage) -> float:
    common = max(min(one.end, other.end) - max(one.start, other.start), 0) if one.label == other.label else 0
    return common / (one.end - one.start + other.end - other.start - common)


def least(n: int) -> int:
    """The volunteers that a span needs by default."""
    return int(needed_volunteers(np.array([n]), DEFAULTS)[0])


METHODS: dict[str, Method] = {
    "one volunteer": one_volunteer,
    "commonest exact span": commonest_exact,
    "letters by more than half": letters(lambda n: n // 2 + 1),
    "letters by at least 3": letters(lambda _: 3),
    "zoo_dag": clusters,
}


def table(seed: int) -> Iterator[str]:
    """F1 / boundary error in letters (precision)."""
    settings = [(n, jitter) for jitter in (0.1, 0.25, 0.4) for n in (5, 10, 20)]
    yield f"| method | {' | '.join(f'n={n} j={jitter}' for n, jitter in settings)} |"
    yield f"|{'---|' * (len(settings) + 1)}"
    drawn = [simulate(n, jitter, seed) for n, jitter in settings]
    for name, method in METHODS.items():
        scores = [score(each, method) for each in drawn]
        cells = [f"{each.f1:.3f} / {each.boundary:.2f} ({each.precision:.3f})" for each in scores]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    print("\n".join(table(parser.parse_args().seed)))


if __name__ == "__main__":
    main()
