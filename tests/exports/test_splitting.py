"""Splitting a classifications export by workflow version."""

from pathlib import Path

import polars as pl

from tests.builders import CLASSIFICATION_COLUMNS, classification_row, write_classifications
from zoo_dag.exports.files import identify
from zoo_dag.exports.splitting import PROBLEM, UNASSIGNED, split_classifications


def split(path: Path) -> dict[str, pl.DataFrame]:
    folder = path.parent / "split"
    folder.mkdir()
    parts, _ = split_classifications(identify(path), folder)
    return {key: pl.read_parquet(part, glob=False) for key, part in parts.items()}


def test_parts_come_in_the_order_of_versions_and_rows_in_that_of_the_file(tmp_path: Path) -> None:
    versions = ["3.10", "3.9", "3.10", "oops", "3.9"]
    rows = [classification_row(number, workflow_version=text) for number, text in enumerate(versions, 1)]
    parts = split(write_classifications(tmp_path / "a.csv", rows))
    assert list(parts) == ["11-v3.9", "11-v3.10", UNASSIGNED]
    assert [part["source_row"].to_list() for part in parts.values()] == [[2, 5], [1, 3], [4]]
    assert parts["11-v3.9"].columns == [*CLASSIFICATION_COLUMNS, "source_file", "source_row"]
    assert parts[UNASSIGNED][PROBLEM].to_list() == ["workflow_version"]


def test_spellings_of_one_version_are_one_part(tmp_path: Path) -> None:
    rows = [classification_row(n, workflow_version=text) for n, text in enumerate(["7", "7.0", " 7.00"], 1)]
    parts = split(write_classifications(tmp_path / "a.csv", rows))
    assert list(parts) == ["11-v7.0"]
    assert parts["11-v7.0"]["workflow_version"].to_list() == ["7", "7.0", " 7.00"]


def test_a_file_without_workflows_counts_as_workflow_0(tmp_path: Path) -> None:
    columns = [name for name in CLASSIFICATION_COLUMNS if name != "workflow_id"]
    parts = split(write_classifications(tmp_path / "a.csv", [classification_row(1)], columns))
    assert list(parts) == ["0-v3.10"]


def test_missing_ids_are_derived_from_the_content(tmp_path: Path) -> None:
    columns = [name for name in CLASSIFICATION_COLUMNS if name != "classification_id"]
    rows = [classification_row(1), classification_row(2), classification_row(1)]
    (part,) = split(write_classifications(tmp_path / "a.csv", rows, columns)).values()
    ids = [int(text) for text in part["classification_id"]]
    assert all(-(2**56) < number < 0 for number in ids)
    assert ids[0] == ids[2] != ids[1]


def test_no_rows_give_no_parts(tmp_path: Path) -> None:
    assert split(write_classifications(tmp_path / "a.csv", [])) == {}


def test_many_versions_are_split_in_one_pass(tmp_path: Path) -> None:
    rows = [classification_row(number, workflow_version=f"{number % 300}.{number % 7}") for number in range(2100)]
    parts = split(write_classifications(tmp_path / "a.csv", rows))
    assert len(parts) == 2100
    assert sum(part.height for part in parts.values()) == 2100
