"""From the classifications of a workflow version to its flattened tables, in one pass over the annotations.

Equal annotation cells give equal rows. So each distinct cell of a batch is flattened once, and the rows are then
joined with all classifications that have the cell: questions have few distinct cells, and cost next to nothing.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.annotations.definitions import Definitions
from zoo_dag.annotations.elements import Element, Rejected, elements
from zoo_dag.annotations.learning import version_definitions
from zoo_dag.exports.batches import batches, spooled
from zoo_dag.exports.cells import load_json
from zoo_dag.exports.quarantine import quarantine_frame
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.task_types.flattening import FRAMES, READERS, module_for

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
# Rows that a reader is given at a time.
_READ_ROWS = 1000
_REJECTED = pl.Schema({"annotation_index": pl.Int32(), "reason": pl.String(), "found": pl.String()})


def flatten(classifications: pl.LazyFrame, tasks: pl.LazyFrame, spool: Path) -> dict[str, pl.LazyFrame]:
    """Flatten the classifications of one workflow version.

    Takes `classifications` (the key columns and `annotations`, JSON arrays) and the `tasks` of the version.
    Returns all flattened tables by name, and `flattened_quarantine`; each element of each annotation is in
    exactly one of them. Rows are in the order of the classifications, then of the export. `spool` is a folder
    for temporary files.
    """
    wanted = classifications.select(*_KEYS, "annotations")
    definitions = version_definitions(tasks, wanted)
    dtypes = {name: TABLES[name].dtypes for name in (*FLATTENED, QUARANTINE)}
    return spooled((_flatten_batch(batch, definitions) for batch in batches(wanted)), dtypes, spool)


class _Rows:
    """The rows of a table in a batch, and of which cell and element each is."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.rows: list[tuple[Any, ...]] = []
        self.cells: list[int] = []
        self.heads: list[int] = []
        self._reader = READERS[table]() if table in READERS else None

    def add(self, cell: int, head: int, rows: Iterable[tuple[Any, ...]]) -> None:
        before = len(self.rows)
        self.rows.extend(rows)
        added = len(self.rows) - before
        self.cells.extend([cell] * added)
        self.heads.extend([head] * added)
        if self._reader and len(self.rows) >= _READ_ROWS:
            self._reader.read(self.rows)
            self.rows = []

    def frame(self) -> pl.DataFrame:
        """The table's own columns."""
        if self._reader:
            if self.rows:
                self._reader.read(self.rows)
            return self._reader.frame()
        if self.table in FRAMES:
            return FRAMES[self.table](self.rows)
        dtypes = TABLES[self.table].dtypes
        own = [column for column in dtypes if column not in (*_KEYS, *_HEAD)]
        return _frame(self.rows, _REJECTED if self.table == QUARANTINE else {name: dtypes[name] for name in own})


def _flatten_batch(batch: pl.DataFrame, definitions: Definitions) -> dict[str, pl.DataFrame]:
    numbers: dict[str, int] = {}
    cells = pl.Series("cell", [numbers.setdefault(text, len(numbers)) for text in batch["annotations"]], pl.UInt32)
    # What an element says of its task, each once: few tasks, many elements.
    heads: dict[tuple[Any, ...], int] = {}
    found: dict[str, _Rows] = {table: _Rows(table) for table in (*FLATTENED, QUARANTINE)}
    for text, cell in numbers.items():
        for element in elements(load_json(text), definitions):
            if isinstance(element, Element):
                module = module_for(element)
                head = heads.setdefault(_head(element), len(heads))
                found[module.TABLE].add(cell, head, module.flatten(element))
            elif isinstance(element, Rejected):
                found[QUARANTINE].add(cell, 0, [element])
    keys = batch.select(_KEYS).with_columns(cells)
    return {table: _table(keys, heads, rows) for table, rows in found.items() if rows.cells}


def _head(element: Element) -> tuple[Any, ...]:
    """The columns _HEAD of an element."""
    definition = element.definition
    revision = definition.revision if definition else None
    return element.position, element.task, element.parent_task, element.task_type, element.label, revision


def _table(keys: pl.DataFrame, heads: Iterable[tuple[Any, ...]], found: _Rows) -> pl.DataFrame:
    """Rows of distinct cells, joined with the classifications that have them."""
    dtypes = TABLES[found.table].dtypes
    own = found.frame().with_columns(pl.Series("cell", found.cells, pl.UInt32))
    if found.table == QUARANTINE:
        place = {"column": pl.lit("annotations"), "stage": pl.lit("flattened")}
        return quarantine_frame(_of_classifications(keys, own).lazy().with_columns(**place)).collect()
    said = pl.DataFrame(list(heads), schema={column: dtypes[column] for column in _HEAD}, orient="row")
    whole = pl.concat([said[found.heads], own], how="horizontal")
    return _of_classifications(keys, whole).select(dtypes.names())


def _frame(rows: list[tuple[Any, ...]], dtypes: Mapping[str, Any]) -> pl.DataFrame:
    columns = zip(dtypes.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(column, list(values), dtype) for (column, dtype), values in columns])


def _of_classifications(keys: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return keys.join(rows, on="cell", how="inner", maintain_order="left_right")
