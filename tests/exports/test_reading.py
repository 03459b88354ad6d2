"""Every cell as text, every row kept, also of damaged files."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    classification_row,
    export_bytes,
    json_text,
    workflow_row,
    write_classifications,
    write_export,
)
from zoo_dag.exports.files import identify
from zoo_dag.exports.reading import ReadingNotes, read_export

ROWS = [classification_row(number) for number in range(1, 7)]
CONTENT = export_bytes(ROWS, CLASSIFICATION_COLUMNS)


def read(path: Path, staging: Path) -> tuple[pl.DataFrame, ReadingNotes]:
    staging.mkdir(exist_ok=True)
    return read_export(identify(path), staging, lambda frame: frame.collect())


def read_bytes(folder: Path, data: bytes) -> tuple[pl.DataFrame, ReadingNotes]:
    path = folder / "export.csv"
    path.write_bytes(data)
    return read(path, folder / "staging")


def test_cells_are_text_and_rows_know_where_they_came_from(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT)
    assert frame.columns == [*CLASSIFICATION_COLUMNS, "source_file", "source_row"]
    assert set(frame.dtypes[:-1]) == {pl.String()}
    assert frame["source_row"].to_list() == [1, 2, 3, 4, 5, 6]
    assert frame["source_file"].unique().to_list() == ["export.csv"]
    assert frame["metadata"][0] == json_text(ROWS[0]["metadata"])
    assert notes == ReadingNotes()


def test_a_gzip_is_read_and_leaves_nothing_in_the_staging_folder(tmp_path: Path) -> None:
    frame, _ = read_bytes(tmp_path, gzip.compress(CONTENT))
    assert frame.equals(read_bytes(tmp_path, CONTENT)[0])
    assert list((tmp_path / "staging").iterdir()) == []


def test_byte_order_mark_and_carriage_returns_are_not_in_the_cells(tmp_path: Path) -> None:
    frame, _ = read_bytes(tmp_path, b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n"))
    assert frame.equals(read_bytes(tmp_path, CONTENT)[0])


@pytest.mark.parametrize("character", ["\n", "\r\n", "\u2028", "\u0085", "\x0b"])
def test_a_line_break_inside_a_cell_ends_no_row(tmp_path: Path, character: str) -> None:
    rows = [classification_row(number, workflow_name=f"Line1{character}Line2") for number in (1, 2)]
    frame, _ = read(write_classifications(tmp_path / "export.csv", rows), tmp_path / "staging")
    assert frame["workflow_name"].to_list() == [f"Line1{character}Line2"] * 2
    assert frame["subject_ids"].to_list() == ["101", "101"]


@pytest.mark.parametrize("character", ["\n", "\u2028", "\u0085"])
def test_nor_where_the_file_has_to_be_mended(tmp_path: Path, character: str) -> None:
    rows = [classification_row(number, workflow_name=f"Line1{character}Line2") for number in (1, 2)]
    data = export_bytes(rows, CLASSIFICATION_COLUMNS).replace(b"volunteer-2", b"Andr\xe9")
    frame, _ = read_bytes(tmp_path, data)
    assert frame["user_name"].to_list() == ["volunteer-1", "André"]
    assert frame["subject_ids"].to_list() == ["101", "101"]
    assert frame["workflow_name"][0] == f"Line1{character}Line2"


def test_nothing_is_null_and_a_pair_of_quotes_is_empty_text(tmp_path: Path) -> None:
    rows = [workflow_row(first_task=None), workflow_row(4, first_task="")]
    frame, _ = read(write_export(tmp_path / "workflows.csv", rows), tmp_path / "staging")
    assert frame["first_task"].to_list() == [None, ""]


def test_an_unnamed_index_column_is_dropped(tmp_path: Path) -> None:
    numbered = [{"": number, **row} for number, row in enumerate(ROWS, 1)]
    frame, _ = read(write_export(tmp_path / "r.csv", numbered), tmp_path / "staging")
    assert frame.drop("source_file").equals(read_bytes(tmp_path, CONTENT)[0].drop("source_file"))


def test_columns_go_by_name_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    columns = ["nickname", *reversed(CLASSIFICATION_COLUMNS)]
    rows = [{**row, "nickname": "x"} for row in ROWS]
    frame, _ = read(write_export(tmp_path / "export.csv", rows, columns), tmp_path / "staging")
    assert frame["nickname"].unique().to_list() == ["x"]
    assert frame.select(CLASSIFICATION_COLUMNS).equals(
        read_bytes(tmp_path, CONTENT)[0].select(CLASSIFICATION_COLUMNS)
    )


def test_columns_of_one_name_are_all_kept(tmp_path: Path) -> None:
    header = CONTENT.replace(b"user_ip", b"user_name", 1)
    frame, _ = read_bytes(tmp_path, header)
    assert frame["user_name"][0] == "volunteer-1"
    assert frame["user_name (2)"][0] == "0123456789abcdef0123"


@pytest.mark.parametrize("name", [b"source_row", b"source_file"])
def test_a_column_called_like_one_of_the_raw_tables_is_kept_under_another_name(
    tmp_path: Path, name: bytes
) -> None:
    frame, _ = read_bytes(tmp_path, CONTENT.replace(b"user_ip", name, 1))
    assert frame[f"{name.decode()} (2)"][0] == "0123456789abcdef0123"
    assert frame["source_row"].to_list() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("data", [CONTENT.split(b"\n")[0], CONTENT.split(b"\n")[0] + b"\n\n"])
def test_a_header_alone_gives_no_rows_and_all_columns(tmp_path: Path, data: bytes) -> None:
    frame, _ = read_bytes(tmp_path, data)
    assert frame.height == 0
    assert frame.columns == [*CLASSIFICATION_COLUMNS, "source_file", "source_row"]


@pytest.mark.parametrize("separator", [b";", b"\t"])
def test_a_file_with_another_separator_is_read(tmp_path: Path, separator: bytes) -> None:
    rows = [[b"1001", b"3.10", b"2024-03-05 01:02:03 UTC", b'"[1,2]"', b'"101;102"'] for _ in range(2)]
    header = [b"classification_id", b"workflow_version", b"created_at", b"annotations", b"subject_ids"]
    data = b"\n".join(separator.join(cells) for cells in [header, *rows])
    frame, _ = read_bytes(tmp_path, data)
    assert frame.row(0)[:5] == ("1001", "3.10", "2024-03-05 01:02:03 UTC", "[1,2]", "101;102")


def test_blank_lines_and_rows_of_empty_cells_are_no_rows(tmp_path: Path) -> None:
    data = CONTENT.replace(b"\n1003,", b"\n\n,,,,,,,,,,,,,\n1003,")
    for each in (data, data.replace(b"volunteer-5", b"Andr\xe9")):
        frame, notes = read_bytes(tmp_path, each)
        assert frame["classification_id"].to_list() == ["1001", "1002", "1003", "1004", "1005", "1006"]
        assert frame["source_row"].to_list() == [1, 2, 5, 6, 7, 8]
        assert notes.malformed == ()


def test_a_file_that_is_not_utf8_is_decoded_and_noted(tmp_path: Path) -> None:
    text = CONTENT.decode().replace("Birds", "Vögel „groß“ €")
    frame, notes = read_bytes(tmp_path, text.encode("cp1252"))
    assert notes == ReadingNotes("cp1252")
    assert frame["workflow_name"].unique().to_list() == ["Vögel „groß“ €"]
    assert frame.height == 6


def test_a_byte_that_cp1252_does_not_know_costs_no_row(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT.replace(b"volunteer-3", b"a\x81\xe9"))
    assert notes.encoding == "cp1252"
    assert frame["user_name"][2] == "a\x81é"


def test_a_damaged_byte_does_not_change_the_letters_of_other_rows(tmp_path: Path) -> None:
    data = CONTENT.replace(b"volunteer-1", "Zoë".encode()).replace(b"volunteer-3", b"Andr\xe9")
    frame, _ = read_bytes(tmp_path, data)
    assert frame["user_name"].to_list()[:3] == ["Zoë", "volunteer-2", "André"]


def test_a_broken_row_is_set_aside_and_the_others_are_read(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT.replace(b"volunteer-2,", b'"volunteer-2,'))
    assert frame["classification_id"].to_list() == ["1001", "1003", "1004", "1005", "1006"]
    assert frame["source_row"].to_list() == [1, 3, 4, 5, 6]
    assert [(row.source_row, row.reason) for row in notes.malformed] == [
        (2, "broken quoting, expected a row of 14 cells")
    ]
    assert notes.malformed[0].text.startswith('1002,"volunteer-2,7002,')


def test_a_row_with_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT.replace(b"volunteer-2,", b"volunteer-2,,"))
    assert frame["source_row"].to_list() == [1, 3, 4, 5, 6]
    assert [row.reason for row in notes.malformed] == ["15 cells, expected a row of 14 cells"]


def test_a_download_that_broke_off_inside_a_cell_loses_no_other_row(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT[:-200])
    assert frame["source_row"].to_list() == [1, 2, 3, 4, 5]
    assert [row.source_row for row in notes.malformed] == [6]


def test_a_row_with_too_few_cells_is_kept_with_nulls(tmp_path: Path) -> None:
    frame, notes = read_bytes(tmp_path, CONTENT[: CONTENT.rindex(b",Birds")])
    assert frame.height == 6
    assert frame.row(5, named=True)["workflow_id"] == "11"
    assert frame.row(5, named=True)["annotations"] is None
    assert notes.malformed == ()


def test_two_rows_with_stray_quotes_do_not_swallow_the_rows_between(tmp_path: Path) -> None:
    data = CONTENT.replace(b"volunteer-2,", b'volun"teer-2,').replace(b"volunteer-5,", b'volunteer-5",')
    frame, _ = read_bytes(tmp_path, data)
    assert frame["user_name"].to_list() == [
        "volunteer-1",
        'volun"teer-2',
        "volunteer-3",
        "volunteer-4",
        'volunteer-5"',
        "volunteer-6",
    ]


def test_a_long_cell_is_normal(tmp_path: Path) -> None:
    annotations = [{"task": "T0", "value": [{"x": number / 7, "y": number} for number in range(20_000)]}]
    row = classification_row(1, annotations=annotations)
    assert len(json_text(annotations)) > 300_000
    data = export_bytes([row, ROWS[1]], CLASSIFICATION_COLUMNS)
    for each in (data, data.replace(b"volunteer-2", b"Andr\xe9")):
        assert read_bytes(tmp_path, each)[0]["annotations"][0] == json_text(annotations)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("compressed", [False, True])
def test_the_unicode_text_of_a_spreadsheet_is_read(tmp_path: Path, encoding: str, compressed: bool) -> None:
    rows = [classification_row(number, workflow_name="Vögel \U0001d11e, \t") for number in (1, 2)]
    lines = export_bytes(rows, CLASSIFICATION_COLUMNS)
    frame, _ = read_bytes(tmp_path, lines)
    data = lines.decode().encode(encoding)
    again, notes = read_bytes(tmp_path, gzip.compress(data) if compressed else data)
    assert again.equals(frame)
    assert notes == ReadingNotes("utf-16")
    assert list((tmp_path / "staging").iterdir()) == []


def test_tabs_of_a_unicode_text_separate_cells(tmp_path: Path) -> None:
    columns = ("workflow_version", "created_at", "annotations", "subject_ids")
    cells = [*columns, "3.10", "2024-03-05 01:02:03 UTC", "[]", "101"]
    data = "\t".join(cells[:4]) + "\r\n" + "\t".join(cells[4:]) + "\r\n"
    frame, _ = read_bytes(tmp_path, data.encode("utf-16"))
    assert frame.select(columns).rows() == [tuple(cells[4:])]


def test_padded_rows_are_read_and_counted(tmp_path: Path) -> None:
    lines = CONTENT.splitlines()
    padded = b"\n".join([*lines[:2], lines[2] + b",,,,", *lines[3:-1], lines[-1] + b",", b""])
    frame, notes = read_bytes(tmp_path, padded)
    assert frame["classification_id"].to_list() == [str(1000 + number) for number in range(1, 7)]
    assert notes == ReadingNotes(n_padded=2)
