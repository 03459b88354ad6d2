"""What a run brought: the rows that it read, and those that are new."""

from datetime import UTC, datetime

import orjson
import polars as pl
import pytest

from tests.checks.inputs import table
from zoo_dag.dagster.runs.brought import Before, Brought, FileRead, brought_since, stored_before
from zoo_dag.exports.reads import Reads
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


@pytest.fixture
def stored(folder: DataFolder) -> DataFolder:
    """A data folder after the import of a file with 30 rows of a version, 2 of which repeated another one."""
    store(folder, {"10-v1.1": Reads({"a": 30}, 2)}, ("a", {"10-v1.1": 30}))
    return folder


def store(folder: DataFolder, reads: dict[str, Reads], *files: tuple[str, dict[str, int]]) -> None:
    for key, read in reads.items():
        metadata = {"n_rows": str(read.n_read - read.n_merged), **read.metadata()}
        folder.tables.publish(TABLES["raw_classifications"], table("raw_classifications", {}), metadata, key)
    rows = [
        {
            "sha256": name,
            "source_file": f"{name}.csv",
            "kind": "classifications",
            "n_rows": sum(parts.values()),
            "rows_read": orjson.dumps(parts).decode(),
            "imported_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
        for name, parts in files
    ]
    folder.tables.publish(TABLES["imports"], table("imports", *rows), {})


def test_before_the_first_import_there_is_nothing(folder):
    assert stored_before(folder) == Before(0, {})


def test_a_cumulative_export_brings_only_its_new_rows(stored):
    before = stored_before(stored)
    assert before == Before(1, {"10-v1.1": 28})
    # All rows of the first file again, and five more; and a version that did not exist.
    store(
        stored,
        {"10-v1.1": Reads({"a": 30, "b": 35}, 2 + 30), "10-v1.2": Reads({"b": 4})},
        ("a", {"10-v1.1": 30}),
        ("b", {"10-v1.1": 35, "10-v1.2": 4}),
    )
    assert brought_since(stored, before, ()) == Brought(
        (FileRead("b.csv", "classifications", 39),),
        {"10-v1.1": 35, "10-v1.2": 4},
        {"10-v1.1": 5, "10-v1.2": 4},
    )


def test_rows_that_replace_removed_are_fewer(stored):
    before = stored_before(stored)
    store(stored, {"10-v1.1": Reads({"b": 20})}, ("a", {"10-v1.1": 30}), ("b", {"10-v1.1": 20}))
    assert brought_since(stored, before, ()).new == {"10-v1.1": -8}
    stored.tables.remove(TABLES["raw_classifications"], "10-v1.1")
    assert brought_since(stored, before, ()).new == {"10-v1.1": -28}


def test_an_import_of_nothing_brings_nothing(stored):
    assert brought_since(stored, stored_before(stored), ()) == Brought()


def test_imports_that_did_not_record_their_parts_are_files_without_rows_by_version(stored):
    imports = stored.tables.scan(TABLES["imports"]).with_columns(rows_read=pl.lit(None, pl.String)).collect()
    stored.tables.publish(TABLES["imports"], imports.lazy(), {})
    brought = brought_since(stored, Before(0, {"10-v1.1": 28}), ())
    assert (brought.files, brought.read, brought.new) == (
        (FileRead("a.csv", "classifications", 30),),
        {},
        {},
    )
