"""Grids of subjects drawn at random, with the truth: how often each subject was shown, and how often selected.

Each subject stands in as many grids as every other one, each time beside others, so that no group comes twice.
What comes out can be compared to the digit: the fraction of a subject is selected / shown. By group there is one
vote.

    python benchmarks/simulated_grids.py
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

FIRST_SUBJECT = 40_001


class Grid(NamedTuple):
    """A grid as one volunteer saw it: the subjects by their cells, and the places of those that were selected."""

    volunteer: int
    subjects: tuple[int, ...]
    selected: tuple[int, ...]

    def value(self) -> list[dict[str, Any]]:
        """The value of the element in an export."""
        return [{"index": place, "subject": str(self.subjects[place])} for place in self.selected]

    def exported(self, era: int, group: int) -> tuple[str, dict[str, Any]]:
        """`subject_ids` and `subject_data` in an export: era 0 until 2025-09, 1 until 2026-01, 2 since."""
        members = sorted(self.subjects)
        pseudo: dict[str, dict[str, Any]] = {str(group): {"retired": None, "#subject_group_id": group}}
        if era == 0:
            pseudo[str(group)]["#group_subject_ids"] = "-".join(map(str, self.subjects))
        each: dict[str, dict[str, Any]] = {str(subject): {"retired": None} for subject in members}
        shown = {0: pseudo, 1: pseudo | each, 2: each}[era]
        return ";".join(sorted(shown, key=int)), shown


class Truth(NamedTuple):
    """How often each subject was shown, and how often it was selected."""

    shown: Counter[int]
    selected: Counter[int]


def draw_grids(
    subjects: int = 50, cells: int = 25, times: int = 20, seed: int = 1, first: int = FIRST_SUBJECT
) -> list[Grid]:
    """Grids of `cells` subjects, each volunteer one; every subject is shown `times` times.

    Every fifth subject by its id stands out, and is selected by nine of ten; others by one of ten.
    """
    random = Random(seed)  # noqa: S311 - invents data, keeps no secret
    ids = range(first, first + subjects)
    grids: list[Grid] = []
    for _ in range(times):
        order = random.sample(ids, subjects)
        for start in range(0, subjects, cells):
            shown = tuple(order[start : start + cells])
            chances = [0.9 if subject % 5 == 0 else 0.1 for subject in shown]
            selected = [place for place, chance in enumerate(chances) if random.random() < chance]
            random.shuffle(selected)
            grids.append(Grid(len(grids) + 1, shown, tuple(selected)))
    return grids


def truth(grids: Sequence[Grid]) -> Truth:
    """What the grids say of each subject."""
    shown = Counter(subject for grid in grids for subject in grid.subjects)
    return Truth(shown, Counter(grid.subjects[place] for grid in grids for place in grid.selected))


def table(grids: Sequence[Grid]) -> Iterator[str]:
    """Votes by subject, and by group."""
    found = truth(grids)
    yield "| unit | units | votes each | standing out | others |"
    yield "|---|---|---|---|---|"
    fractions = [
        [found.selected[one] / n for one, n in found.shown.items() if (one % 5 == 0) == stands_out]
        for stands_out in (True, False)
    ]
    means = " | ".join(f"{sum(each) / len(each):.2f}" for each in fractions)
    yield f"| subject | {len(found.shown)} | {min(found.shown.values())} | {means} |"
    groups = Counter(frozenset(grid.subjects) for grid in grids)
    yield f"| group | {len(groups)} | {max(groups.values())} | - | - |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    print("\n".join(table(draw_grids(seed=parser.parse_args().seed))))


if __name__ == "__main__":
    main()
