"""Files that R wrote again are read as if it had not, and the import says so."""

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    answer,
    classification_row,
    json_text,
    subject_row,
    write_classifications,
)
from tests.exports.raw_project import RawProject
from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.raw import files_are_as_downloaded
from zoo_dag.exports.files import identify
from zoo_dag.exports.reading import read_export
from zoo_dag.exports.resaved import AS_DOWNLOADED, Dialect, dialect

Row = dict[str, Any]
ROWS = [
    classification_row(1, annotations=[answer(value='She said "no"')], gold_standard=True),
    classification_row(2, workflow_name='Birds, "big" and small', subject_ids="101;102"),
    classification_row(3, user_id=None, annotations=[answer(value="back\\slash\nand line")]),
]


def in_r(
    rows: Sequence[Row], columns: Sequence[str], *, escape: bool, row_names: bool, separator: str = ","
) -> str:
    """A table as R's write.table writes it: NA, all texts quoted, a first column whose name is left out."""

    def cell(value: Any) -> str:
        if value is None:
            return "NA"
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, int):
            return r_number(value)
        text = json_text(value) if isinstance(value, dict | list) else str(value)
        return '"' + text.replace('"', '\\"' if escape else '""') + '"'

    lines = [separator.join(f'"{name}"' for name in columns)]
    for number, row in enumerate(rows, 1):
        names = [f'"{number}"'] if row_names else []
        lines.append(separator.join([*names, *(cell(row.get(column)) for column in columns)]))
    return "\n".join(lines) + "\n"


def r_number(value: int) -> str:
    """A number as R writes it: as a power of ten where that is shorter."""
    mantissa, power = f"{value:.14e}".split("e+")
    short = f"{mantissa.rstrip('0').rstrip('.')}e+{int(power):02}"
    return short if len(short) < len(str(value)) else str(value)


@pytest.fixture
def parsed(tmp_path: Path) -> Callable[[Path], pl.DataFrame]:
    """The classifications of a file that is imported alone."""

    def parsed(path: Path) -> pl.DataFrame:
        project = RawProject(tmp_path / f"of {path.name}")
        project.add(path)
        assert project.table("raw_quarantine").height == 0
        frame, quarantine = project.parsed()
        assert quarantine.height == 0
        return frame

    return parsed


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("row_names", [True, False])
@pytest.mark.parametrize("escape", [True, False])
def test_what_r_writes_is_what_it_read(
    parsed: Callable[[Path], pl.DataFrame], tmp_path: Path, escape: bool, row_names: bool, separator: str
) -> None:
    text = in_r(ROWS, CLASSIFICATION_COLUMNS, escape=escape, row_names=row_names, separator=separator)
    (tmp_path / "r.csv").write_text(text)
    expected = parsed(write_classifications(tmp_path / "downloaded.csv", ROWS))
    assert parsed(tmp_path / "r.csv").equals(expected)
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert parsed(tmp_path / "r.csv.gz").equals(expected)
    (tmp_path / "bom.csv").write_bytes(b"\xef\xbb\xbf" + text.encode().replace(b"\n", b"\r\n"))
    with_bom = parsed(tmp_path / "bom.csv")
    assert with_bom.drop("annotations").equals(expected.drop("annotations"))
    (tmp_path / "r16.csv").write_bytes(text.encode("utf-16"))
    assert parsed(tmp_path / "r16.csv").equals(expected)


def test_an_import_says_what_was_undone(project: RawProject, tmp_path: Path) -> None:
    rows = [classification_row(1), classification_row(2, user_id=100_000), classification_row(3, user_id=200_000)]
    (tmp_path / "r.csv").write_text(in_r(rows, CLASSIFICATION_COLUMNS, escape=True, row_names=True))
    write_classifications(tmp_path / "z.csv", [classification_row(4)])
    project.add(tmp_path / "r.csv", tmp_path / "z.csv")
    said = "quotes behind a backslash, row names without a name in the header; ids such as 1e+05 (user_id 2)"
    assert dict(project.table("imports").select("source_file", "resaved").iter_rows()) == {
        "r.csv": said,
        "z.csv": None,
    }
    finding = files_are_as_downloaded(CheckInput({"imports": project.table("imports").lazy()}))
    assert not finding.passed
    assert finding.message == f"Written again by R, and read as if it had not been: r.csv: {said}."
    assert finding.numbers == {"files": 2, "files written again": 1}


def test_files_as_downloaded_are_not_doubted(project: RawProject, tmp_path: Path) -> None:
    project.add(write_classifications(tmp_path / "c.csv", ROWS))
    finding = files_are_as_downloaded(CheckInput({"imports": project.table("imports").lazy()}))
    assert (finding.passed, finding.message) == (True, "None of 1 file was written again by R.")


