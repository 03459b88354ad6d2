"""Tables in files for other programs."""

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from zoo_dag.store.exporting import Written, write_tables
from zoo_dag.store.workbooks import Change


def test_cells_that_excel_cuts_are_counted(tmp_path: Path) -> None:
    long = pl.LazyFrame({"text": ["x" * 32_768, "y" * 40_000, "z" * 32_767, None], "votes": [1, 2, 3, 4]})
    nested = pl.LazyFrame({"points": [[1] * 20_000, [1]]})
    target = tmp_path / "long.xlsx"
    assert write_tables({"a": long, "b": nested}, target) == {
        "a": Written(4, (Change("text", "cut", 2),)),
        "b": Written(2, (Change("points", "cut", 1),)),
    }
    with zipfile.ZipFile(target) as workbook:
        cells = re.findall(r"<t[^>]*>([xyz]+)</t>", workbook.read("xl/sharedStrings.xml").decode())
    assert sorted((cell[0], len(cell)) for cell in cells) == [("x", 32_767), ("y", 32_767), ("z", 32_767)]


def test_other_files_hold_cells_of_any_length(tmp_path: Path) -> None:
    long = pl.LazyFrame({"text": ["x" * 40_000]})
    assert write_tables({"a": long}, tmp_path / "long.csv") == {"a": Written(1)}
    assert pl.read_csv(tmp_path / "long.csv")["text"].str.len_chars().to_list() == [40_000]


@pytest.mark.parametrize("workflow", [3141, "3141"])
@pytest.mark.parametrize("suffix", ["csv", "parquet", "ndjson"])
def test_a_row_of_a_version_has_a_partition_that_no_program_reads_as_a_number(
    workflow: int | str, suffix: str, tmp_path: Path
) -> None:
    rows = pl.LazyFrame({"workflow_id": workflow, "workflow_version": ["3.1", "3.10", None], "votes": [1, 2, 3]})
    target = tmp_path / f"votes.{suffix}"
    write_tables({"votes": rows}, target)
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "ndjson": pl.read_ndjson}[suffix](target)
    assert read.columns == ["workflow_id", "workflow_version", "partition", "votes"]
    assert read["partition"].to_list() == ["3141-v3.1", "3141-v3.10", None]

    write_tables({"votes": rows}, tmp_path / "votes.xlsx")
    with zipfile.ZipFile(tmp_path / "votes.xlsx") as workbook:
        assert "<t>3141-v3.10</t>" in workbook.read("xl/sharedStrings.xml").decode()


def test_pooled_rows_have_no_partition_and_versions_that_are_no_numbers(tmp_path: Path) -> None:
    rows = pl.LazyFrame({"workflow_id": [3141], "versions": [["3.10"]]})
    write_tables({"pooled": rows}, tmp_path / "pooled.csv")
    assert (tmp_path / "pooled.csv").read_text() == 'workflow_id,versions\n3141,"[""3.10""]"\n'


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx", "ndjson"])
def test_an_export_that_fails_leaves_the_file_of_an_earlier_one_as_it_was(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"votes.{suffix}"
    write_tables({"votes": pl.LazyFrame({"votes": [1]})}, target)
    before = target.read_bytes()
    damaged = pl.LazyFrame({"votes": ["1", "x"]}).cast(pl.Int64)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        write_tables({"votes": damaged}, target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_time_by_a_local_clock_gets_no_zone(tmp_path):
    moment = datetime(2020, 6, 1, 12)
    rows = pl.LazyFrame({"taken_at": [moment, None], "created_at": [moment.replace(tzinfo=UTC)] * 2})
    write_tables({"a": rows}, tmp_path / "times.csv")
    assert (tmp_path / "times.csv").read_text().splitlines()[1:] == [
        "2020-06-01 12:00:00,2020-06-01 12:00:00 UTC",
        ",2020-06-01 12:00:00 UTC",
    ]
    assert write_tables({"a": rows}, tmp_path / "times.xlsx")["a"].changes == ()
