"""Exports that are too large for a limit are refused while they are read, with a sentence on the limit."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest

from tests.builders import CLASSIFICATION_COLUMNS, classification_row, export_bytes
from zoo_dag.errors import LimitError
from zoo_dag.exports.files import identify
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import RawTables
from zoo_dag.exports.limits import Limits, Source, require_within, rows_at_once
from zoo_dag.settings.importing import Importing
from zoo_dag.tables import TABLES

MIB = 1 << 20
SOUND = export_bytes([classification_row(1), classification_row(2)], CLASSIFICATION_COLUMNS)
NOTHING_YET = RawTables(
    {}, None, None, {}, *(TABLES[name].empty() for name in ("raw_quarantine", "imports", "forgotten"))
)


def export(folder: Path, content: bytes, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def row_with(cell: str, number: int = 3) -> bytes:
    """A row with this cell as the name of the workflow."""
    rows = export_bytes([classification_row(number, workflow_name=cell)], CLASSIFICATION_COLUMNS)
    return rows.partition(b"\n")[2]


def refused(path: Path, setting: str, limits: Limits | None = None) -> str:
    """The sentence with which an export is refused; it names the file and the setting."""
    with pytest.raises(LimitError) as error:
        identify(path, limits or Limits())
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ")
    assert f"importing.{setting}," in sentence
    assert sentence.endswith(f"set a larger {setting} in the section [importing] of zoo_dag.toml.")
    return sentence


def allowed(path: Path, **settings: float) -> None:
    identify(path, Limits(Importing.model_validate(settings)))


def with_limits(**settings: float) -> Limits:
    return Limits(Importing.model_validate(settings))


@pytest.mark.parametrize("cell", ["x" * MIB, "é" * (MIB // 2), 'a"b,' * (MIB // 4), "a line\n" * (MIB // 7)])
def test_a_cell_is_measured_in_bytes_without_its_quotes(tmp_path: Path, cell: str) -> None:
    size = len(cell.encode())
    path = export(tmp_path, SOUND + row_with(cell) + SOUND)
    limit = (size - 1) / MIB
    sentence = refused(path, "cell_mib", with_limits(cell_mib=limit, row_mib=4))
    assert f"a cell has {size:,} bytes" in sentence
    allowed(path, cell_mib=size / MIB, row_mib=4)


def test_two_cells_within_the_limit_may_be_a_row_beyond_it(tmp_path: Path) -> None:
    row = export_bytes(
        [classification_row(3, workflow_name="x" * 600_000, user_name="y" * 600_000)], CLASSIFICATION_COLUMNS
    )
    path = export(tmp_path, row)
    assert "a row has" in refused(path, "row_mib", with_limits(cell_mib=0.6, row_mib=1))
    allowed(path, cell_mib=0.6, row_mib=2)


def test_a_quote_that_stays_open_is_no_cell(tmp_path: Path) -> None:
    """The rows after it are read one by one, as after any broken quote."""
    rows = b"".join(row_with("name", number) for number in range(3, 3000))
    path = export(tmp_path, SOUND + b'9999,"open\n' + rows)
    found = identify(path, with_limits(cell_mib=0.05, row_mib=0.5))
    assert found.measured.has_open_quote
    assert not identify(path).measured.has_open_quote
    imported = import_exports([found], NOTHING_YET, tmp_path)
    assert imported.classifications["11-v3.10"].n_rows == 2999
    assert imported.quarantine is not None
    assert imported.quarantine["found"].to_list() == ['9999,"open']


def test_a_long_line_behind_an_open_quote_is_a_row(tmp_path: Path) -> None:
    lines = b"".join(row_with("name", number) for number in range(3, 1500))
    path = export(tmp_path, SOUND + b'9999,"open\n' + lines + b"x" * MIB)
    assert "a row has" in refused(path, "row_mib", with_limits(cell_mib=0.05, row_mib=0.5))


@pytest.mark.parametrize("lines", [b"\n" * MIB, b"1\n" * MIB])
def test_blank_and_short_lines(tmp_path: Path, lines: bytes) -> None:
    assert "lines close together are blank" in refused(export(tmp_path, SOUND + lines), "cells_per_byte")
    allowed(export(tmp_path, SOUND + lines), cells_per_byte=14)


def test_a_blank_line_after_each_row_and_rows_of_empty_cells_are_read(tmp_path: Path) -> None:
    rows = b"".join(row_with("name", number) + b"\n" for number in range(3, 20_000))
    allowed(export(tmp_path, SOUND + rows + (b"," * 13 + b"\n") * 600_000))


@pytest.mark.parametrize("container", ["gzip", "zip"])
def test_what_an_archive_unpacks_to(tmp_path: Path, container: str) -> None:
    """Rows of their own are within all other limits."""
    content = SOUND + row_with("x" * 40_000) * 2000
    path = tmp_path / "export.csv.gz"
    if container == "gzip":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("export.csv", content)
    ratio = len(content) / path.stat().st_size
    sentence = refused(path, "unpacked_ratio", with_limits(unpacked_ratio=ratio / 2))
    assert f"the archive of {path.stat().st_size:,} bytes unpacks to more than" in sentence
    allowed(path, unpacked_ratio=ratio + 1)


def test_a_small_archive_may_have_any_ratio(tmp_path: Path) -> None:
    allowed(export(tmp_path, gzip.compress(SOUND + row_with("x" * MIB)), "export.csv.gz"), unpacked_ratio=1)


def test_what_would_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    path = export(tmp_path, gzip.compress(SOUND), "export.csv.gz")
    limits = Limits(Importing(unpacked_share=1e-12), tmp_path / "not" / "yet" / "there")
    assert re.search(r"of the free disk it may take [0-9]", refused(path, "unpacked_share", limits))
    identify(path, Limits(Importing(unpacked_share=0.1), tmp_path))
    # A plain file is not copied.
    identify(export(tmp_path, SOUND), limits)


def test_text_that_is_copied_for_its_encoding_counts_too(tmp_path: Path) -> None:
    path = export(tmp_path, SOUND.decode().encode("utf-16"))
    refused(path, "unpacked_share", Limits(Importing(unpacked_share=1e-12), tmp_path))


@pytest.mark.parametrize("line", [b"no row of an export\n", b'9,"broken\n'])
def test_rows_that_are_rejected_are_kept_within_a_limit(tmp_path: Path, line: bytes) -> None:
    path = export(tmp_path, SOUND + line * 300)
    found = identify(path, with_limits(rejected_mib=0.2))
    with pytest.raises(LimitError, match=r"rows or more .* importing.rejected_mib, 0.2\."):
        import_exports([found], NOTHING_YET, tmp_path)
    more = tmp_path / "more"
    more.mkdir()
    imported = import_exports([identify(path, with_limits(rejected_mib=0.4))], NOTHING_YET, more)
    assert imported.quarantine is not None
    assert imported.quarantine.height == 300


def test_the_quarantine_has_the_beginning_of_a_very_long_cell(tmp_path: Path) -> None:
    row = export_bytes(
        [classification_row(3, workflow_version="x" * 200_000, user_name="y" * 100_000)], CLASSIFICATION_COLUMNS
    )
    path = export(tmp_path, row + b'9,"' + b"z" * 300_000 + b"\n")
    imported = import_exports([identify(path)], NOTHING_YET, tmp_path)
    assert imported.quarantine is not None
    found = dict(imported.quarantine.select("column", "found").iter_rows())
    assert found["workflow_version"] == "x" * 100_000 + "… (200000 letters, cut)"
    assert found["(row)"] == '9,"' + "z" * 99_997 + "… (300003 letters, cut)"
    text = imported.quarantine.filter(column="workflow_version")["row"].item()
    assert "y" * 100_000 + '"' in text
    assert "x" * 100_000 + "… (200000 letters, cut)" in text


def test_large_rows_are_measured_where_they_are_the_largest(tmp_path: Path) -> None:
    """So many are in memory at once; a small file has no need of less than usual."""
    large = b"".join(row_with("x" * 100_000, number) for number in range(3, 700))
    small = SOUND.partition(b"\n")[2] * 30_000
    assert identify(export(tmp_path, SOUND + small)).measured.rows_at_once == 20_000
    rows_at_once = identify(export(tmp_path, SOUND + large + small)).measured.rows_at_once
    assert 200 < rows_at_once < 340


def test_a_large_file_is_measured_like_a_small_one(tmp_path: Path) -> None:
    large = b"".join(row_with("x" * 100_000, number) for number in range(3, 700))
    rows = b"".join(row_with('a "name"', number) for number in range(3, 3000))
    content = SOUND + large + rows + b'9999,"open\n' + rows
    limits = with_limits(cell_mib=0.5, row_mib=0.6)
    path = export(tmp_path, b"")
    source = Source(path, 14, ",", None, is_copied=False, backslash=False)
    small = require_within(limits, source, io.BytesIO(content))
    with path.open("wb") as file:
        file.truncate(128 * MIB)
    assert require_within(limits, source, io.BytesIO(content)) == small
    assert small.has_open_quote
    assert 200 < small.rows_at_once < 340


def test_one_large_row_does_not_divide_a_million_others() -> None:
    # Of the largest 2 fit in memory at once, of the others more than are ever read at once.
    assert [rows_at_once(2, n_rows) for n_rows in (0, 10, 5000, 1_000_000)] == [2, 2, 5, 1000]
    assert [rows_at_once(10**9, n_rows) for n_rows in (10, 1_000_000)] == [20_000, 20_000]
    assert rows_at_once(0, 10) == 1
