"""Tables of another version of zoo_dag, and damaged files: never misread, always rebuilt or explained."""

import dataclasses
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import zoo_dag
from tests.builders import write_export
from tests.dagster_project import run_all, votes
from zoo_dag.cli import main as cli
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.errors import TableError, ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.columns import count

KEYS = {"workflow_version": "10-v3.2", "workflow": "10", None: None}
# Of each kind of partition, and the first and the last stage.
REBUILT = ["subjects", "classifications", "question_consensus", "subject_summary"]


def key_of(table: Table) -> str | None:
    return KEYS[table.partition]


def stored(folder: DataFolder, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder.tables.path(TABLES[name], key_of(TABLES[name])))


def rewrite(folder: DataFolder, name: str, *changes: pl.Expr | str) -> None:
    """Store a table with other columns: a name is dropped, an expression is added or takes its name's place."""
    table = TABLES[name]
    path = folder.tables.path(table, key_of(table))
    metadata = folder.tables.metadata(table, key_of(table))
    frame = pl.read_parquet(path)
    for change in changes:
        frame = frame.drop(change) if isinstance(change, str) else frame.with_columns(change)
    frame.write_parquet(path, metadata=metadata)


def again(folder: DataFolder) -> Outcome:
    """Run without an export, in a process that has seen nothing before."""
    return run_all(DataFolder(folder.root), Request(()))


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        (("tied",), "it lacks the column tied"),
        ((pl.col("votes").cast(pl.String),), "its column votes is String, expected Int64"),
        ((pl.lit(1).alias("mood"),), "its column mood is unknown"),
        (
            ("tied", pl.col("rank").cast(pl.Int64), pl.lit(1).alias("mood")),
            "it lacks the column tied, its column rank is Int64, expected Int32, its column mood is unknown",
        ),
    ],
    ids=["a column less", "another type", "a column more", "all of these"],
)
def test_a_table_with_other_columns_is_not_read_and_the_sentence_says_what_to_do(imported, changes, difference):
    rewrite(imported, "question_consensus", *changes)
    sentence = (
        f"The table question_consensus of 10-v3.2 was written by another version of zoo_dag: {difference}. "
        f"Rebuild it: zoo-dag run --data {imported.root}"
    )
    with pytest.raises(TableError) as raised:
        zoo_dag.scan("question_consensus", imported.root)
    assert str(raised.value) == sentence


class _OfOldCode(Table):
    """A table whose older code filled a column that is gone."""

    def conform(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        return super().conform(frame.with_columns(of_old=pl.lit(7)))


def older(table: Table) -> Table:
    """The table as an older zoo_dag declared it: without its last column, and with one that is gone."""
    columns = dict(table.columns)
    columns.popitem()
    fields = {field.name: getattr(table, field.name) for field in dataclasses.fields(table)}
    return _OfOldCode(**{**fields, "columns": {**columns, "of_old": count("A column that is gone")}})


# The last one is not built while a column of those before it is missing.
@pytest.mark.parametrize("names", [REBUILT[:-1], REBUILT[-1:]], ids=lambda names: names[0])
def test_tables_of_another_zoo_dag_are_rebuilt_as_if_they_were_new(imported, fresh, monkeypatch, names):
    folder = imported
    with monkeypatch.context() as other_version:
        for name in names:
            other_version.setitem(TABLES, name, older(TABLES[name]))
        again(folder)
    for name in names:
        assert "of_old" in stored(folder, name).columns, name
        if not TABLES[name].open_ended:
            with pytest.raises(TableError, match="of_old is unknown"):
                folder.tables.scan(TABLES[name], key_of(TABLES[name]))
    assert again(folder).failures == []
    for name in names:
        assert stored(folder, name).equals(stored(fresh, name)), name
        assert stored(folder, name).schema == stored(fresh, name).schema, name


def test_only_stale_tables_are_rebuilt(imported):
    rewrite(imported, "question_consensus", "tied")
    outcome = again(imported)
    assert outcome.versions == ["10-v3.2", "10-v3.9"]
    assert outcome.changed == ["10-v3.2"]
    assert zoo_dag.scan("question_consensus", imported.root).collect().height == 3
    assert again(imported).changed == []


def test_a_table_with_its_columns_in_another_order_is_read(imported):
    before = stored(imported, "question_consensus")
    rewrite(imported, "question_consensus", "task", pl.lit("T0").alias("task"))
    assert stored(imported, "question_consensus").columns != before.columns
    assert zoo_dag.scan("question_consensus", imported.root, version="3.2").collect().equals(before)


def test_versions_that_are_out_of_date_are_not_pooled_with_those_that_are_not(imported):
    rewrite(imported, "question_annotations", pl.lit(1).alias("mood"))
    imported.tables.remove(TABLES["pooled_question_consensus"], "10")
    outcome = run_all(imported, Request((), version="3.9"))
    assert outcome.failures == []
    assert stored(imported, "pooled_question_consensus")["versions"].to_list() == [["3.9"]]
    assert again(imported).changed == ["10-v3.2"]
    assert stored(imported, "pooled_question_consensus")["versions"].to_list() == [["3.2", "3.9"]] * 2


def test_records_of_imports_cannot_be_rebuilt_and_are_read_as_they_are(imported, tmp_path):
    rewrite(imported, "imports", "encoding", pl.lit("x").alias("weather"), pl.col("n_rows").cast(pl.Int32))
    rewrite(imported, "raw_quarantine", "found")
    read = imported.tables.scan(TABLES["imports"]).collect()
    assert read.schema == TABLES["imports"].dtypes
    assert sorted(read["n_rows"]) == [1, 1, 4]
    assert read["encoding"].to_list() == [None, None, None]
    more = write_export(tmp_path / "more.csv", votes("3.2", ["No"], 50))
    assert run_all(imported, Request((more,))).failures == []
    assert stored(imported, "imports")["encoding"].to_list() == [None, None, None, "utf-8"]
    assert stored(imported, "raw_quarantine").schema == TABLES["raw_quarantine"].dtypes


def test_a_raw_table_of_a_time_when_the_export_had_fewer_columns_is_completed(imported):
    rewrite(imported, "raw_subjects", "locations")
    assert zoo_dag.scan("raw_subjects", imported.root).collect()["locations"].to_list() == [None]
    imported.tables.remove(TABLES["subjects"])
    assert again(imported).failures == []
    assert stored(imported, "subjects")["n_frames"].to_list() == [None]


def cut(folder: DataFolder, name: str) -> Path:
    """Damage a file as a full disk or a broken copy does: its end is missing."""
    path = folder.tables.path(TABLES[name], key_of(TABLES[name]))
    path.write_bytes(path.read_bytes()[:-50])
    return path


def test_damaged_tables_are_reported_and_rebuilt(imported):
    names = [*REBUILT, "accounting", "quarantine"]
    before = {name: stored(imported, name) for name in names}
    for name in names:
        path = cut(imported, name)
        with pytest.raises(TableError) as raised:
            imported.tables.scan(TABLES[name], key_of(TABLES[name]))
        assert str(raised.value).startswith(f"{path} is damaged and cannot be read (")
        assert str(raised.value).endswith(f"Delete it, and rebuild it: zoo-dag run --data {imported.root}")
    assert again(imported).failures == []
    for name in names:
        assert stored(imported, name).equals(before[name]), name


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        (
            "raw_classifications",
            "Forget the version, then import the exports again: zoo-dag forget 10 --version 3.2",
        ),
        ("raw_subjects", "Delete it, and import the subjects export again: zoo-dag run subjects.csv --data"),
        ("imports", "Delete it, and import the exports again."),
    ],
)
def test_a_damaged_table_that_cannot_be_rebuilt_says_how_to_restore_it(imported, name, remedy):
    path = cut(imported, name)
    with pytest.raises(ZooDagError) as raised:
        imported.tables.metadata(TABLES[name], key_of(TABLES[name]))
    assert str(path) in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize("name", ["raw_subjects", "imports", "raw_quarantine"])
