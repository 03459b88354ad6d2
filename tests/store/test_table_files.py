"""Tables on disk are published atomically: a query that fails leaves the previous table, and nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from zoo_dag.errors import AccessError, TableError
from zoo_dag.store.file_errors import StoredFile, reading_error
from zoo_dag.store.table_files import TableFiles, table_named
from zoo_dag.tables import TABLES

SUBJECTS = TABLES["subjects"]
TASKS = TABLES["tasks"]


@pytest.fixture
def files(tmp_path: Path) -> TableFiles:
    return TableFiles(tmp_path / "tables")


def subjects(*ids: int) -> pl.LazyFrame:
    return pl.concat([SUBJECTS.empty(), pl.DataFrame({"subject_id": ids})], how="diagonal").lazy()


def tasks(*names: str, rows: int = 1) -> pl.LazyFrame:
    frame = pl.DataFrame({"task": [name for name in names for _ in range(rows)]})
    return pl.concat([TASKS.empty(), frame], how="diagonal").lazy()


def failing(frame: pl.LazyFrame) -> pl.LazyFrame:
    """A frame that returns some rows and then fails."""

    def fail(batch: pl.DataFrame) -> pl.DataFrame:
        raise ValueError("the query failed on purpose")

    return frame.map_batches(fail)


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_table_lies_where_the_design_says(files: TableFiles) -> None:
    assert files.publish(SUBJECTS, subjects(1), {}) == files.root / "subjects.parquet"
    assert files.publish(TASKS, tasks("T0"), {}, "11-v3.10") == files.root / "tasks" / "11-v3.10.parquet"
    assert everything(files.root) == ["subjects.parquet", "tasks/11-v3.10.parquet"]


def test_parts_of_a_version_are_hidden_until_they_are_removed(files: TableFiles) -> None:
    keys = ["11-v3.10-part-1-of-2", "11-v3.10-part-2-of-2"]
    for key in (*keys, "11-v3.1-part-1-of-2", "11-v3.1"):
        files.publish(TASKS, tasks(key), {"data_version": key}, key)
    assert files.path(TASKS, keys[0]) == files.root / "tasks" / ".11-v3.10-part-1-of-2.parquet"
    assert (files.keys(TASKS), files.drafts()) == (["11-v3.1"], [])
    assert files.scan_all(TASKS, keys).collect()["task"].to_list() == keys
    assert files.data_version(TASKS, keys[1]) == keys[1]
    damaged = files.path(TASKS, keys[1])
    damaged.write_bytes(damaged.read_bytes()[:-9])
    (sentence,) = files.damage([SUBJECTS, TASKS])
    assert sentence.startswith(f"{damaged} is damaged and cannot be read (")
    assert " Delete it, and rebuild it: zoo-dag run --data " in sentence
    files.remove_parts(TASKS, lambda version: version == "11-v3.10")
    assert files.parts(TASKS) == ["11-v3.1-part-1-of-2"]


def test_what_was_stored_is_read_again(files: TableFiles) -> None:
    files.publish(SUBJECTS, subjects(2, 1), {"data_version": "a", "rows": "2"})
    assert files.scan(SUBJECTS).collect().equals(subjects(2, 1).collect())
    assert files.metadata(SUBJECTS) == {"data_version": "a", "rows": "2"}
    assert files.metadata(TASKS, "11-v3.10") == {}


def test_a_table_that_is_not_stored_has_no_data_version(files: TableFiles) -> None:
    assert (files.data_version(SUBJECTS), files.data_version(TASKS, "11-v3.10")) == ("", "")
    files.publish(SUBJECTS, subjects(1), {"data_version": "a"})
    files.publish(TASKS, tasks("T0"), {"data_version": "b"}, "11-v3.10")
    files.publish(TASKS, tasks("T0"), {}, "11-v3.9")
    assert files.data_version(SUBJECTS) == "a"
    assert [files.data_version(TASKS, key) for key in ("11-v3.10", "11-v3.9")] == ["b", ""]


@pytest.mark.parametrize(
    ("table", "key", "related"),
    [
        ("subjects", "11-v3.10", [None]),
        ("subjects", None, [None]),
        ("tasks", "11-v3.11", ["11-v3.11"]),
        ("tasks", "11", ["11-v3.9", "11-v3.10"]),
        ("tasks", "13", []),
        ("tasks", None, ["11-v3.9", "11-v3.10", "12-v1.1"]),
        ("subject_summary", "12", ["12"]),
        ("subject_summary", "11-v3.10", ["11"]),
        ("subject_summary", None, ["2", "11"]),
    ],
)
def test_partitions_of_one_table_belong_to_those_of_another(
    files: TableFiles, table: str, key: str | None, related: list[str | None]
) -> None:
    for stored in ("11-v3.10", "11-v3.9", "12-v1.1"):
        files.publish(TASKS, tasks("T0"), {}, stored)
    for workflow in ("11", "2"):
        files.publish(TABLES["subject_summary"], TABLES["subject_summary"].empty().lazy(), {}, workflow)
    assert files.related_keys(TABLES[table], key) == related


def test_a_query_that_fails_leaves_the_previous_table_and_no_debris(files: TableFiles) -> None:
    before = files.publish(SUBJECTS, subjects(1, 2), {"data_version": "a"}).read_bytes()
    for broken, error in (
        (failing(subjects(3)), ValueError),
        (subjects(3).select("no such column"), pl.exceptions.ColumnNotFoundError),
    ):
        with pytest.raises(error):
            files.publish(SUBJECTS, broken, {"data_version": "b"})
    assert files.path(SUBJECTS).read_bytes() == before
    assert everything(files.root) == ["subjects.parquet"]


def test_a_query_that_fails_after_many_rows_leaves_no_table_where_there_was_none(files: TableFiles) -> None:
    many = pl.LazyFrame({"task": ["1"] * 200_000 + ["x"]})
    with pytest.raises(pl.exceptions.InvalidOperationError):
        files.publish(TASKS, many.select(pl.col("task").cast(pl.Int64)), {}, "11-v3.10")
    assert everything(files.root) == []
    assert not files.exists(TASKS, "11-v3.10")


def test_a_table_may_be_built_from_itself(files: TableFiles) -> None:
    files.publish(SUBJECTS, subjects(1), {})
    files.publish(SUBJECTS, pl.concat([files.scan(SUBJECTS), subjects(2)]), {})
    assert files.scan(SUBJECTS).collect()["subject_id"].to_list() == [1, 2]


def test_the_same_rows_give_the_same_bytes(files: TableFiles, tmp_path: Path) -> None:
    rows = tasks("T0", "T1", rows=60_000)
    one = files.publish(TASKS, rows, {"b": "2", "a": "1"}, "11-v3.10").read_bytes()
    other = TableFiles(tmp_path / "other").publish(TASKS, rows, {"a": "1", "b": "2"}, "11-v3.10").read_bytes()
    assert one == other


@pytest.mark.parametrize("name", ["subjects", "raw_subjects"])
def test_a_query_reads_the_table_as_it_was_when_it_was_opened(name: str, tmp_path: Path) -> None:
    """Polars opens a path again for the rows, and would read a new file by the places of the previous one."""
    table, files = TABLES[name], TableFiles(tmp_path / "tables")
    few, many = (
        pl.concat([table.empty(), pl.DataFrame({"subject_id": ids})], how="diagonal_relaxed").lazy()
        for ids in (map(str, range(10)), map(str, range(1000, 60_000)))
    )
    few, many = table.conform(few.cast(dict(table.dtypes))), table.conform(many.cast(dict(table.dtypes)))
    files.publish(table, few, {})
    before = zoo_dag.scan(name, tmp_path)
    files.publish(table, many, {})
    after = zoo_dag.scan(name, tmp_path)
    files.remove(table)
    assert before.collect().equals(few.collect())
    assert after.collect().equals(many.collect())


def test_more_files_may_be_open_than_a_shell_allows(tmp_path: Path) -> None:
    table, files = TABLES["tasks"], TableFiles(tmp_path / "tables")
    file = files.publish(table, tasks("T0"), {}, "11-v1.1")
    for minor in range(2, 300):
        shutil.copy(file, files.path(table, f"11-v1.{minor}"))
    code = (
        "import resource, zoo_dag\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))\n"
        f"print(zoo_dag.scan('tasks', {str(tmp_path)!r}).collect().height)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603
    assert done.stdout == b"299\n"


def test_partitions_are_read_in_order_where_few_files_may_be_open(tmp_path: Path) -> None:
    table, files = TABLES["tasks"], TableFiles(tmp_path / "tables")
    for minor in range(300):
        first = f"11-v1.{minor % 3}"
        if minor < 3:
            # The first has no rows.
            files.publish(table, tasks(*[f"T{minor}"] * bool(minor)), {}, first)
        else:
            shutil.copy(files.path(table, first), files.path(table, f"11-v1.{minor}"))
    code = (
        "import os, pathlib, resource, zoo_dag\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        f"def scan(): return zoo_dag.scan('tasks', {str(tmp_path)!r})\n"
        "tables = [scan() for _ in range(3)]\n"
        "print(*{''.join(each.collect()['task']) for each in tables})\n"
        "from zoo_dag.errors import AccessError\n"
        "from zoo_dag.store.table_files import TABLES, TableFiles\n"
        "try:\n"
        "    while True: os.dup(0)\n"
        "except OSError: pass\n"
        f"files = TableFiles(pathlib.Path({str(tmp_path / 'tables')!r}))\n"
        "try: files.scan(TABLES['tasks'], '11-v1.1')\n"
        "except AccessError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)  # noqa: S603
    order, sentence = done.stdout.splitlines()
    assert order == "T1T2" * 100
    assert "tasks/11-v1.1.parquet cannot be opened: too many files are open. This process may open 64." in sentence
    assert "Delete" not in sentence


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError("x (os error 1)")])
def test_a_file_that_may_not_be_read_is_not_called_damaged(error: Exception, tmp_path: Path) -> None:
    stored = StoredFile(TABLES["tasks"], "11-v1.1", tmp_path / "a.parquet", tmp_path)
    problem = reading_error(stored, error)
    assert isinstance(problem, AccessError)
    assert str(problem).startswith(f"{tmp_path / 'a.parquet'} may not be read by the user who runs this.")
    assert not isinstance(reading_error(stored, OSError("no Parquet")), AccessError)


def test_an_empty_table_has_all_its_columns(files: TableFiles) -> None:
    for table in TABLES.values():
        key = {"workflow_version": "11-v3.10", "workflow": "11", None: None}[table.partition]
        files.publish(table, table.empty().lazy(), {}, key)
        stored = files.scan(table, key).collect()
        assert stored.height == 0
        assert stored.schema == table.dtypes, table.name


def test_a_table_that_was_not_built_says_what_to_do(files: TableFiles) -> None:
    with pytest.raises(TableError, match=r"subjects does not exist yet in .*tables\. Run `zoo-dag run` first"):
        files.scan(SUBJECTS)
    with pytest.raises(TableError, match=r"tasks does not exist yet for 11-v3\.10"):
        files.scan(TASKS, "11-v3.10")


def test_partitions_are_in_the_order_of_their_versions(files: TableFiles) -> None:
    for key in ("11-v3.10", "11-v3.9", "9-v12.0", "11-v3.2"):
        files.publish(TASKS, tasks(key), {}, key)
    (files.root / "tasks" / ".11-v3.2.abc.parquet").write_bytes(b"the draft of a run that was killed")
    assert files.keys(TASKS) == ["9-v12.0", "11-v3.2", "11-v3.9", "11-v3.10"]
    assert files.select_keys(TASKS, 11, None) == ["11-v3.2", "11-v3.9", "11-v3.10"]
    assert files.select_keys(TASKS, 11, "3.9") == ["11-v3.9"]
    assert files.select_keys(TASKS, None, "12.0") == ["9-v12.0"]
    assert files.scan_all(TASKS).collect()["task"].to_list() == ["9-v12.0", "11-v3.2", "11-v3.9", "11-v3.10"]
    assert files.scan_all(TASKS, ["11-v3.9"]).collect()["task"].to_list() == ["11-v3.9"]


def test_all_partitions_of_nothing_are_an_empty_table(files: TableFiles) -> None:
    assert files.scan_all(TASKS).collect().schema == TASKS.dtypes


def test_raw_partitions_may_have_columns_of_their_own(files: TableFiles) -> None:
    raw = TABLES["raw_classifications"]
    for key, extra in (("11-v3.9", {}), ("11-v3.10", {"nickname": ["x"]})):
        files.publish(raw, pl.LazyFrame({"annotations": ["[]"], **extra}), {}, key)
    assert files.scan_all(raw).collect()["nickname"].to_list() == [None, "x"]


def test_a_partition_can_be_removed_twice(files: TableFiles) -> None:
    files.publish(TASKS, tasks("T0"), {}, "11-v3.10")
    files.remove(TASKS, "11-v3.10")
    files.remove(TASKS, "11-v3.10")
    assert files.keys(TASKS) == []


def test_a_key_for_a_table_without_partitions_is_a_mistake(files: TableFiles) -> None:
    with pytest.raises(ValueError, match="subjects is partitioned by nothing"):
        files.path(SUBJECTS, "11-v3.10")
    with pytest.raises(ValueError, match="tasks is partitioned"):
        files.path(TASKS)


def test_a_folder_with_signs_of_a_pattern_in_its_name_is_a_folder(tmp_path: Path) -> None:
    files = TableFiles(tmp_path / "data [1]*" / "tables")
    files.publish(SUBJECTS, subjects(1), {})
    files.publish(TASKS, tasks("T0"), {}, "11-v3.10")
    assert files.scan(SUBJECTS).collect().height == 1
    assert files.scan_all(TASKS).collect().height == 1
    assert os.listdir(tmp_path) == ["data [1]*"]


def test_an_unknown_table_names_the_nearest_one() -> None:
    assert table_named("question_consensus") is TABLES["question_consensus"]
    with pytest.raises(TableError, match="no table 'question_concensus'; did you mean"):
        table_named("question_concensus")
    with pytest.raises(TableError, match=r"no table 'zzz'\. Tables: raw_classifications, "):
        table_named("zzz")


def test_a_file_without_rows_is_told_from_its_footer(files: TableFiles) -> None:
    files.publish(TASKS, tasks(), {"data_version": "1"}, "11-v3.1")
    files.publish(TASKS, tasks("T0"), {}, "11-v3.2")
    assert (files.are_empty(TASKS, ["11-v3.1"]), files.are_empty(TASKS, ["11-v3.2"])) == (True, False)
    assert files.scan(TASKS, "11-v3.1").collect().equals(TASKS.empty())
    assert files.metadata(TASKS, "11-v3.1") == {"data_version": "1"}
    # The file is replaced by one with rows.
    files.publish(TASKS, tasks("T1"), {}, "11-v3.1")
    assert not files.are_empty(TASKS, ["11-v3.1"])
    assert files.scan(TASKS, "11-v3.1").collect()["task"].to_list() == ["T1"]


def test_partitions_with_and_without_rows_are_one_table(files: TableFiles) -> None:
    for key, names in (("11-v3.9", ("T0",)), ("11-v3.10", ()), ("11-v3.11", ("T2", "T1"))):
        files.publish(TASKS, tasks(*names), {}, key)
    assert files.scan_all(TASKS).collect()["task"].to_list() == ["T0", "T2", "T1"]
    assert files.scan_all(TASKS, ["11-v3.11", "11-v3.9"]).collect()["task"].to_list() == ["T2", "T1", "T0"]
    assert files.scan_all(TASKS, ["11-v3.10"]).collect().equals(TASKS.empty())


def test_a_file_that_was_written_elsewhere_is_put_in_place(files: TableFiles, tmp_path: Path) -> None:
    published = files.publish(TASKS, tasks("T0"), {"data_version": "1"}, "11-v3.1").read_bytes()
    files.write(tasks("T0"), tmp_path / "draft.parquet", {"data_version": "1"})
    files.put_in_place(TASKS, tmp_path / "draft.parquet", "11-v3.2")
    assert files.path(TASKS, "11-v3.2").read_bytes() == published
    assert not (tmp_path / "draft.parquet").exists()


@pytest.mark.parametrize("name", ["tasks", "classifications", "drawing_consensus"])
def test_a_table_without_rows_has_the_bytes_of_any_other_writing(
    name: str, files: TableFiles, tmp_path: Path
) -> None:
    for version in ("0123456789abcdef" * 2, "f" * 32, "short"):
        metadata = {"data_version": version, "settings": "1", "code_version": "2-3"}
        files.write(TABLES[name].empty().lazy(), tmp_path / "written.parquet", metadata)
        files.write_empty(TABLES[name], tmp_path / "empty.parquet", metadata)
        assert (tmp_path / "empty.parquet").read_bytes() == (tmp_path / "written.parquet").read_bytes()
