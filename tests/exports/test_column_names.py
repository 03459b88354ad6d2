"""Columns that were added to an export are data, whatever they are called."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    WORKFLOW_COLUMNS,
    Row,
    cell_text,
    classification_row,
    subject_row,
    workflow_row,
    write_classifications,
)
from tests.exports.raw_project import RawProject
from zoo_dag.errors import ExportError
from zoo_dag.exports.files import MOST_COLUMNS, column_names, identify
from zoo_dag.tables.layouts import LAYOUTS, Kind

ROWS: dict[Kind, tuple[Sequence[str], list[Row]]] = {
    # The first is replaced by the second, the third belongs to no version.
    "classifications": (
        CLASSIFICATION_COLUMNS,
        [classification_row(1), classification_row(1), classification_row(2, workflow_version="x")],
    ),
    "subjects": (SUBJECT_COLUMNS, [subject_row(), subject_row(), subject_row(102)]),
    "workflows": (WORKFLOW_COLUMNS, [workflow_row(), workflow_row(), workflow_row(minor=11)]),
}
# Names of columns that our steps add or once added, of results, and patterns of Polars.
NASTY = (
    *(
        "*",
        "**",
        "^.*$",
        "^$",
        "^user.*$",
        "^",
        "$",
        "",
        " ",
        "excluded",
        "typed user_key",
        "typed problem",
        "row",
    ),
    *(
        " row",
        "part",
        "key 0",
        "partition key",
        " partition key",
        "problem",
        " problem",
        "source_file",
        "source_row",
    ),
    *(
        "unnamed column 14",
        " unnamed 14",
        "user_key",
        "version_major",
        "version_minor",
        "workflow_version",
        "n_frames",
    ),
    *("annotations_hash", "tutorial_subject_id", "retirement_criteria", "id", "index", "literal", "len", "count"),
    *(
        "subject_problem",
        "metadata_problem",
        "a,b",
        'a"b',
        "a\nb",
        "a;b",
        "Ωmega",
        "x" * 300,
        "a.b",
        "{}",
        "%s",
        "=1+1",
    ),
    *(
        "* (2)",
        "source_file (2)",
        "_duplicated_0",
        "classification_id_duplicated_0",
        "1",
        "null",
        "None",
        "\u200b",
    ),
)
names = st.one_of(
    st.sampled_from(NASTY),
    st.sampled_from([name for layout in LAYOUTS.values() for name in layout.columns]),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=8),
)
lasting = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def written(path: Path, kind: Kind, added: Sequence[str]) -> Path:
    """An export with added columns at the end; the cells of a row are its number and that of the column."""
    columns, rows = ROWS[kind]
    lines = [[*columns, *added]]
    for number, row in enumerate(rows):
        lines.append([*(row[name] for name in columns), *(f"{number}-{place}" for place in range(len(added)))])
    path.write_text("\n".join(",".join(cell_text(cell) for cell in line) for line in lines) + "\n", newline="")
    return path


@lasting
@given(kind=st.sampled_from(list(LAYOUTS)), added=st.lists(names, max_size=6))
@example(kind="classifications", added=list(NASTY))
@example(kind="subjects", added=list(NASTY))
@example(kind="workflows", added=list(NASTY))
# Polars calls a repeated name so, and then refuses the file.
@example(kind="classifications", added=["", "", "_duplicated_0"])
@example(kind="subjects", added=["a", "a", "a_duplicated_0"])
def test_no_name_of_a_column_loses_a_cell_or_changes_a_table(kind: Kind, added: list[str]) -> None:
    # Columns of older files have a meaning.
    added = [name for name in added if name.strip() not in LAYOUTS[kind].former]
    with TemporaryDirectory() as folder:
        plain, wide = (RawProject(Path(folder) / name) for name in ("plain", "wide"))
        plain.add(written(Path(folder) / "export.csv", kind, []))
        wide.add(export := written(Path(folder) / "export.csv", kind, added))
        assert typed(wide, kind) == typed(plain, kind)
        assert wide.table("imports")["n_rows"].to_list() == [3]
        raw = wide.raw() if kind == "classifications" else wide.table(f"raw_{kind}")
        header = identify(export).header[-len(added) :] if added else ()
        assert [name == "" for name in header] == [name.strip() == "" for name in added]
        kept = {name: place for place, name in enumerate(header) if name}
        # The second of the two equal rows is the one that is kept.
        cells = [raw.to_series(raw.columns.index(name))[0] for name in kept]
        assert cells == [f"1-{place}" for place in kept.values()]


def typed(project: RawProject, kind: Kind) -> list[Any]:
    """The typed tables of a kind, as rows, and the quarantine but for the JSON of its row."""
    if kind == "classifications":
        tables = project.parsed()
    else:
        tables = project.subjects() if kind == "subjects" else project.workflows()
    return [frame.rows() for frame in (*tables, project.table("raw_quarantine").drop("row"))]


def test_names_that_are_patterns_or_repeated_are_numbered() -> None:
    header = ["a", "*", "a", "*", "^a.*$", "", "", "source_row", "a (2)"]
    expected = ("a", "* (2)", "a (2)", "* (3)", "^a.*$ (2)", "", "", "source_row (2)", "a (2) (2)")
    assert column_names(header) == expected


def test_a_file_without_ids_keeps_the_ids_that_it_gets_whatever_else_is_in_it(project: RawProject) -> None:
    columns = CLASSIFICATION_COLUMNS[1:]
    rows = [{**classification_row(number), "*": str(number)} for number in (1, 2)]
    for row in rows:
        row["user_name"] = "same"
    project.add(write_classifications(project.root.parent / "c.csv", rows, [*columns, "*"]))
    ids = project.raw()["classification_id"].to_list()
    assert len(set(ids)) == 2
    assert project.raw()["* (2)"].to_list() == ["1", "2"]


@pytest.mark.parametrize("number", [MOST_COLUMNS + 1, 20_000])
def test_a_header_of_thousands_of_columns_is_refused(tmp_path: Path, number: int) -> None:
    added = [f"c{place}" for place in range(number - len(CLASSIFICATION_COLUMNS))]
    path = written(tmp_path / "wide.csv", "classifications", added)
    with pytest.raises(ExportError, match=rf"wide\.csv: the header has {number:,} columns"):
        identify(path)


def test_a_header_of_hundreds_of_columns_is_read(project: RawProject) -> None:
    added = [f"c{place}" for place in range(MOST_COLUMNS - len(CLASSIFICATION_COLUMNS))]
    project.add(written(project.root.parent / "wide.csv", "classifications", added))
    assert project.raw()["c99"].to_list() == ["1-99"]
    assert project.classifications()["classification_id"].to_list() == [1001]
