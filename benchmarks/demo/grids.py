"""A project with grids: each volunteer selects in one grid of pictures those that show a hedgehog.

A grid is drawn again for each volunteer, so that its subjects stand together once, and each in many grids. The
export names the subjects that a grid showed, as it does since January 2026.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from benchmarks.demo.classification import Classification
from benchmarks.demo.export_form import Json, stored
from benchmarks.demo.project import Volunteer
from benchmarks.demo.tasks import Task
from benchmarks.demo.workflow import Subject, Version, Workflow
from benchmarks.simulated_grids import draw_grids

WORKFLOW_ID = 3901
WORKFLOW_NAME = "Night garden, twenty at a time"
FIRST_STATUS_ID = 130_900_001
UPLOADED_AT = datetime(2026, 1, 28, 10, 3, 11, 80_000, tzinfo=UTC)
STARTED_AT = datetime(2026, 2, 2, 7, 0, 0, tzinfo=UTC)
BETWEEN_GRIDS = timedelta(hours=5)
SEED = 5
FIRST_SUBJECT_ID = 70_401
SUBJECT_SET = 8107
PICTURES, CELLS, TIMES = 60, 20, 8
"""The pictures, the cells of a grid, and in how many grids each picture is."""
GRID = "T0"


@dataclass(frozen=True, slots=True)
class Cell(Subject):
    """A picture that is shown in grids."""

    hedgehog: bool
    """Whether it shows one."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Its only picture."""
        return (f"https://example.org/images/{self.metadata['#file']}",)


@dataclass(frozen=True, slots=True)
class Grid(Subject):
    """The cells of one grid, by their places."""

    cells: tuple[Cell, ...]

    @property
    def members(self) -> tuple[Subject, ...]:
        """The pictures, in the order of their ids."""
        return tuple(sorted(self.cells, key=lambda cell: cell.subject_id))

    @property
    def urls(self) -> tuple[str, ...]:
        """Those of the pictures."""
        return tuple(url for cell in self.cells for url in cell.urls)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridTask(Task):
    """The places of the cells that a volunteer selected, each with the id of its subject."""

    task_type = "subjectGroupComparison"

    question: str

    def definition(self) -> Json:
        """The entry in the `tasks` column."""
        texts = {"help": f"{self.key}.help", "question": f"{self.key}.question"}
        return {"type": self.task_type, "required": False, "details": [], **texts}

    def strings(self) -> Json:
        """The task's texts; this project has written no help."""
        return {f"{self.key}.help": None, f"{self.key}.question": self.question}

    def exported(self, value: Sequence[Json], new_classifier: bool) -> Iterator[Json]:
        """One element."""
        yield dict(stored({"task": self.key, "value": value, "taskType": self.task_type}))

    def n_rows(self, value: Any) -> int:
        """One for each cell, selected or not."""
        return CELLS

    def n_blank(self, value: Any) -> int:
        """None: who selects no cell says that nothing stands out."""
        return 0


def make_grids(volunteers: Sequence[Volunteer]) -> tuple[Workflow, list[Cell], list[Classification[Grid]]]:
    """The workflow, its subjects and its classifications, one of each volunteer."""
    question = GridTask(key=GRID, question="Which pictures show a hedgehog?")
    versions = (Version(1, 3, (question,)),)
    workflow = Workflow(WORKFLOW_ID, WORKFLOW_NAME, versions, TIMES, FIRST_STATUS_ID, UPLOADED_AT)
    drawn = draw_grids(PICTURES, CELLS, TIMES, SEED, FIRST_SUBJECT_ID)
    cells = {
        subject_id: Cell(subject_id, (SUBJECT_SET,), {"#file": f"hedge_{number:03d}.jpg"}, subject_id % 5 == 0)
        for number, subject_id in enumerate(range(FIRST_SUBJECT_ID, FIRST_SUBJECT_ID + PICTURES))
    }
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    items = []
    for number, (grid, volunteer) in enumerate(zip(drawn, volunteers[: len(drawn)], strict=True)):
        group = Grid(number, (), {}, tuple(cells[subject] for subject in grid.subjects))
        created_at = STARTED_AT + number * BETWEEN_GRIDS + timedelta(seconds=random.uniform(0, 9_000))
        finished_at = created_at - timedelta(milliseconds=random.randint(120, 900))
        started_at = finished_at - timedelta(milliseconds=random.randint(9_000, 60_000))
        answers = ((question, grid.value()),)
        # Only the new classifier has grids.
        by = replace(volunteer, new_classifier=True)
        items.append(Classification(group, by, versions[0], started_at, finished_at, created_at, answers))
    return workflow, list(cells.values()), items
