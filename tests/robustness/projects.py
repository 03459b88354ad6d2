"""Small projects for the proofs: exports of several versions and task types, as a first and a later download."""

from collections.abc import Sequence
from pathlib import Path

from tests.builders import Row, answer, classification_row, subject_row, write_export
from tests.robustness.damage import rows_of
from zoo_dag.demo import FILES, write_demo

# What cannot be read goes to the quarantine.
_UNREADABLE = "[{"


def first_exports(folder: Path) -> list[Path]:
    """A classifications, a subjects and a workflows export."""
    return [
        write_export(folder / "classifications.csv", _votes(range(1, 41))),
        write_export(folder / "subjects.csv", [subject_row(101 + number) for number in range(6)]),
        write_export(folder / "workflows.csv", rows_of("workflows")),
    ]


def later_export(folder: Path) -> Path:
    """The classifications export of a later day: all rows of the first, new ones, and a new version."""
    new = [
        *_votes(range(41, 61)),
        classification_row(900, workflow_version="4.1", subject_ids="102", annotations=[answer()]),
        classification_row(901, annotations=_UNREADABLE),
    ]
    return write_export(folder / "classifications-later.csv", [*_votes(range(1, 41)), *new])


def _votes(numbers: Sequence[int]) -> list[Row]:
    """Answers of several volunteers about five subjects, in two versions, and the rows of all task types."""
    others = [row for row in rows_of("classifications") if numbers[0] == 1]
    return [
        *others,
        *(
            classification_row(
                100 + number,
                user_name=f"volunteer{number % 9}",
                user_id=number % 9,
                subject_ids=str(101 + number % 5),
                workflow_version=("3.10", "3.11")[number % 2],
                annotations=[answer(value="Yes" if number % 3 else "No")],
            )
            for number in numbers
        ),
    ]


def hourly_export(folder: Path, hour: int) -> Path:
    """The cumulative classifications export of an hour: three more rows than an hour before."""
    rows = [
        classification_row(
            1000 + number,
            user_name=f"volunteer{number % 9}",
            user_id=number % 9,
            subject_ids=str(101 + number // 12),
            workflow_version="3.10",
            annotations=[answer(value="Yes" if number % 3 else "No")],
        )
        for number in range(3 * (hour + 1))
    ]
    return write_export(folder / f"classifications-{hour:03}.csv", rows)


def demo_exports(folder: Path) -> list[Path]:
    """The exports of the demo."""
    write_demo(folder)
    return [folder / name for name in FILES]
