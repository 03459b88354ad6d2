"""Repairing a file that a strict reader refuses: valid rows are read after every broken one."""

import csv
from pathlib import Path

from zoo_dag.exports.repair import MalformedRow, decode_lines, repair

HEADER = ["id", "name", "text"]


def mend(
    folder: Path, lines: list[bytes], separator: str = ","
) -> tuple[list[list[str]], str, list[MalformedRow]]:
    source, target = folder / "source.csv", folder / "target.csv"
    source.write_bytes(b"\n".join([separator.join(HEADER).encode(), *lines, b""]))
    repaired = repair(source, target, HEADER, separator)
    with target.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == [*HEADER, "source_row"]
    return rows[1:], repaired.encoding, repaired.malformed


def test_sound_rows_stay_with_their_numbers(tmp_path: Path) -> None:
    rows, encoding, malformed = mend(tmp_path, [b"1,a,x", b'2,"b, ""c""",y'])
    assert rows == [["1", "a", "x", "1"], ["2", 'b, "c"', "y", "2"]]
    assert (encoding, malformed) == ("utf-8", [])


def test_a_cell_of_many_lines_stays_one_cell(tmp_path: Path) -> None:
    rows, _, _ = mend(tmp_path, [b'1,"line', b"", b'another line",x', b"2,b,y"])
    assert rows == [["1", "line\n\nanother line", "x", "1"], ["2", "b", "y", "2"]]


def test_an_open_quote_costs_only_its_row(tmp_path: Path) -> None:
    lines = [b'1,"a,x', *(f"{number},b,y".encode() for number in range(2, 1200))]
    rows, _, malformed = mend(tmp_path, lines)
    assert [row[0] for row in rows] == [str(number) for number in range(2, 1200)]
    assert malformed == [MalformedRow(1, "broken quoting, expected a row of 3 cells", '1,"a,x')]


def test_a_row_of_too_many_cells_is_set_aside(tmp_path: Path) -> None:
    rows, _, malformed = mend(tmp_path, [b"1,a,x,extra", b"2,b,y"])
    assert rows == [["2", "b", "y", "2"]]
    assert malformed == [MalformedRow(1, "4 cells, expected a row of 3 cells", "1,a,x,extra")]


def test_empty_cells_beyond_the_header_are_dropped_and_counted(tmp_path: Path) -> None:
    lines = [b"1,a,x,,,", b"2,b,y", b'3,"c\nd",z,"",', b",,,,,", b"4,d,w,,,5"]
    rows, _, malformed = mend(tmp_path, lines)
    assert rows == [["1", "a", "x", "1"], ["2", "b", "y", "2"], ["3", "c\nd", "z", "3"]]
    assert malformed == [MalformedRow(5, "6 cells, expected a row of 3 cells", "4,d,w,,,5")]
    assert repair(tmp_path / "source.csv", tmp_path / "target.csv", HEADER, ",").n_padded == 2


def test_a_row_of_too_few_cells_is_filled_up(tmp_path: Path) -> None:
    assert mend(tmp_path, [b"1,a", b"2"])[0] == [["1", "a", "", "1"], ["2", "", "", "2"]]


def test_blank_rows_are_counted_but_not_written(tmp_path: Path) -> None:
    assert mend(tmp_path, [b"", b",,", b"3,c,z"])[0] == [["3", "c", "z", "3"]]


def test_another_separator_is_read_and_a_comma_written(tmp_path: Path) -> None:
    assert mend(tmp_path, [b"1;a,b;x"], ";")[0] == [["1", "a,b", "x", "1"]]


def test_each_line_is_decoded_on_its_own(tmp_path: Path) -> None:
    rows, encoding, _ = mend(tmp_path, ["1,é,x".encode(), "2,é,x".encode("cp1252")])
    assert [row[1] for row in rows] == ["é", "é"]
    assert encoding == "cp1252"


def test_every_byte_can_be_decoded() -> None:
    assert len(decode_lines(bytes(range(256)))) == 256
