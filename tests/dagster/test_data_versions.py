"""Data versions change with everything that a table shows."""

from pathlib import Path

from tests.builders import question, question_strings, workflow_row, write_export
from tests.exports.raw_project import RawProject
from zoo_dag.dagster.data_versions import tasks_versioned
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES


def tasks_and_version(place: Path, first_task: str) -> tuple[list[str], str]:
    """The task keys in their order, and the data version, of a workflow of two questions."""
    definition = {
        "tasks": {"T0": question("T0"), "T1": question("T1")},
        "strings": question_strings("T0") | question_strings("T1"),
        "first_task": first_task,
    }
    project = RawProject(place)
    project.add(write_export(place.with_suffix(".csv"), [workflow_row(3, 10, **definition)]))
    workflows, _ = parse_workflows(project.table("raw_workflows"))
    project.files.publish(TABLES["workflow_versions"], workflows.lazy(), {})
    tasks = tasks_versioned(DataFolder(place), ["11-v3.10"], "1")["11-v3.10"]
    return tasks.frame.lazy().collect()["task"].unique(maintain_order=True).to_list(), tasks.metadata[DATA_VERSION]


def test_the_version_of_tasks_changes_with_their_order(tmp_path: Path) -> None:
    order, version = tasks_and_version(tmp_path / "one", "T0")
    other_order, other_version = tasks_and_version(tmp_path / "other", "T1")
    assert (order, other_order) == (["T0", "T1"], ["T1", "T0"])
    assert version != other_version
    assert (order, version) == tasks_and_version(tmp_path / "again", "T0")
