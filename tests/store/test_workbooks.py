"""What an Excel file holds, read by another program: the same values, or it is said which cells were changed."""

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.hostile import ESCAPED, RUN, STAY
from zoo_dag.errors import ZooDagError
from zoo_dag.store.exporting import Written, write_tables
from zoo_dag.store.workbooks import MOST_EXACT, Change

# XML has none of these; a carriage return would come back as a line feed.
NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def columns(file: Path, sheet: str = "a") -> dict[str, list[Any]]:
    """The cells of a sheet by the name of their column, as openpyxl reads them."""
    book = openpyxl.load_workbook(file)
    return {column[0].value: [cell.value for cell in column[1:]] for column in book[sheet].columns}


def roundtrip(texts: list[str], target: Path) -> tuple[list[Any], tuple[Change, ...]]:
    changes = write_tables({"a": pl.LazyFrame({"text": texts}, schema={"text": pl.String})}, target)["a"].changes
    return columns(target)["text"], changes


@pytest.mark.parametrize("text", [text for text in (*RUN, *STAY) if not NOT_IN_XML.search(text)], ids=ascii)
def test_a_hostile_text_is_the_same_text_and_nothing_is_said(text: str, tmp_path: Path) -> None:
    assert roundtrip([text, "plain"], tmp_path / "a.xlsx") == ([text, "plain"], ())


@pytest.mark.parametrize("text", [text for text in (*RUN, *ESCAPED) if text in ESCAPED or NOT_IN_XML.search(text)])
def test_a_text_that_xml_cannot_hold_is_counted_and_has_the_escapes_of_excel(text: str, tmp_path: Path) -> None:
    (read, plain), changes = roundtrip([text, "plain"], tmp_path / "a.xlsx")
    assert (plain, changes) == ("plain", (Change("text", "escaped", 1),))
    if NOT_IN_XML.search(text):
        assert re.sub("_x([0-9A-F]{4})_", lambda escape: chr(int(escape[1], 16)), read) == text


def test_texts_are_cells_of_text_and_nothing_is_a_formula_or_a_link(tmp_path: Path) -> None:
    texts = [*RUN, *STAY, *ESCAPED]
    write_tables({"a": pl.LazyFrame({"=a()": texts, "b": texts})}, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    cells = [cell for row in sheet.rows for cell in row]
    assert len(cells) == 2 * (1 + len(texts))
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml


@settings(max_examples=40)
@given(st.lists(st.text(), max_size=30))
def test_any_texts_are_the_same_or_counted(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        read, changes = roundtrip(texts, Path(folder) / "a.xlsx")
    differ = sum(one != other for one, other in zip(texts, read, strict=True))
    assert [change.n_cells for change in changes] == ([differ] if differ else [])


def test_names_of_columns_are_texts_however_they_differ(tmp_path: Path) -> None:
    names = ["a", "A", "=1+1", "'=1+1", "https://example.org", "<r></r>", "x" * 300, "a\nb", "[red]", "total"]
    frame = pl.LazyFrame({name: [number] for number, name in enumerate(names)})
    write_tables({"a": frame}, tmp_path / "a.xlsx")
    assert columns(tmp_path / "a.xlsx") == {name: [number] for number, name in enumerate(names)}


def test_numbers_beyond_53_bits_are_texts_and_said(tmp_path: Path) -> None:
    frame = pl.LazyFrame(
        {"exact": [MOST_EXACT, -MOST_EXACT, None], "beyond": [MOST_EXACT + 1, 1, -(2**63)], "index": [1, 2, 3]}
    )
    written = write_tables({"a": frame}, tmp_path / "a.xlsx")
    assert written == {"a": Written(3, (Change("beyond", "numbers as text", 2),))}
    assert columns(tmp_path / "a.xlsx") == {
        "exact": [9007199254740992, -9007199254740992, None],
        "beyond": ["9007199254740993", "1", "-9223372036854775808"],
        "index": [1, 2, 3],
    }


def test_each_cell_has_the_type_of_its_column(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 5, 1, 2, 3, 456_000, tzinfo=UTC)
    frame = pl.LazyFrame(
        {
            "time": [moment, None],
            "measure": [-1.5, None],
            "flag": [True, False],
            "digits": ["007", "1e5"],
            "nested": [[{"x": 1}], None],
        }
    )
    assert write_tables({"a": frame}, tmp_path / "a.xlsx")["a"].changes == ()
    assert columns(tmp_path / "a.xlsx") == {
        "time": [moment.replace(tzinfo=None), None],
        "measure": [-1.5, None],
        "flag": [True, False],
        "digits": ["007", "1e5"],
        "nested": ['[{"x":1}]', None],
    }


def test_what_excel_does_not_have_is_said(tmp_path: Path) -> None:
    old = datetime(1899, 12, 31, 23, 59, 59, tzinfo=UTC)
    frame = pl.LazyFrame(
        {
            "time": [old, None],
            "measure": [float("nan"), float("-inf")],
            "text": ["", None],
            "long": ["x" * 40_000, "y"],
        }
    )
    written = write_tables({"a": frame}, tmp_path / "a.xlsx")["a"]
    assert written.changes == (
        Change("time", "times as text", 1),
        Change("measure", "not a number", 2),
        Change("long", "cut", 1),
    )
    read = columns(tmp_path / "a.xlsx")
    assert read["time"] == ["1899-12-31 23:59:59.000000", None]
    assert read["measure"] == [None, None]
    assert read["text"] == ["", None]
    assert read["long"] == ["x" * 32_767, "y"]


def test_letters_of_two_units_count_twice_and_are_not_cut_in_half(tmp_path: Path) -> None:
    texts = ["👩" * 16_384, "a" + "👩" * 16_383, "b" * 32_767]
    read, changes = roundtrip(texts, tmp_path / "a.xlsx")
    assert changes == (Change("text", "cut", 1),)
    assert read == ["👩" * 16_383, texts[1], texts[2]]


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write_tables({"a": pl.LazyFrame(schema={"text": pl.String, "n": pl.Int64})}, tmp_path / "a.xlsx")
    assert columns(tmp_path / "a.xlsx") == {"text": [], "n": []}


def test_a_table_wider_than_a_sheet_is_refused_and_one_of_its_width_is_not(tmp_path: Path) -> None:
    def wide(n: int) -> pl.LazyFrame:
        return pl.DataFrame([pl.Series(f"c{number}", [number]) for number in range(n)]).lazy()

    sentence = r"a has 16,385 columns, but an Excel sheet holds 16,384\. Write CSV or Parquet\.$"
    with pytest.raises(ZooDagError, match=sentence):
        write_tables({"a": wide(16_385)}, tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())
    write_tables({"a": wide(16_384)}, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b'<c r="XFD2"><v>16383</v></c>' in archive.read("xl/worksheets/sheet1.xml")
