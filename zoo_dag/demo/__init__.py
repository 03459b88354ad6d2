"""A small invented project with known truth: three export files as Zooniverse writes them, gold, and the truth.

Workflow 3141 asks questions about pictures. Workflow 3592, scanned field sheets, has nearly all other task types,
3777 bursts of camera traps, and 3901 grids of pictures.
`python -m benchmarks.demo` generates the files of this folder.
"""

import gzip
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from zoo_dag.settings.loading import SETTINGS_FILE

FILES = ("classifications.csv", "subjects.csv", "workflows.csv")
TRUTH = "truth.json"
GOLD = "gold.csv"
DEPLOYMENTS = "deployments.csv"
_SETTINGS = f"""\
# Of some subjects it is known what is right: docs/posteriors.md.
[volunteers]
gold = "{GOLD}"

# The field of the metadata with the text that volunteers correct.
[texts]
original = "machine_read"

# Pictures of a camera become events: docs/events.md.
[events]
deployment = ["site", "camera", "season"]
time = ["date", "time"]
time_format = "%m/%d/%Y %I:%M:%S %p"
deployments = "{DEPLOYMENTS}"
"""


@dataclass(frozen=True, slots=True)
class WorkflowTruth:
    """What is true about a workflow of the demo."""

    workflow_id: int
    versions: tuple[str, ...]
    classifications: dict[str, int]
    """Number of classifications, by version."""
    excluded: dict[str, int]
    """Number of classifications that do not count, by reason."""
    blanks: dict[str, int]
    """Number of answers left blank, by task; a task inside a combo has a separate key."""
    rows: dict[str, int]
    """Number of rows in the flattened tables, blanks included, by task."""
    answers: dict[str, list[dict[str, Any]]]
    """The right answers, by task: rows with `subject_id` and the columns of the consensus that they determine."""


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What is true about the workflows."""

    questions: WorkflowTruth
    sheets: WorkflowTruth
    cameras: WorkflowTruth
    grids: WorkflowTruth


def write_demo(folder: Path) -> DemoTruth:
    """Write `classifications.csv`, `subjects.csv` and `workflows.csv` to a folder, and return the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_bytes(_shipped(name))
    return TypeAdapter(DemoTruth).validate_json(_shipped(TRUTH))


def write_settings(data: Path) -> None:
    """Write the files that the demo's settings name to a data folder, and the settings where there are none.

    `gold.csv` says what is right about some subjects, `deployments.csv` when each camera stood where.
    """
    data.mkdir(parents=True, exist_ok=True)
    for name in (GOLD, DEPLOYMENTS):
        (data / name).write_bytes(_shipped(name))
    settings = data / SETTINGS_FILE
    if not settings.exists():
        settings.write_text(_SETTINGS, encoding="utf-8")


def _shipped(name: str) -> bytes:
    return gzip.decompress((files(__name__) / f"{name}.gz").read_bytes())
