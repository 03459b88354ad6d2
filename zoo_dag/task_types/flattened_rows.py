"""The rows of elements, collected for each table, and joined with the classifications that have them."""

from collections.abc import Callable, Iterable
from itertools import repeat

import polars as pl

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.structs import column
from zoo_dag.exports.grids import SHOWN
from zoo_dag.exports.quarantine import quarantine_frame
from zoo_dag.tables import TABLES
from zoo_dag.tables.flattened import CLASSIFICATION_KEYS, FRAME_SIZES, LEFT_BRANCH
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.declaration import Row, RowReader, no_rows

QUARANTINE = "flattened_quarantine"
# The number of a classification, where rows of several passes have to be put in order.
PLACE = "place"
_HEAD = ("annotation_index", "task", "parent_task", "task_type", "task_label", "task_revision")
_OF_CLASSIFICATION = {each.flattening.table: each.flattening.of_classification for each in TASK_TYPES}
_REJECTED = pl.Schema({"annotation_index": pl.Int32(), "reason": pl.String(), "found": pl.String()})


class Rows:
    """The rows of a table in a batch, with the cell and the head of each."""

    def __init__(
        self,
        table: str,
        dtypes: pl.Schema,
        flatten: Callable[[Element], Iterable[Row]] = no_rows,
        reader: RowReader | None = None,
    ) -> None:
        """Collect rows for a table; `dtypes` are those of `status` and of the columns that only this table has."""
        self.table = table
        self.cells: list[int] = []
        self.heads: list[int] = []
        # The subjects of rows that are about one of several shown, by the place of the row.
        self.subjects: dict[int, int] = {}
        self._dtypes = dtypes
        self._reader = reader
        self._flatten = flatten
        self._rows: list[Row] = []

    def add(self, cell: int, head: int, element: Element) -> None:
        """Add the rows of an element."""
        if self._reader:
            n = self._reader.add(element)
        else:
            before = len(self._rows)
            self._rows += self._flatten(element)
            n = len(self._rows) - before
        if n == 1:
            self.cells.append(cell)
            self.heads.append(head)
        else:
            self.cells += repeat(cell, n)
            self.heads += repeat(head, n)

    def add_about(self, cell: int, head: int, rows: Iterable[tuple[int | None, Row]]) -> None:
        """Add the rows of an element, each with the subject that it is about."""
        for subject, row in rows:
            if subject is not None:
                self.subjects[len(self.cells)] = subject
            self._rows.append(row)
            self.cells.append(cell)
            self.heads.append(head)

    def frame(self) -> pl.DataFrame:
        """`status` and the columns that only this table has."""
        if self._reader:
            return self._reader.frame()
        columns = zip(self._dtypes.items(), zip(*self._rows, strict=True), strict=True)
        return pl.DataFrame([column(name, values, dtype) for (name, dtype), values in columns])


def empty_rows() -> dict[str, Rows]:
    """Rows for each flattened table and the quarantine, none yet."""
    rows = {QUARANTINE: Rows(QUARANTINE, _REJECTED)}
    for flattening in (each.flattening for each in TASK_TYPES):
        dtypes = TABLES[flattening.table].dtypes
        own = pl.Schema({name: dtypes[name] for name in dtypes if name not in (*CLASSIFICATION_KEYS, *_HEAD)})
        reader = flattening.reader() if flattening.reader else None
        rows[flattening.table] = Rows(flattening.table, own, flattening.flatten, reader)
    return rows


def head_of(element: Element, *, is_left: bool) -> Row:
    """The columns about the task of an element, and whether it is on a branch that the volunteer left."""
    definition = element.definition
    revision = definition.revision if definition else None
    task = element.task, element.parent_task, element.task_type, element.label, revision
    return element.position, *task, is_left


def table_of(keys: pl.DataFrame, heads: Iterable[Row], rows: Rows) -> pl.DataFrame:
    """Rows of distinct cells, joined with the classifications that have them.

    `keys` are the keys of the classifications, the `cell` of each, FRAME_SIZES, and PLACE where it is needed.
    """
    further = _OF_CLASSIFICATION.get(rows.table)
    if not further:
        keys = keys.drop(FRAME_SIZES)
    keys = keys.drop(SHOWN)
    dtypes = TABLES[rows.table].dtypes
    about = pl.Series(map(rows.subjects.get, range(len(rows.cells))), dtype=pl.Int64) if rows.subjects else None
    element_rows = rows.frame().with_columns(pl.Series("cell", rows.cells, pl.UInt32), _about=about)
    place = [name for name in keys.columns if name == PLACE]
    if rows.table == QUARANTINE:
        rejected = _of_classifications(keys, element_rows)
        where = {"column": pl.lit("annotations"), "stage": pl.lit("flattened")}
        quarantined = quarantine_frame(rejected.lazy().with_columns(**where)).collect()
        return quarantined.hstack(rejected.select(place))
    schema = {**{column: dtypes[column] for column in _HEAD}, "is_left": pl.Boolean()}
    tasks = pl.DataFrame(list(heads), schema=schema, orient="row")
    complete = pl.concat([tasks[rows.heads], element_rows], how="horizontal")
    # Also where the classification does not count: it may in the pool.
    excluded = pl.when("is_left").then(pl.lit(LEFT_BRANCH)).otherwise("excluded").alias("excluded")
    joined = _of_classifications(keys, complete).with_columns(excluded, **further or {})
    if rows.subjects:
        ids = pl.coalesce(pl.col("_about").cast(pl.String), "subject_ids")
        joined = joined.with_columns(subject_id=pl.coalesce("_about", "subject_id"), subject_ids=ids)
    return joined.select(*dtypes.names(), *place)


def _of_classifications(keys: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the cells, for each classification that has the cell; in the order of the classifications."""
    if keys["cell"].n_unique() == keys.height:
        # No two have the same annotations, as with drawings. Cells are numbered, and have their rows, in order.
        return pl.concat([keys.drop("cell")[rows["cell"]], rows], how="horizontal")
    return keys.join(rows, on="cell", how="inner", maintain_order="left_right")
