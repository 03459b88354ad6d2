"""A new task type goes all the way: from a raw export to every table, check and page, by its declaration alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from tests.builders import classification_row, question, question_strings, workflow_row, write_export
from tests.dagster_project import materializations
from tests.plots.samples import caption, image
from zoo_dag.dagster.instance import open_instance
from zoo_dag.store.data_folder import DataFolder

ROOT = Path(__file__).parents[3]
OLDER, NEWER = ("none", "poor", "fair", "good", "great!"), ("None", "Poor", "Fair", "Good", "Great")


def rated(number: int, subject: int, *stars: Any, version: str = "3.10") -> dict[str, Any]:
    """A classification that rates a subject, once or several times."""
    elements = [{"task": "T0", "task_label": "How good?", "value": value} for value in stars]
    return classification_row(number, subject_ids=str(subject), workflow_version=version, annotations=elements)


CLASSIFICATIONS = [
    rated(1, 101, 4, version="3.9"),
    rated(2, 101, 4, version="3.9"),
    rated(3, 101, 2),
    rated(4, 101, None),
    rated(5, 101, "many"),
    rated(6, 101, 9),
    rated(7, 102, None),
    rated(8, 103, 1, 3),
    rated(9, 103, 3),
    rated(10, 103, 3),
    # An element without a task can be in no table.
    classification_row(11, subject_ids="103", annotations=[{"value": 4}, {"task": "T0", "value": 0}]),
]


def workflow(minor: int, labels: tuple[str, ...]) -> dict[str, Any]:
    tasks = {"T0": question(answers=len(labels), kind="rating")}
    return workflow_row(3, minor, tasks=tasks, strings=question_strings("T0", "How good?", labels))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder after a run over the exports, by the command line with ratings."""
    folder = tmp_path_factory.mktemp("ratings")
    write_export(folder / "classifications.csv", CLASSIFICATIONS)
    write_export(folder / "workflows.csv", [workflow(9, OLDER), workflow(10, NEWER)])
    (folder / "data").mkdir()
    (folder / "data" / "zoo_dag.toml").write_text("[checks]\nshare_of_at_least = 1\n")
    exports = [str(folder / f"{kind}.csv") for kind in ("classifications", "workflows")]
    command = [sys.executable, "-m", "tests.task_types.ratings.launch", "run", *exports]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"} | {
        "PYTHONPATH": path
    }
    done = subprocess.run(  # noqa: S603
        [*command, "--data", str(folder / "data")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "data"


@pytest.fixture(scope="module")
def instance(data: Path) -> Iterator[dg.DagsterInstance]:
    """What Dagster's pages show of the run."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DAGSTER_HOME", raising=False)
        with open_instance(DataFolder(data)) as instance:
            yield instance


def stored(data: Path, table: str, key: str, *columns: str) -> list[tuple[Any, ...]]:
    return pl.read_parquet(data / "tables" / table / f"{key}.parquet").select(columns).rows()


def test_each_element_is_a_row_of_the_flattened_table(data: Path) -> None:
    columns = ("classification_id", "task_type", "task_revision", "status", "stars", "label")
    shared = ("rating", "T0@3.9")
    assert stored(data, "rating_annotations", "11-v3.10", *columns) == [
        (1003, *shared, "answered", 2, "Fair"),
        (1004, *shared, "blank", None, None),
        (1005, *shared, "malformed", None, '"many"'),
        (1006, *shared, "unknown_label", 9, None),
        (1007, *shared, "blank", None, None),
        (1008, *shared, "answered", 1, "Poor"),
        (1008, *shared, "answered", 3, "Good"),
        (1009, *shared, "answered", 3, "Good"),
        (1010, *shared, "answered", 3, "Good"),
        (1011, *shared, "answered", 0, "None"),
    ]
    assert stored(data, "rating_annotations", "11-v3.9", "stars", "label") == [(4, "great!"), (4, "great!")]
    assert stored(data, "other_annotations", "11-v3.10", "value") == []


CONSENSUS = (
    "subject_id",
    "n_classifications",
    "n_blank",
    "n_volunteers",
    "label",
    "mean",
    "lowest",
    "highest",
    "agreement",
    "n_answered",
)


def test_the_consensus_of_a_version_counts_only_its_votes(data: Path) -> None:
    assert stored(data, "rating_consensus", "11-v3.10", *CONSENSUS) == [
        (101, 4, 1, 4, "Fair", 2.0, 2, 2, 1.0, 1),
        (102, 1, 1, 1, None, None, None, None, None, 0),
        (103, 4, 0, 4, "Good", 2.25, 0, 3, 0.75, 4),
    ]


def test_the_pooled_consensus_counts_those_of_all_versions_under_the_newest_labels(data: Path) -> None:
    assert stored(data, "pooled_rating_consensus", "11", "versions", *CONSENSUS) == [
        (["3.9", "3.10"], 101, 6, 1, 6, "Great", 10 / 3, 2, 4, 2 / 3, 3),
        (["3.10"], 102, 1, 1, 1, None, None, None, None, None, 0),
        (["3.10"], 103, 4, 0, 4, "Good", 2.25, 0, 3, 0.75, 4),
    ]


def test_the_summary_of_subjects_has_the_columns_of_the_task(data: Path) -> None:
    columns = ("subject_id", "n_classifications", "T0_stars", "T0_agreement", "T0_reached")
    assert stored(data, "subject_summary", "11", *columns) == [
        (101, 6, 10 / 3, 2 / 3, True),
        (102, 1, None, None, False),
        (103, 4, 2.25, 0.75, True),
    ]


def test_the_row_accounting_is_balanced_and_counts_the_ratings(data: Path) -> None:
    accounting = pl.read_parquet(data / "tables" / "accounting.parquet")
    assert accounting["balanced"].all()
    elements = (
        accounting.filter(unit="elements").select("workflow_version", "rows_in", "rows_out", "quarantined").rows()
    )
    assert elements == [("3.9", 2, 2, 0), ("3.10", 11, 10, 1)]


def newest(instance: dg.DagsterInstance, table: str, key: str) -> dict[str, Any]:
    return dict(materializations(instance, table, key)[0].metadata)


def test_the_pages_show_its_numbers_plots_preview_and_columns(instance: dg.DagsterInstance) -> None:
    of_version = newest(instance, "rating_consensus", "11-v3.10")
    assert (of_version["subjects"].value, of_version["mean_stars"].value) == (3, 2.125)
    assert caption(of_version["agreement"].value).startswith("Agreement on 2 pairs of subject and task")
    assert image(of_version["most frequent"].value).tag.endswith("svg")
    annotations = newest(instance, "rating_annotations", "11-v3.10")
    assert annotations["share_not_understood"].value == 0.2
    assert annotations["preview"].value.splitlines()[0].startswith("| subject_ids | task | stars | label |")
    summary = newest(instance, "subject_summary", "11")
    described = {column.name: column for column in summary["dagster/column_schema"].value.columns}
    assert described["T0_stars"].description.startswith(
        "Task T0. Mean of the stars. From [pooled_rating_consensus]"
    )
    made_from = summary["dagster/column_lineage"].value.deps_by_column["T0_stars"]
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in made_from] == [
        ("pooled_rating_consensus", "mean")
    ]
    assert "`2.25`" in summary["preview"].value


def test_its_checks_were_made(instance: dg.DagsterInstance) -> None:
    evaluations = {}
    for run in instance.get_runs():
        for record in instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
        ).records:
            found = record.event_log_entry.dagster_event.asset_check_evaluation_data
            evaluations[found.asset_key.to_user_string(), found.check_name] = found
    consistent = evaluations["rating_consensus", "is_consistent"]
    assert (consistent.passed, consistent.metadata["broken rules"].value) == (True, 0)
    assert evaluations["pooled_rating_consensus", "is_consistent"].passed
    assert evaluations["subject_summary", "is_consistent"].passed
    known = evaluations["rating_annotations", "answers_are_known"]
    assert not known.passed
    assert (
        "11-v3.10: More than 1 % of the answers cannot be read: task `T0` 1 unknown and 1 malformed of 8, "
        'such as `"many"`.'
    ) in known.description


def test_the_example_of_the_docs_is_this_task_type() -> None:
    page = (ROOT / "docs" / "task_types.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    here = Path(__file__).parent
    assert blocks == [(here / name).read_text(encoding="utf-8") for name in ("__init__.py", "tables.py")]
