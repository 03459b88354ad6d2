"""From the classifications of a workflow version to its flattened tables, in one pass over the annotations.

Equal annotation cells give equal rows. So each distinct cell of a batch is flattened once, and the rows are then
joined with all classifications that have the cell: questions have few distinct cells, and cost next to nothing.

Where nothing defines the tasks, their types are learned in the same pass. Only the classifications with an element
whose type the element does not show wait on disk until all types are learned, and are flattened then; their rows
take their place by the number of the classification. No other cell is parsed twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.annotations.definitions import Definitions, read_definitions
from zoo_dag.annotations.elements import Element, Merged, Rejected, elements
from zoo_dag.annotations.learning import TypeLearner
from zoo_dag.exports.batches import batches, staged
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
# The number of a classification, and the classifications that wait for the types of their tasks.
_PLACE = "place"
_WAITING = "waiting"


class Flattened(NamedTuple):
    """The flattened tables and `flattened_quarantine` by name, and how many elements only repeat another one.

    Each other element of an annotation is in exactly one of the tables.
    """

    tables: dict[str, pl.LazyFrame]
    n_merged: int


def flatten(classifications: pl.LazyFrame, tasks: pl.LazyFrame, staging: Path) -> Flattened:
    """Flatten the classifications of one workflow version.

    Takes `classifications` (the key columns and `annotations`, JSON arrays) and the `tasks` of the version. Rows
    are in the order of the classifications, then of the export. `staging` is a folder for temporary files.
    """
    rows = classifications.select(*_KEYS, "annotations")
    definitions = read_definitions(tasks.collect())
    if definitions.tasks:
        flattener = _Flattener(definitions)
        return Flattened(flattener.tables(rows, staging), flattener.n_merged)
    learner = TypeLearner()
    first = _Flattener(definitions, learner)
    tables = first.tables(rows.with_row_index(_PLACE), staging / "first")
    second = _Flattener(replace(definitions, learned=learner.commonest()))
    waited = second.tables(tables.pop(_WAITING), staging / "second")
    merged = {
        name: table.merge_sorted(waited[name], _PLACE, maintain_order=True).drop(_PLACE)
        for name, table in tables.items()
    }
    return Flattened(merged, first.n_merged + second.n_merged)


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


class _Batch:
    """The rows of a batch of classifications by table, and how many elements were merged."""

    def __init__(self) -> None:
        # What an element says of its task, each once: few tasks, many elements.
        self.heads: dict[tuple[Any, ...], int] = {}
        self.rows = {table: _Rows(table) for table in (*FLATTENED, QUARANTINE)}
        self.n_merged = 0

    def add(self, cell: int, times: int, found: Iterable[Element | Rejected | Merged]) -> None:
        """Add the elements of a distinct cell that occurs so many times."""
        for element in found:
            if isinstance(element, Element):
                module = module_for(element)
                head = self.heads.setdefault(_head(element), len(self.heads))
                self.rows[module.TABLE].add(cell, head, module.flatten(element))
            elif isinstance(element, Rejected):
                self.rows[QUARANTINE].add(cell, 0, [element])
            else:
                self.n_merged += times

    def tables(self, keys: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The tables that got rows; `keys` are the keys of the classifications, and the `cell` of each."""
        return {table: _table(keys, self.heads, rows) for table, rows in self.rows.items() if rows.cells}


class _Flattener:
    """Flattens classifications batch by batch.

    With a `learner` it counts task types, and puts classifications that have an element of an unknown type into
    the table _WAITING instead.
    """

    def __init__(self, definitions: Definitions, learner: TypeLearner | None = None) -> None:
        self.n_merged = 0
        self._definitions = definitions
        self._learner = learner

    def tables(self, classifications: pl.LazyFrame, staging: Path) -> dict[str, pl.LazyFrame]:
        """All tables by name. A column _PLACE of the classifications is handed on to them."""
        schema = classifications.collect_schema()
        place = {_PLACE: schema[_PLACE]} if _PLACE in schema else {}
        dtypes = {name: pl.Schema({**TABLES[name].dtypes, **place}) for name in (*FLATTENED, QUARANTINE)}
        if self._learner:
            dtypes[_WAITING] = schema
        return staged((self._flatten(batch) for batch in batches(classifications)), dtypes, staging)

    def _flatten(self, classifications: pl.DataFrame) -> dict[str, pl.DataFrame]:
        numbers: dict[str, int] = {}
        cells = [numbers.setdefault(text, len(numbers)) for text in classifications["annotations"]]
        times = Counter(cells)
        waiting: list[int] = []
        batch = _Batch()
        for text, cell in numbers.items():
            found = list(elements(load_json(text), self._definitions))
            if self._learner and not self._learner.count(found, times[cell]):
                waiting.append(cell)
            else:
                batch.add(cell, times[cell], found)
        self.n_merged += batch.n_merged
        numbered = classifications.with_columns(pl.Series("cell", cells, pl.UInt32))
        tables = batch.tables(numbered.drop("annotations"))
        if waiting:
            tables[_WAITING] = numbered.filter(pl.col("cell").is_in(waiting)).drop("cell")
        return tables


def _head(element: Element) -> tuple[Any, ...]:
    """The columns _HEAD of an element."""
    definition = element.definition
    revision = definition.revision if definition else None
    return element.position, element.task, element.parent_task, element.task_type, element.label, revision


def _table(keys: pl.DataFrame, heads: Iterable[tuple[Any, ...]], found: _Rows) -> pl.DataFrame:
    """Rows of distinct cells, joined with the classifications that have them."""
    dtypes = TABLES[found.table].dtypes
    own = found.frame().with_columns(pl.Series("cell", found.cells, pl.UInt32))
    place = [name for name in keys.columns if name == _PLACE]
    if found.table == QUARANTINE:
        rejected = _of_classifications(keys, own)
        where = {"column": pl.lit("annotations"), "stage": pl.lit("flattened")}
        rows = quarantine_frame(rejected.lazy().with_columns(**where)).collect()
        return rows.hstack(rejected.select(place))
    said = pl.DataFrame(list(heads), schema={column: dtypes[column] for column in _HEAD}, orient="row")
    whole = pl.concat([said[found.heads], own], how="horizontal")
    return _of_classifications(keys, whole).select(*dtypes.names(), *place)


def _frame(rows: list[tuple[Any, ...]], dtypes: Mapping[str, Any]) -> pl.DataFrame:
    columns = zip(dtypes.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame([pl.Series(column, list(values), dtype) for (column, dtype), values in columns])


def _of_classifications(keys: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return keys.join(rows, on="cell", how="inner", maintain_order="left_right")
