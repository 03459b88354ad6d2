"""In a CSV no text is left that a spreadsheet would run, and the texts can be had back."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.hostile import ESCAPED, RUN, STAY
from zoo_dag.store.exporting import Written, write_tables
from zoo_dag.store.formulas import RUNS, neutral, neutral_names

TEXTS = (*RUN, *STAY, *ESCAPED)
DOCUMENTED = Path(__file__).parents[2] / "docs" / "daily_use.md"
# Texts of the signs that matter are rare among all texts.
TRICKY = st.text(st.sampled_from("=+-@'\uff1d\u3000\t\r\n 1.5eab\ufeff")) | st.text()


def written(texts: list[str]) -> list[str]:
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return column.select(neutral(pl.col("text")))["text"].to_list()


def read(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_an_apostrophe_stands_in_front_of_what_would_run_and_of_nothing_else(text: str) -> None:
    assert written([text]) == [f"'{text}" if text in RUN else text]
    assert neutral_names([text]) == written([text])


@given(st.lists(TRICKY))
def test_the_texts_are_had_back_without_one_apostrophe(texts: list[str]) -> None:
    back = pl.Series(written(texts), dtype=pl.String).str.replace(f"^'({RUNS.removeprefix('^')})", "$1")
    assert back.to_list() == texts


@given(st.lists(TRICKY))
def test_nothing_is_left_that_begins_with_a_sign_of_a_formula(texts: list[str]) -> None:
    for text in written(texts):
        first = text.lstrip()[:1]
        assert first not in ("=", "@")
        assert first not in ("+", "-") or float(text.strip()) is not None
        assert text[:1] not in ("\t", "\r", "\n")


def test_cells_and_names_of_a_csv_are_neutral_and_numbers_are_numbers(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"=cmd()": ["-1+1", None, ""], "x": [-1.5, 2.0, None], "plain": ["a", "-7", "b"]})
    target = tmp_path / "a.csv"
    assert write_tables({"a": frame}, target) == {"a": Written(3, n_neutral={"=cmd()": 1})}
    assert read(target) == [["'=cmd()", "x", "plain"], ["'-1+1", "-1.5", "a"], ["", "2.0", "-7"], ["", "", "b"]]


def test_verbatim_writes_texts_and_names_as_they_are(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"=cmd()": TEXTS})
    assert write_tables({"a": frame}, tmp_path / "a.csv", verbatim=True) == {"a": Written(len(TEXTS))}
    assert [row[0] for row in read(tmp_path / "a.csv")] == ["=cmd()", *TEXTS]


def test_json_of_nested_columns_needs_no_apostrophe(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"answers": [["=cmd()"], []]})
    assert write_tables({"a": frame}, tmp_path / "a.csv")["a"].n_neutral == {}
    assert read(tmp_path / "a.csv") == [["answers"], ['["=cmd()"]'], ["[]"]]


def test_a_table_without_rows_or_texts_is_written(tmp_path: Path) -> None:
    for frame in (pl.LazyFrame(schema={"text": pl.String}), pl.LazyFrame({"n": [1]})):
        assert write_tables({"a": frame}, tmp_path / "a.csv")["a"].n_neutral == {}


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
def test_formats_that_no_spreadsheet_runs_have_the_texts_as_they_are(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"a.{suffix}"
    write_tables({"a": pl.LazyFrame({"=a": TEXTS})}, target)
    read_back = pl.read_parquet(target) if suffix == "parquet" else pl.read_ndjson(target)
    assert read_back["=a"].to_list() == list(TEXTS)


def test_the_line_of_python_in_the_documentation_gives_the_texts_back(tmp_path: Path) -> None:
    (code,) = re.findall(r"```py\n(import polars.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    write_tables({"a": pl.LazyFrame({"text": TEXTS})}, tmp_path / "export.csv")
    found: dict[str, pl.DataFrame] = {}
    exec(code.replace('"export.csv"', repr(str(tmp_path / "export.csv"))), found)  # noqa: S102
    assert found["table"]["text"].to_list() == list(TEXTS)
