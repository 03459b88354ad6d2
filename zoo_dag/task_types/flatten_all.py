"""From the classifications of a workflow version to its flattened tables, in one pass over the annotations.

Equal annotation cells give equal rows. So each distinct cell of a batch is flattened once, and the rows are then
joined with all classifications that have the cell: questions have few distinct cells, and cost next to nothing.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.annotations.definitions import Definitions
from zoo_dag.annotations.elements import Element, Rejected, elements
from zoo_dag.annotations.learning import version_definitions
from zoo_dag.annotations.structs import structs
from zoo_dag.exports.batches import batches, spooled
from zoo_dag.exports.cells import load_json
from zoo_dag.exports.quarantine import quarantine_frame
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES, flattened_tables
from zoo_dag.task_types.declaration import Flattening, Row, RowReader
from zoo_dag.task_types.others import OTHERS

QUARANTINE = "flattened_quarantine"

_KEYS = (
    "classification_id",
    "subject_id",
    "subject_ids",
    "user_key",
    "workflow_id",
    "workflow_version",
    "created_at",
    "excluded",
)
_HEAD = ("annotation_index", "task", "parent_task", "task_type", "task_label", "task_revision")
# Rows that a reader takes at a time: best not many, while they are in the processor's cache.
_READ_ROWS = 1000
_REJECTED = pl.Schema({"annotation_index": pl.Int32(), "reason": pl.String(), "found": pl.String()})
_BY_TYPE = {name: each.flattening for each in TASK_TYPES for name in each.flattening.task_types}


def flatten(classifications: pl.LazyFrame, tasks: pl.LazyFrame, spool: Path) -> dict[str, pl.LazyFrame]:
    """Flatten the classifications of one workflow version.

    Takes `classifications` (the key columns and `annotations`, JSON arrays) and the `tasks` of the version.
    Returns all flattened tables by name, and `flattened_quarantine`; each element of each annotation is in
    exactly one of them. Rows are in the order of the classifications, then of the export. `spool` is a folder
    for temporary files.
    """
    wanted = classifications.select(*_KEYS, "annotations")
    definitions = version_definitions(tasks, wanted)
    dtypes = {name: TABLES[name].dtypes for name in (*flattened_tables(), QUARANTINE)}
    return spooled((_flatten_batch(batch, definitions) for batch in batches(wanted)), dtypes, spool)


def flattening_of(element: Element) -> Flattening:
    """What flattens an element; the task type of an answer about a mark or a cell does not count."""
    return OTHERS.flattening if element.is_sub_task else _BY_TYPE.get(element.task_type, OTHERS.flattening)


class _ByColumn:
    """The reader of tables that have none: keeps the rows, and makes each column with its dtype."""

    def __init__(self, dtypes: pl.Schema) -> None:
        self._dtypes = dtypes
        self._rows: list[Row] = []

    def read(self, rows: Sequence[Row]) -> None:
        self._rows.extend(rows)

    def frame(self) -> pl.DataFrame:
        columns = zip(self._dtypes.items(), zip(*self._rows, strict=True), strict=True)
        return pl.DataFrame([_column(name, dtype, values) for (name, dtype), values in columns])


def _column(name: str, dtype: pl.DataType, values: Sequence[Any]) -> pl.Series:
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
        return structs(name, values, dtype)
    return pl.Series(name, values, dtype)


class _Rows:
    """The rows of a table in a batch, and which cell and element each is of."""

    def __init__(self, table: str, reader: RowReader) -> None:
        self.table = table
        self.cells: list[int] = []
        self.heads: list[int] = []
        self._rows: list[Row] = []
        self._reader = reader

    def add(self, cell: int, head: int, rows: Iterable[Row]) -> None:
        before = len(self._rows)
        self._rows.extend(rows)
        added = len(self._rows) - before
        self.cells.extend([cell] * added)
        self.heads.extend([head] * added)
        if len(self._rows) >= _READ_ROWS:
            self._read()

    def frame(self) -> pl.DataFrame:
        """`status` and the columns that only this table has."""
        if self._rows:
            self._read()
        return self._reader.frame()

    def _read(self) -> None:
        self._reader.read(self._rows)
        self._rows = []


def _empty_rows() -> dict[str, _Rows]:
    found = {QUARANTINE: _Rows(QUARANTINE, _ByColumn(_REJECTED))}
    for flattening in (each.flattening for each in TASK_TYPES):
        dtypes = TABLES[flattening.table].dtypes
        own = pl.Schema({name: dtypes[name] for name in dtypes if name not in (*_KEYS, *_HEAD)})
        reader = flattening.reader() if flattening.reader else _ByColumn(own)
        found[flattening.table] = _Rows(flattening.table, reader)
    return found


def _flatten_batch(batch: pl.DataFrame, definitions: Definitions) -> dict[str, pl.DataFrame]:
    numbers: dict[str, int] = {}
    cells = pl.Series("cell", [numbers.setdefault(text, len(numbers)) for text in batch["annotations"]], pl.UInt32)
    # What an element says of its task, each once: few tasks, many elements.
    heads: dict[Row, int] = {}
    found = _empty_rows()
    for text, cell in numbers.items():
        for element in elements(load_json(text), definitions):
            if isinstance(element, Element):
                flattening = flattening_of(element)
                head = heads.setdefault(_head(element), len(heads))
                found[flattening.table].add(cell, head, flattening.flatten(element))
            elif isinstance(element, Rejected):
                found[QUARANTINE].add(cell, 0, [element])
    keys = batch.select(_KEYS).with_columns(cells)
    return {table: _table(keys, heads, rows) for table, rows in found.items() if rows.cells}


def _head(element: Element) -> Row:
    """The columns _HEAD of an element."""
    definition = element.definition
    revision = definition.revision if definition else None
    return element.position, element.task, element.parent_task, element.task_type, element.label, revision


def _table(keys: pl.DataFrame, heads: Iterable[Row], found: _Rows) -> pl.DataFrame:
    """Rows of distinct cells, joined with the classifications that have them."""
    dtypes = TABLES[found.table].dtypes
    own = found.frame().with_columns(pl.Series("cell", found.cells, pl.UInt32))
    if found.table == QUARANTINE:
        place = {"column": pl.lit("annotations"), "stage": pl.lit("flattened")}
        return quarantine_frame(_of_classifications(keys, own).lazy().with_columns(**place)).collect()
    said = pl.DataFrame(list(heads), schema={column: dtypes[column] for column in _HEAD}, orient="row")
    whole = pl.concat([said[found.heads], own], how="horizontal")
    return _of_classifications(keys, whole).select(dtypes.names())


def _of_classifications(keys: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return keys.join(rows, on="cell", how="inner", maintain_order="left_right")
