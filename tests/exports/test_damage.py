"""Whatever is in a cell of an export: the row is typed, or quarantined with its file, row and column."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    WORKFLOW_COLUMNS,
    Row,
    classification_row,
    export_bytes,
    subject_row,
    workflow_row,
)
from tests.exports.raw_project import RawProject
from zoo_dag.errors import ExportError
from zoo_dag.tables.layouts import LAYOUTS, Kind

OLD_SUBJECT = {
    "workflow_ids": [11],
    "subject_set_ids": [21],
    "classifications_by_workflow": {"11": 5},
    "retired_in_workflow": {"11": "2016-12-27 01:24:22 UTC"},
}
ROWS: dict[str, tuple[Kind, Sequence[str], Row]] = {
    "classifications": ("classifications", CLASSIFICATION_COLUMNS, classification_row(2)),
    "subjects": ("subjects", SUBJECT_COLUMNS, subject_row(102)),
    "old subjects": (
        "subjects",
        ("subject_id", "project_id", "metadata", "locations", *OLD_SUBJECT),
        subject_row(102) | OLD_SUBJECT,
    ),
    "workflows": ("workflows", WORKFLOW_COLUMNS, workflow_row(minor=11)),
}
DAMAGE = (
    *(
        None,
        "",
        " ",
        "NA",
        "NaN",
        "null",
        "true",
        "\0",
        "\ufeff",
        "\u2028",
        '"',
        "'",
        ",",
        "\n",
        "\r",
        ";",
        "x" * 40_000,
    ),
    *(
        "0",
        "-1",
        "-0",
        "1.5",
        "63325.0",
        "1e5",
        "1e999",
        "9" * 18,
        "9" * 19,
        "9" * 400,
        "\uff11\uff12",
        "\u0663",
        "²",
    ),
    *(
        "[]",
        "{}",
        "[null]",
        "[{}]",
        "[[[]]]",
        "[" * 300 + "]" * 300,
        "[" * 3000,
        '{"":null}',
        '{"a":',
        "[NaN]",
        "[1e400]",
    ),
    *(
        '"\\ud800"',
        '["\\u0000"]',
        "{" + '"a":{' * 200 + "}" * 201,
        '{"0":{}}',
        '{"0":5}',
        '{"\u0663":"u"}',
        '{"11":{}}',
    ),
    *(
        "[true]",
        "[18446744073709551616]",
        '["11"]',
        "[11.0]",
        '{"options":{"count":1e30}}',
        '{"tasks":[]}',
        '{"T0":3}',
    ),
    *("0000-01-01 00:00:00 UTC", "9999-12-31 23:59:59 UTC", "0001-01-01 00:00:00 UTC", "2024-02-30 00:00:00 UTC"),
    *(
        "2024-03-05T01:02:03+14:00",
        "-2024-03-05 01:02:03 UTC",
        "1500-01-01 00:00:00 UTC",
        "3.10",
        "3.1.4",
        "1;2",
        ";;",
    ),
)
cells = st.one_of(
    st.sampled_from(DAMAGE),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    st.integers().map(str),
    st.datetimes().map(str),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",)), max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "11", "T0"]), inner),
        max_leaves=6,
    ).filter(lambda value: isinstance(value, list | dict)),
)
# An id that is in no damaged cell: a row with the id of another one would replace it.
SOUND = 10**17 + 3
lasting = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def reported(project: RawProject, kind: Kind) -> tuple[int, list[tuple[str, int, str]]]:
    """The number of typed rows, and the file, row and column of the quarantined ones."""
    if kind == "classifications":
        pairs = [project.parsed(key) for key in project.versions()]
    else:
        pairs = [project.subjects() if kind == "subjects" else project.workflows()]
    places = [project.table("raw_quarantine"), *(quarantine for _, quarantine in pairs)]
    return (
        sum(typed.height for typed, _ in pairs),
        [row for frame in places for row in frame.select("source_file", "source_row", "column").rows()],
    )


@pytest.mark.parametrize("name", ROWS)
@lasting
@given(st.data())
def test_a_damaged_cell_is_typed_or_named(name: str, data: st.DataObject) -> None:
    kind, columns, row = ROWS[name]
    column = data.draw(st.sampled_from(columns))
    sound = row | {columns[0]: SOUND}
    damaged = row | {column: data.draw(cells)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(export_bytes([sound, damaged], columns))
        project = RawProject(Path(folder) / "data")
        project.add(path)
        typed, places = reported(project, kind)
        # Rows of old subjects have as many links as their lists say.
        assert typed + len(places) >= 1 + (damaged[columns[0]] is not None)
        assert all(
            (file, named) == ("export.csv", named) and number >= 1 and named for file, number, named in places
        )


@pytest.mark.parametrize("name", ROWS)
@lasting
@given(st.data())
def test_a_file_with_damaged_bytes_is_read_or_named(name: str, data: st.DataObject) -> None:
    kind, columns, row = ROWS[name]
    whole = export_bytes([row, row | {columns[0]: 98}, row | {columns[0]: 99}], columns)
    place = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=6) | st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\xff\xfe"]))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(whole[:place] + junk + whole[place + data.draw(st.integers(0, 40)) :])
        project = RawProject(Path(folder) / "data")
        try:
            project.add(path)
        except ExportError as error:
            sentence = str(error)
        else:
            sentence = f"{path}: read"
            reported(project, kind)
        assert sentence.startswith(f"{path}: ")


def test_every_layout_is_damaged() -> None:
    assert {kind for kind, _, _ in ROWS.values()} == set(LAYOUTS)