def test_a_raw_table_that_was_deleted_comes_back_with_its_export(imported, exports, fresh, name):
    cut(imported, name).unlink()
    subjects = exports[1]
    assert run_all(imported, Request((subjects,), replace=True)).failures == []
    assert stored(imported, "subjects").equals(stored(fresh, "subjects"))
    assert imported.versions() == fresh.versions()
    assert again(imported).changed == []


def flip(folder: DataFolder, name: str) -> Path:
    """Damage a file inside, where only reading its rows finds it."""
    path = folder.tables.path(TABLES[name], key_of(TABLES[name]))
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)
    return path


def zoo(*arguments: object):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def test_an_export_of_a_table_that_is_damaged_inside_names_the_file(imported, tmp_path):
    path = flip(imported, "question_consensus")
    result = zoo("export", "question_consensus", "--data", imported.root, "--to", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert f"Error: {path} is damaged" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_run_over_a_table_that_is_damaged_inside_names_the_file(imported):
    path = flip(imported, "raw_classifications")
    imported.tables.remove(TABLES["classifications"], "10-v3.2")
    result = zoo("run", "--data", imported.root)
    assert f"Failed: {path} is damaged and cannot be read (" in result.output


def test_the_listing_counts_what_can_be_read_and_explains_the_rest(imported, capsys, monkeypatch):
    monkeypatch.setattr(cli, "_output", cli.Terminal(width=200))
    cut(imported, "question_consensus")
    result = zoo("tables", "--data", imported.root)
    printed = result.output + capsys.readouterr().out
    (line,) = [line for line in printed.splitlines() if " question_consensus " in line]
    assert line.split()[1:4] == ["question_consensus", "1", "2"]
    assert "is damaged" in result.stderr


def test_a_run_without_exports_into_an_empty_folder_asks_for_exports(folder):
    result = zoo("run", "--data", folder.root)
    assert result.exit_code == 2
    assert "Nothing was imported into" in result.stderr
    assert f"zoo-dag run EXPORT… --data {folder.root}" in result.stderr
    assert not (folder.root / "tables").exists()


def test_a_lost_dagster_home_is_restored_from_the_tables(imported, monkeypatch, tmp_path):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "another_home"))
    rewrite(imported, "question_consensus", "tied")
    outcome = again(imported)
    assert (outcome.versions, outcome.changed) == (["10-v3.2", "10-v3.9"], ["10-v3.2"])
