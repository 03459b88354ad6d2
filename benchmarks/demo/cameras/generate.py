"""The camera project: what the generator of the demo needs, and the exports of the project alone."""

from random import Random

from benchmarks.demo.cameras.classifying import Named, classify_bursts
from benchmarks.demo.cameras.subjects import Burst, deployments_csv, make_bursts
from benchmarks.demo.cameras.workflow import camera_versions, cameras
from benchmarks.demo.export_form import Cell, export_text
from benchmarks.demo.project import Volunteer, make_volunteers
from benchmarks.demo.rows import classification_rows, subject_rows, subject_statuses, workflow_rows
from benchmarks.demo.workflow import Workflow
from zoo_dag.tables.layouts import LAYOUTS, Kind

SEED = 20_250_605
FIRST_CLASSIFICATION_ID = 600_100_001


def make_cameras(volunteers: list[Volunteer]) -> tuple[Workflow, list[Burst], list[Named]]:
    """The workflow, its subjects and its classifications; always the same for the same volunteers."""
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    versions, bursts = camera_versions(), make_bursts(random)
    return cameras(versions), bursts, classify_bursts(versions, bursts, volunteers, random)


def generate() -> dict[str, str]:
    """The texts of the three exports, in a folder `exports`, and of `deployments.csv`: this workflow alone."""
    workflow, bursts, items = make_cameras(make_volunteers(Random(SEED)))  # noqa: S311
    statuses = subject_statuses(workflow, bursts, items)
    rows: dict[Kind, list[dict[str, Cell]]] = {
        "classifications": list(classification_rows(workflow, items, statuses, FIRST_CLASSIFICATION_ID)),
        "subjects": list(subject_rows(workflow, bursts, statuses)),
        "workflows": list(workflow_rows(workflow, statuses.values())),
    }
    texts = {f"exports/{kind}.csv": export_text(layout, rows[kind]) for kind, layout in LAYOUTS.items()}
    return {**texts, "deployments.csv": deployments_csv()}
