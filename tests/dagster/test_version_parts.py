"""Large versions that are built in parts, each in a run of its own: the same tables, byte for byte."""

import datetime
from pathlib import Path

import pytest

import zoo_dag
from tests.builders import (
    answer,
    classification_row,
    metadata,
    question,
    question_strings,
    workflow_row,
    write_classifications,
    write_workflows,
)
from tests.dagster.daemon import Daemon, daemon
from tests.dagster_project import run_all
from zoo_dag.consensus import subject_ranges
from zoo_dag.dagster.partitions import VERSION_PARTS, registered
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.dagster.version_parts import store_part
from zoo_dag.errors import TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

# These have the time of the import.
OF_THIS_IMPORT = {"imports", "accounting", "quarantine"}
DEFINED, LEARNED, SMALL = "11-v3.10", "12-v1.1", "11-v3.11"
N_ROWS = 40


def classification(number: int, **overrides: object) -> dict:
    """A classification with a question, a text and marks; every ninth cannot be read."""
    marks = [{"tool": 0, "frame": 0, "x": 10.0 * mark + number % 4, "y": 5.0, "details": []} for mark in (1, 2)]
    tasks = [
        answer(value="Yes" if number % 3 else "No"),
        {"task": "T1", "task_label": "What is its name?", "value": f"Robin {number % 5}"},
        {"task": "T2", "task_label": "Mark it", "value": marks},
    ]
    row = {"subject_ids": str(100 + number % 7), "annotations": "[{" if number % 9 == 8 else tasks}
    return classification_row(number, **{**row, **overrides})


def of_workflow() -> list[dict]:
    """The rows of a version in which early rows decide about late ones, and late ones about early ones."""
    early = [classification(number) for number in range(1, N_ROWS - 5)]
    # Before the launch, as only the last row shows.
    early[0] |= {"metadata": metadata(live_project=False)}
    sent_again = early[1] | {"classification_id": 2001}
    # The same volunteer under a new name, and again the same subject.
    repeated = early[2] | {
        "classification_id": 2002,
        "user_name": "renamed",
        "created_at": "2024-03-06 01:00:00 UTC",
    }
    repeated["metadata"] = metadata(session="later")
    # The start of a session that lasts: the time since the classification before.
    start = early[3]["metadata"]
    goes_on = classification(2003, user_id=7004, metadata=start | {"finished_at": "2024-03-05T02:00:00.000Z"})
    return [*early, sent_again, repeated, goes_on, classification(2004)]


def exports(place: Path) -> tuple[Path, ...]:
    large = of_workflow()
    small = [classification(number, workflow_version="3.11") for number in range(3001, 3004)]
    undefined = [classification(number, workflow_id=12, workflow_version="1.1") for number in range(4001, 4021)]
    tools = [{"type": "point", "label": "T2.tools.0.label", "details": []}]
    tasks = {
        "T0": question(),
        "T1": {"type": "text", "instruction": "T1.instruction", "help": "T1.help"},
        "T2": {"type": "drawing", "instruction": "T2.instruction", "help": "T2.help", "tools": tools},
    }
    texts = {"T1.instruction": "What is its name?", "T2.instruction": "Mark it", "T2.tools.0.label": "Wing"}
    strings = question_strings() | texts
    definitions = [workflow_row(3, minor, tasks=tasks, strings=strings) for minor in (10, 11)]
    rows = [*large, *small, *undefined]
    return (
        write_classifications(place / "c.csv", rows),
        write_workflows(place / "w.csv", definitions),
    )


def stored(folder: DataFolder) -> dict[str, bytes]:
    """All files of tables, hidden ones as well, but for those that name the time of the import."""
    tables = folder.root / "tables"
    files = (path for path in tables.rglob("*.parquet") if path.stem not in OF_THIS_IMPORT)
    return {str(path.relative_to(tables)): path.read_bytes() for path in files}


@pytest.fixture
def automatic(folder: DataFolder):
    with daemon(folder, datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)) as running:
        yield running


def settle(running: Daemon) -> list[set[tuple[str, str | None]]]:
    """Execute what the automation requests, until it comes to rest: jobs and partitions by evaluation."""
    ticks = []
    while requests := running.evaluate("automation"):
        ticks.append({(each.job_name, each.partition_key) for each in requests})
        assert all(running.execute(each).success for each in requests)
    return ticks


def parts(version: str, count: int) -> set[tuple[str, str]]:
    return {("version_part", f"{version}-part-{number}-of-{count}") for number in range(1, count + 1)}


def test_parts_in_runs_of_their_own_give_the_tables_of_one_run(
    automatic: Daemon, folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_ranges, "ROWS_AT_ONCE", 30)
    files = exports(tmp_path)
    whole = DataFolder(tmp_path / "whole")
    assert run_all(whole, Request(files)).failures == []
    expected = stored(whole)
    reasons = zoo_dag.scan("classifications", whole.root).collect()["excluded"]
    assert {"network_duplicate", "repeat", "pre_launch"} <= set(reasons)
    assert zoo_dag.scan("quarantine", whole.root).collect().height > N_ROWS // 10

    folder.root.mkdir(exist_ok=True)
    (folder.root / "zoo_dag.toml").write_text("[running]\nrows_per_run = 16\n")
    read = automatic.definitions.resolve_job_def("import_exports")
    for file in files:
        (folder.inbox / file.name).parent.mkdir(parents=True, exist_ok=True)
        (folder.inbox / file.name).write_bytes(file.read_bytes())
    assert read.execute_in_process(instance=automatic.instance, run_config={"loggers": {"progress": {}}}).success
    of_parts = parts(DEFINED, 3) | parts(LEARNED, 2)
    assert registered(automatic.instance, VERSION_PARTS) == [key for _, key in sorted(of_parts)]

    own = {("one_version", DEFINED), ("one_version", LEARNED)}
    assert settle(automatic) == [
        own | {("one_version", SMALL)},
        of_parts,
        # Without definitions the types of tasks are learned of all rows: it is flattened in the same run.
        own,
        of_parts,
        own,
        parts(DEFINED, 3) | {("pooled_only", "12")},
        {("one_version", DEFINED)},
        {("pooled_only", "11")},
        {("row_accounting", None)},
    ]
    assert stored(folder).keys() == expected.keys()
    assert [name for name, content in stored(folder).items() if content != expected[name]] == []

    # One table alone, by the command line.
    folder.tables.remove(TABLES["text_consensus"], DEFINED)
    assert run_all(DataFolder(folder.root), Request(())).failures == []
    assert stored(folder) == expected


def test_a_table_that_is_not_made_of_parts_is_named(folder: DataFolder) -> None:
    with pytest.raises(TableError, match=r"^No parts are made of nothing, tasks\.$"):
        store_part(folder, f"{DEFINED}-part-1-of-2", ["classifications", "tasks", "nothing"])