def test_ids_in_powers_of_ten_are_the_numbers(project: RawProject, tmp_path: Path) -> None:
    rows = [
        classification_row(1, classification_id=700_000_000, user_id=100_000, subject_ids=53_000_000),
        classification_row(2, classification_id=700_000_001, user_id=123_456_789, subject_ids="100;20"),
    ]
    text = in_r(rows, CLASSIFICATION_COLUMNS, escape=False, row_names=False)
    assert '7e+08,"volunteer-1",1e+05' in text
    (tmp_path / "r.csv").write_text(text)
    project.add(tmp_path / "r.csv")
    frame = project.classifications()
    assert frame.select("classification_id", "user_id", "user_key", "subject_ids").rows() == [
        (700_000_000, 100_000, "user:100000", "53000000"),
        (700_000_001, 123_456_789, "user:123456789", "20;100"),
    ]


@pytest.mark.parametrize("text", ["1.23457e+08", "1.2e+05", "1e+03", "1E+05", "1e5", "1e-05", "1.5e+00", "9e+99"])
def test_numbers_that_may_have_lost_digits_are_not_read(project: RawProject, tmp_path: Path, text: str) -> None:
    # R writes such a number in full; other programs drop digits.
    project.add(write_classifications(tmp_path / "c.csv", [classification_row(1, classification_id=text)]))
    assert project.parsed()[1].select("column", "found").rows() == [("classification_id", text)]


def test_subjects_of_r_are_read(project: RawProject, tmp_path: Path) -> None:
    rows = [
        subject_row(100_000, metadata={"name": 'a "big" bird'}),
        subject_row(102, classifications_count=200_000),
    ]
    (tmp_path / "s.csv").write_text(in_r(rows, SUBJECT_COLUMNS, escape=True, row_names=True))
    project.add(tmp_path / "s.csv")
    subjects, quarantine = project.subjects()
    assert quarantine.height == 0
    assert subjects.select("subject_id", "metadata", "classifications_count").rows() == [
        (102, '{"name":"bird 102.jpg"}', 200_000),
        (100_000, '{"name":"a \\"big\\" bird"}', 0),
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("a,b\n1,2\n3,4\n", AS_DOWNLOADED),
        ("a,b\n", AS_DOWNLOADED),
        ("a,b\n1,2,3\n4,5,6\n", Dialect(row_names=True)),
        # A spreadsheet's padding, one row that is damaged, and a first column that has an empty name.
        ("a,b\n1,2,\n3,4,\n", AS_DOWNLOADED),
        ("a,b\n1,2,3\n4,5\n6,7\n", AS_DOWNLOADED),
        (",a,b\n1,2,3,4\n", AS_DOWNLOADED),
        # Of longer rows the ids stand where their names are, else one place after them; missing ones say nothing.
        ("classification_id,name\n1,x,y\n2,x,y\n", AS_DOWNLOADED),
        ("subject_id,name\na,1,x\nb,1e+05,x\n", Dialect(row_names=True)),
        ("subject_id,workflow_id,name\n1,1,NA,x\n2,2,NA,x\n", Dialect(row_names=True)),
        ('a,b\n"{""x"":1}",2\n3,4\n', AS_DOWNLOADED),
        ('a,b\n"{\\"x\\":1}",2\n3,4\n', Dialect(backslash=True)),
        ('a,b\n1,"[{\\"x\\":1}]",2\n3,4,5\n', Dialect(backslash=True, row_names=True)),
        # A backslash before a quote that Zooniverse doubles.
        ('a,b\n"{""x"":""\\""""}",2\n3,4\n', AS_DOWNLOADED),
    ],
)
def test_the_first_rows_show_the_dialect(start: str, expected: Dialect) -> None:
    header = start.splitlines()[0].split(",")
    assert dialect(start, header, ",") == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=5))
def test_no_letter_is_lost(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.mktemp("r")
    rows = [
        classification_row(number, workflow_name=f"<{name}>", annotations=[answer(value=name)])
        for number, name in enumerate(names)
    ]
    path = folder / "r.csv"
    path.write_text(in_r(rows, CLASSIFICATION_COLUMNS, escape=True, row_names=True), encoding="utf-8")
    frame, notes = read_export(identify(path), folder, pl.LazyFrame.collect)
    assert notes.malformed == ()
    assert frame["workflow_name"].to_list() == [row["workflow_name"] for row in rows]
    assert frame["annotations"].to_list() == [json_text(row["annotations"]) for row in rows]
