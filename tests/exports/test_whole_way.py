"""From exports to the tables of every stage."""

from pathlib import Path

import polars as pl
import pytest

from tests.builders import (
    anonymous,
    classification_row,
    subject_row,
    workflow_row,
    write_classifications,
    write_subjects,
    write_workflows,
)
from tests.dagster_project import instance_of, materializations, run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import ExportError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import FLATTENED, TABLES

BUILT = ("classifications", *FLATTENED, "question_consensus", "version_accounting")
RETIRED = {"workflow_id": 11, "retired_at": "2025-01-01T00:00:00.000Z", "classifications_count": 15}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    # The run sets this variable itself; set here too, it is restored after the test.
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "data" / "dagster_home"))
    return DataFolder(tmp_path / "data")


def content_hashes(folder: DataFolder) -> list[str]:
    return folder.tables.scan_all(TABLES["raw_versions"]).collect()["content_hash"].to_list()


def silent(_description: str, _done: int, _steps: int) -> None:
    """No progress is shown in tests."""


def test_a_header_alone_makes_every_table(folder: DataFolder, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_classifications(exports / "c.csv", [])
    write_subjects(exports / "s.csv", [])
    write_workflows(exports / "w.csv", [])
    outcome = run_all(folder, Request((exports,)))
    assert (outcome.failures, outcome.versions) == ([], [])
    for table in TABLES.values():
        # `forgotten` is written when something is forgotten.
        if not table.partition and table.name != "forgotten":
            assert dict(folder.tables.scan(table).collect_schema()) == dict(table.dtypes), table.name
    assert folder.tables.scan(TABLES["accounting"]).collect()["balanced"].all()
    assert folder.tables.scan_all(TABLES["question_consensus"]).collect().height == 0


def test_orphans_of_every_kind_get_their_consensus(folder: DataFolder, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    rows = [
        classification_row(1, subject_ids="999"),
        anonymous(2, subject_ids="999"),
        classification_row(3, workflow_id=12, workflow_version="1.1"),
        classification_row(4, annotations='[{"task":'),
        classification_row(5, workflow_version="oops"),
    ]
    write_classifications(exports / "c.csv", rows)
    write_subjects(exports / "s.csv", [subject_row(101, metadata={"name": "a", "#site": 1, "!date": 2})])
    write_workflows(exports / "w.csv", [workflow_row(3, 10)])
    outcome = run_all(folder, Request((exports,)))
    assert outcome.failures == []
    assert outcome.versions == ["11-v3.10", "12-v1.1"]
    consensus = folder.tables.scan_all(TABLES["question_consensus"]).collect()
    assert consensus.select("workflow_id", "subject_id", "answer", "votes").rows() == [
        (11, 999, "Yes", 2),
        (12, 101, "Yes", 1),
    ]
    quarantine = folder.tables.scan(TABLES["quarantine"]).collect().sort("source_row")
    assert quarantine.select("source_row", "column", "stage").rows() == [
        (4, "annotations", "parsed"),
        (5, "workflow_version", "raw"),
    ]
    accounting = folder.tables.scan(TABLES["accounting"]).collect()
    assert accounting["balanced"].all()
    of_classifications = pl.col("unit").str.contains("^(classifications )?rows")
    rows_of_stages = accounting.filter(of_classifications, pl.col("workflow_id").ne_missing(12))
    assert rows_of_stages.select("stage", "rows_in", "rows_out", "quarantined").rows() == [
        ("raw", 3, 3, 0),
        ("parsed", 3, 2, 1),
        ("raw", 1, 0, 1),
    ]
    with instance_of(folder) as instance:
        (event,) = materializations(instance, "subjects")
    assert event.metadata["metadata fields"].value == "name, #site (hidden), !date (hidden while classifying)"


def test_a_workflows_export_in_place_of_classifications_writes_nothing(folder: DataFolder, tmp_path: Path) -> None:
    path = write_workflows(tmp_path / "classifications.csv", [workflow_row()])
    with pytest.raises(ExportError, match=r"No classifications: .*classifications\.csv is a workflows export"):
        run_all(folder, Request((path,)))
    assert not folder.root.exists()


def test_an_import_rebuilds_a_version_where_a_cell_of_its_classifications_changed(
    folder: DataFolder, tmp_path: Path
) -> None:
    rows = [classification_row(1), classification_row(2), classification_row(3, workflow_version="3.11")]
    run_all(folder, Request((write_classifications(tmp_path / "0.csv", rows),)))
    before = content_hashes(folder)
    changes = (
        ({"user_ip": "ffff", "subject_data": {"101": {"retired": RETIRED, "name": "bird 101.jpg"}}}, None),
        ({"gold_standard": True}, ["gold_standard", None]),
    )
    for number, (change, excluded) in enumerate(changes, 1):
        rows[0] = rows[0] | change
        outcome = run_all(folder, Request((write_classifications(tmp_path / f"{number}.csv", rows),)))
        assert outcome.failures == []
        assert outcome.changed == ([] if excluded is None else ["11-v3.10"])
        after = content_hashes(folder)
        assert (before[0] == after[0], before[1] == after[1]) == (excluded is None, True)
        table = folder.tables.scan(TABLES["classifications"], "11-v3.10").collect()
        assert table["excluded"].to_list() == (excluded or [None, None])
        with instance_of(folder) as instance:
            built = [len(materializations(instance, name, "11-v3.10")) for name in BUILT]
        assert built == [1 if excluded is None else 2] * len(BUILT)
