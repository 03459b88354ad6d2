"""Tables in files for other programs."""

import re
import zipfile
from pathlib import Path

import polars as pl

from zoo_dag.store.exporting import Written, write_tables


def test_cells_that_excel_cuts_are_counted(tmp_path: Path) -> None:
    long = pl.LazyFrame({"text": ["x" * 32_768, "y" * 40_000, "z" * 32_767, None], "votes": [1, 2, 3, 4]})
    nested = pl.LazyFrame({"points": [[1] * 20_000, [1]]})
    target = tmp_path / "long.xlsx"
    assert write_tables({"a": long, "b": nested}, target) == {
        "a": Written(4, {"text": 2}),
        "b": Written(2, {"points": 1}),
    }
    with zipfile.ZipFile(target) as workbook:
        cells = re.findall(r"<t[^>]*>([xyz]+)</t>", workbook.read("xl/sharedStrings.xml").decode())
    assert sorted((cell[0], len(cell)) for cell in cells) == [("x", 32_767), ("y", 32_767), ("z", 32_767)]


def test_other_files_hold_cells_of_any_length(tmp_path: Path) -> None:
    long = pl.LazyFrame({"text": ["x" * 40_000]})
    assert write_tables({"a": long}, tmp_path / "long.csv") == {"a": Written(1)}
    assert pl.read_csv(tmp_path / "long.csv")["text"].str.len_chars().to_list() == [40_000]
