"""The demo's three exports, with both of its workflows in each."""

from pathlib import Path
from random import Random

from zoo_dag.demo.classifying import classify_all
from zoo_dag.demo.export_form import CLASSIFICATION_COLUMNS, SUBJECT_COLUMNS, WORKFLOW_COLUMNS, Cell, write_export
from zoo_dag.demo.project import garden, make_subjects, make_volunteers, workflow_versions
from zoo_dag.demo.rows import classification_rows, subject_rows, subject_statuses, workflow_rows
from zoo_dag.demo.sheets.classifying import classify_sheets
from zoo_dag.demo.sheets.subjects import make_sheets
from zoo_dag.demo.sheets.truth import sheet_truth
from zoo_dag.demo.sheets.workflow import field_sheets, sheet_versions
from zoo_dag.demo.truth import DemoTruth, demo_truth

SEED = 20_250_310
SHEETS_SEED = 20_250_505
FIRST_CLASSIFICATION_ID = 600_000_001


def write_demo(folder: Path) -> DemoTruth:
    """Write `classifications.csv`, `subjects.csv` and `workflows.csv` to a folder."""
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    versions, subjects, volunteers = workflow_versions(), make_subjects(random), make_volunteers(random)
    happened = classify_all(versions, subjects, volunteers, random)
    # A generator of its own, so that neither workflow changes where the other one does.
    random = Random(SHEETS_SEED)  # noqa: S311
    newer, sheets = sheet_versions(), make_sheets(random)
    later = classify_sheets(newer, sheets, volunteers, random)
    classifications: list[list[Cell]] = []
    of_subjects: list[list[Cell]] = []
    of_workflows: list[list[Cell]] = []
    for workflow, shown, items in (
        (garden(versions), subjects, happened),
        (field_sheets(newer), sheets, later),
    ):
        statuses = subject_statuses(workflow, shown, items)
        first_id = FIRST_CLASSIFICATION_ID + len(classifications)
        classifications += classification_rows(workflow, items, statuses, first_id)
        of_subjects += subject_rows(workflow, shown, statuses)
        of_workflows += workflow_rows(workflow, statuses.values())
    folder.mkdir(parents=True, exist_ok=True)
    write_export(folder / "classifications.csv", CLASSIFICATION_COLUMNS, classifications)
    write_export(folder / "subjects.csv", SUBJECT_COLUMNS, of_subjects)
    write_export(folder / "workflows.csv", WORKFLOW_COLUMNS, of_workflows)
    return demo_truth(garden(versions), subjects, happened, sheet_truth(field_sheets(newer), sheets, later))
