"""In which shape `zoo-dag export` writes a table: flat or with lists, marks in pixels or as fractions."""

from dataclasses import dataclass

import polars as pl

from zoo_dag.errors import ZooDagError
from zoo_dag.store.flat_tables import FlatTable, flat_table, rows_of, with_fields
from zoo_dag.store.mark_units import has_marks, in_fractions
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import counted, listed


@dataclass(frozen=True)
class Shape:
    """The shape of tables in a file: with `as_json` lists and metadata are JSON texts, as they are stored.

    `hidden` adds the fields of metadata that Zooniverse hides. Marks are pixels, or `fractions` of their frame.
    `rows_of` is a list that gets a row for each of its elements.
    """

    as_json: bool = False
    hidden: bool = False
    fractions: bool = False
    rows_of: str | None = None


def shaped(
    name: str, frame: pl.LazyFrame, shape: Shape, files: TableFiles, *, is_flat: bool
) -> tuple[FlatTable, list[str]]:
    """A table in a shape, and what there is to say about it; `is_flat` for a file that has no lists.

    Raises ZooDagError where it has no list `rows_of`.
    """
    said = []
    if shape.fractions and has_marks(frame.collect_schema()):
        sizes = TABLES["subject_frames"]
        frame, n_unknown = in_fractions(frame, files.scan_all(sizes, files.current_keys(sizes)))
        if n_unknown:
            said.append(
                f"Empty: the places of {counted(n_unknown, 'rows')} of {name}, on frames of which no "
                "classification has the size."
            )
    if shape.rows_of:
        frame = rows_of(frame, _list_named(shape.rows_of, name, frame))
    if shape.as_json:
        return FlatTable(frame, {}), said
    table = (flat_table if is_flat else with_fields)(name, frame, hidden=shape.hidden)
    if table.left_out:
        said.append(f"Left out of {name}: {listed(table.left_out)}, JSON text. --with-json writes it.")
    return table, said


def _list_named(column: str, name: str, frame: pl.LazyFrame) -> str:
    lists = [each for each, dtype in frame.collect_schema().items() if isinstance(dtype, pl.List)]
    if column not in lists:
        raise ZooDagError(f"The table {name} has no list {column}; it has {listed(lists) or 'none'}.")
    return column
