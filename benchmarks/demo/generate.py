"""The demo's three exports, with all of its workflows in each."""

from collections.abc import Sequence
from random import Random
from typing import Any

from benchmarks.demo.cameras.generate import make_cameras
from benchmarks.demo.cameras.subjects import deployments_csv, event_truth
from benchmarks.demo.cameras.workflow import SURVEY
from benchmarks.demo.classification import Classification
from benchmarks.demo.classifying import classify_all
from benchmarks.demo.export_form import Cell, export_text
from benchmarks.demo.grids import make_grids
from benchmarks.demo.project import garden, make_pictures, make_volunteers, workflow_versions
from benchmarks.demo.rows import classification_rows, subject_rows, subject_statuses, workflow_rows
from benchmarks.demo.sheets.classifying import classify_sheets
from benchmarks.demo.sheets.subjects import make_sheets
from benchmarks.demo.sheets.workflow import field_sheets, sheet_versions
from benchmarks.demo.truth import gold_text, grid_answers, picture_answers, sheet_answers, workflow_truth
from benchmarks.demo.workflow import Subject, Workflow
from zoo_dag.demo import DEPLOYMENTS, GOLD, DemoTruth
from zoo_dag.tables.layouts import LAYOUTS, Kind

SEED = 20_250_310
SHEETS_SEED = 20_250_505
FIRST_CLASSIFICATION_ID = 600_000_001


def generate() -> tuple[dict[str, str], DemoTruth]:
    """The text of the exports, of `gold.csv` and of `deployments.csv`, and what is true about them."""
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    versions, pictures, volunteers = workflow_versions(), make_pictures(random), make_volunteers(random)
    happened = classify_all(versions, pictures, volunteers, random)
    # A separate generator, so that changes to one workflow leave the other as it is.
    random = Random(SHEETS_SEED)  # noqa: S311
    newer, sheets = sheet_versions(), make_sheets(random)
    later = classify_sheets(newer, sheets, volunteers, random)
    first, second = garden(versions), field_sheets(newer)
    of_cameras, bursts, named = make_cameras(volunteers[1:])
    of_grids, cells, selected = make_grids(volunteers[1:])
    everything: tuple[tuple[Workflow, Sequence[Subject], Sequence[Classification[Any]]], ...] = (
        (first, pictures, happened),
        (second, sheets, later),
        (of_cameras, bursts, named),
        (of_grids, cells, selected),
    )
    rows: dict[Kind, list[dict[str, Cell]]] = {kind: [] for kind in LAYOUTS}
    for workflow, subjects, items in everything:
        statuses = subject_statuses(workflow, subjects, items)
        first_id = FIRST_CLASSIFICATION_ID + len(rows["classifications"])
        rows["classifications"] += classification_rows(workflow, items, statuses, first_id)
        rows["subjects"] += subject_rows(workflow, subjects, statuses)
        rows["workflows"] += workflow_rows(workflow, statuses.values())
    texts = {f"{kind}.csv": export_text(layout, rows[kind]) for kind, layout in LAYOUTS.items()}
    answers = picture_answers(pictures)
    texts |= {GOLD: gold_text(answers), DEPLOYMENTS: deployments_csv()}
    return texts, DemoTruth(
        questions=workflow_truth(first, happened, answers),
        sheets=workflow_truth(second, later, sheet_answers(sheets)),
        cameras=workflow_truth(of_cameras, named, {SURVEY: event_truth(bursts)}),
        grids=workflow_truth(of_grids, selected, grid_answers(cells)),
    )
