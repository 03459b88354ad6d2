"""What is true about the field sheets, by task type. Sheets are named by their subject id."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zoo_dag.demo.classification import blanks, by_reason, by_version
from zoo_dag.demo.sheets.classifying import Read, chosen
from zoo_dag.demo.sheets.marks import Mark
from zoo_dag.demo.sheets.subjects import COUNTS, DOINGS, NOTHING, SPECIES, Line, Sheet
from zoo_dag.demo.sheets.writing import Passage
from zoo_dag.demo.workflow import Workflow


@dataclass(frozen=True, slots=True)
class SpeciesTruth:
    """How many of a species there are, as the label of a bin, and what they do; neither for "nothing here"."""

    count: str | None
    doing: frozenset[str]


@dataclass(frozen=True, slots=True)
class SheetTruth:
    """What is true about the second workflow of the demo."""

    workflow_id: int
    versions: tuple[str, ...]
    species: dict[int, dict[str, SpeciesTruth]]
    """T0, by label of the species; "nothing here" is one."""
    objects: dict[int, tuple[Mark, ...]]
    """T1, objects on the map."""
    lines: dict[int, tuple[Line, ...]]
    """T2, lines of the page in reading order."""
    notes: dict[int, str]
    """T3."""
    chosen: dict[int, dict[str, tuple[str, ...]]]
    """T4 and T5, for each select the label of the right option, or the text to be typed."""
    cover: dict[int, int]
    """T6, percent."""
    passages: dict[int, tuple[Passage, ...]]
    """T7."""
    classifications: int
    classifications_by_version: dict[str, int]
    excluded: dict[str, int]
    """Classifications that do not count, by reason."""
    blanks: dict[str, int]
    """Answers left blank, by task, in all classifications; every select of a dropdown is one."""
    rows: dict[str, int]
    """Rows of the flattened tables, by task, in all classifications: things entered, and blanks."""


def sheet_truth(workflow: Workflow, sheets: Sequence[Sheet], happened: Sequence[Read]) -> SheetTruth:
    """The truth about sheets and about what happened to them."""
    rows = Counter[str]()
    for item in happened:
        for task, value in item.answers:
            rows[task.key] += _number_of_rows(value)
    return SheetTruth(
        workflow_id=workflow.workflow_id,
        versions=tuple(version.name for version in workflow.versions),
        species={sheet.subject_id: _species(sheet) for sheet in sheets},
        objects={sheet.subject_id: sheet.objects for sheet in sheets},
        lines={sheet.subject_id: sheet.lines for sheet in sheets},
        notes={sheet.subject_id: sheet.note for sheet in sheets},
        chosen={sheet.subject_id: chosen(sheet) for sheet in sheets},
        cover={sheet.subject_id: sheet.cover for sheet in sheets},
        passages={sheet.subject_id: sheet.passages for sheet in sheets},
        classifications=len(happened),
        classifications_by_version=by_version(happened),
        excluded=by_reason(happened),
        blanks=blanks(happened),
        rows=dict(sorted(rows.items())),
    )


def _species(sheet: Sheet) -> dict[str, SpeciesTruth]:
    named = {
        SPECIES[animal.species]: SpeciesTruth(
            COUNTS[animal.count], frozenset(DOINGS[index] for index in animal.doing)
        )
        for animal in sheet.animals
    }
    return named or {NOTHING: SpeciesTruth(None, frozenset())}


def _number_of_rows(value: Any) -> int:
    return max(1, len(value)) if isinstance(value, list | tuple) else 1
