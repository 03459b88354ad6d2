"""From the classifications of a workflow version to its flattened tables, in one pass over the annotations.

Equal annotation cells give equal rows. So each distinct cell of a batch is flattened once, and the rows are then
joined with all classifications that have the cell: questions have few distinct cells, and are very fast.

Without a definition of the tasks, their types are learned in the same pass. Only the classifications with an
element of unclear type wait on disk until all types are learned, and are flattened then; their rows are sorted in
by the number of the classification. No other cell is parsed twice.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import orjson
import polars as pl

from zoo_dag.annotations.definitions import Definitions, read_definitions
from zoo_dag.annotations.elements import Element, Merged, Rejected, elements
from zoo_dag.annotations.learning import TypeLearner, labels_are_last
from zoo_dag.annotations.path import Paths
from zoo_dag.consensus.grids import Repeat, has_grids, once_per_subject
from zoo_dag.exports.batches import batches, staged
from zoo_dag.exports.grids import SHOWN
from zoo_dag.tables import TABLES
from zoo_dag.tables.flattened import CLASSIFICATION_KEYS, FRAME_SIZES
from zoo_dag.task_types.catalogue import TASK_TYPES, flattened_tables
from zoo_dag.task_types.declaration import Flattening, Row, Spread
from zoo_dag.task_types.flattened_rows import PLACE, QUARANTINE, Rows, empty_rows, head_of, table_of
from zoo_dag.task_types.foreign_definitions import without_foreign_revisions
from zoo_dag.task_types.grids.flatten import SUB_TASKS
from zoo_dag.task_types.others import OTHERS
from zoo_dag.task_types.plain_labels import with_plain_labels

# In place of a version where all classifications are of one.
_ONE = ""
_NO_SUBJECTS: frozenset[int] = frozenset()
# The table of classifications that wait for the types of their tasks.
_WAITING = "waiting"
_BY_TYPE = {name: each.flattening for each in TASK_TYPES for name in each.flattening.task_types}
_SPREAD = {name: each.flattening for each in TASK_TYPES for name in each.flattening.spread}


class Flattened(NamedTuple):
    """The flattened tables and `flattened_quarantine` by name, and the number of repeated elements.

    Each other element of an annotation is in exactly one of the tables.
    """

    tables: dict[str, pl.LazyFrame]
    n_merged: int


def flatten(
    classifications: pl.LazyFrame, tasks: pl.LazyFrame, staging: Path, repeat: Repeat = "first"
) -> Flattened:
    """Flatten the classifications of one workflow version.

    Takes `classifications` (the key columns, FRAME_SIZES, SHOWN, and `annotations`, JSON arrays) and the `tasks`
    of the version; `repeat` says which of a volunteer's answers about a subject of grids counts. Rows are in the
    order of the classifications, then of the export. `staging` is a folder for temporary files.
    """
    definitions = read_definitions(tasks.collect())
    if definitions.tasks:
        rows = flatten_part(classifications, tasks, staging)
        return rows._replace(tables=of_parts(rows.tables, classifications, tasks, repeat))
    tables, n_merged = _learned(classifications, definitions, staging)
    return Flattened(_once_per_subject(tables, classifications, repeat), n_merged)


def flatten_part(classifications: pl.LazyFrame, tasks: pl.LazyFrame, staging: Path) -> Flattened:
    """Flatten some classifications of a workflow version whose tasks are defined, each by itself.

    Takes what `flatten` takes. What depends on others is done by `of_parts`.
    """
    flattener = _Flattener({_ONE: read_definitions(tasks.collect())})
    tables = flattener.tables(_cells(classifications), staging)
    return Flattened(tables, flattener.n_merged.total())


def of_parts(
    tables: Mapping[str, pl.LazyFrame],
    classifications: pl.LazyFrame,
    tasks: pl.LazyFrame,
    repeat: Repeat = "first",
) -> dict[str, pl.LazyFrame]:
    """Flattened tables of a workflow version, from those of its parts, one after the other.

    Takes what `flatten` takes: all classifications. Where the definitions are those of another version, all tables
    are needed.
    """
    definitions = read_definitions(tasks.collect())
    if definitions.match != "exact":
        tables = with_plain_labels(without_foreign_revisions(tables, definitions))
    return _once_per_subject(tables, classifications, repeat)


def flatten_together(
    classifications: pl.LazyFrame, definitions: Mapping[str, Definitions], staging: Path
) -> tuple[dict[str, pl.LazyFrame], Mapping[str, int]]:
    """Flatten the classifications of several workflow versions, with the definitions of each.

    Takes what `flatten` takes, without grids. All versions have to have definitions of their own (`exact`).
    Returns the tables of all of them, and by version the number of repeated elements.
    """
    flattener = _Flattener(definitions)
    return flattener.tables(_cells(classifications), staging), flattener.n_merged


def _cells(classifications: pl.LazyFrame) -> pl.LazyFrame:
    return classifications.select(*CLASSIFICATION_KEYS, FRAME_SIZES, SHOWN, "annotations")


def _once_per_subject(
    tables: Mapping[str, pl.LazyFrame], classifications: pl.LazyFrame, repeat: Repeat
) -> dict[str, pl.LazyFrame]:
    if not has_grids(classifications):
        return {**tables}
    of_answers = set(flattened_tables())
    return {name: once_per_subject(rows, repeat) if name in of_answers else rows for name, rows in tables.items()}


def _learned(classifications: pl.LazyFrame, definitions: Definitions, staging: Path) -> Flattened:
    """Flatten the classifications of a version without definitions: the types are learned of all of them."""
    rows = _cells(classifications)
    definitions = replace(definitions, labels_last=labels_are_last(rows))
    learner = TypeLearner(labels_last=definitions.labels_last)
    first = _Flattener({_ONE: definitions}, learner)
    tables = first.tables(rows.with_row_index(PLACE), staging / "first")
    second = _Flattener({_ONE: replace(definitions, learned=learner.commonest())})
    waited = second.tables(tables.pop(_WAITING), staging / "second")
    merged = {
        name: table.merge_sorted(waited[name], PLACE, maintain_order=True).drop(PLACE)
        for name, table in tables.items()
    }
    return Flattened(with_plain_labels(merged), (first.n_merged + second.n_merged).total())


def flattening_of(element: Element, shown: Collection[int] = ()) -> Flattening:
    """The flattening for an element; `shown` are the subjects of its grid, where they are known.

    The task type of an answer about a mark or a cell does not matter where it belongs to none.
    """
    if element.is_sub_task:
        return OTHERS.flattening
    if element.subject is not None and not (element.subject in shown and element.task_type in SUB_TASKS):
        return OTHERS.flattening
    if shown and element.task_type in _SPREAD:
        return _SPREAD[element.task_type]
    return _BY_TYPE.get(element.task_type, OTHERS.flattening)


def _about_one(flatten: Callable[[Element], Iterable[Row]]) -> Spread:
    """The rows of an element that is about one of the subjects shown."""
    return lambda element, _shown: ((element.subject, row) for row in flatten(element))


class _Destination(NamedTuple):
    """Where the rows of an element go: the number of its head, and its table; `about` gives each its subject."""

    head: int
    rows: Rows
    about: Spread | None


class _Batch:
    """The rows of a batch of classifications by table, and how many elements were merged."""

    def __init__(self) -> None:
        # The columns of a task, computed once: few tasks, many elements.
        self._heads: dict[Row, int] = {}
        self._destinations: dict[Row, _Destination] = {}
        self._rows = empty_rows()
        self.n_merged = 0

    def begin_version(self) -> None:
        """From here on the tasks are those of another version, whose revisions may be others."""
        self._destinations = {}

    def add(
        self,
        cell: int,
        times: int,
        elements: Iterable[Element | Rejected | Merged],
        left: frozenset[str],
        shown: Collection[int],
    ) -> None:
        """Add the elements of a distinct cell that occurs `times` times; `left` are tasks of a branch left.

        `shown` are the subjects of a grid.
        """
        for element in elements:
            if isinstance(element, Element):
                task, parent = element.task, element.parent_task
                is_left = bool(left) and (parent or task) in left
                in_grid = element.subject in shown if shown or element.subject is not None else None
                # All that the destination depends on.
                key = (element.position, task, parent, element.task_type, element.label, is_left, in_grid)
                destination = self._destinations.get(key)
                if destination is None:
                    destination = self._destinations[key] = self._destination(element, shown, is_left=is_left)
                head, rows, about = destination
                if about is None:
                    rows.add(cell, head, element)
                else:
                    rows.add_about(cell, head, about(element, shown))
            elif isinstance(element, Rejected):
                self._rows[QUARANTINE].add_about(cell, 0, [(None, element)])
            else:
                self.n_merged += times

    def _destination(self, element: Element, shown: Collection[int], *, is_left: bool) -> _Destination:
        flattening = flattening_of(element, shown)
        head = self._heads.setdefault(head_of(element, is_left=is_left), len(self._heads))
        about = flattening.spread.get(element.task_type)
        if about is None and element.subject is not None and element.subject in shown:
            about = _about_one(flattening.flatten)
        return _Destination(head, self._rows[flattening.table], about)

    def tables(self, keys: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The tables that got rows; `keys` are the keys of the classifications, and the `cell` of each."""
        return {table: table_of(keys, self._heads, rows) for table, rows in self._rows.items() if rows.cells}


class _Flattener:
    """Flattens classifications batch by batch, by the definitions of their version; those of _ONE are of all.

    With a `learner` it counts task types, and puts classifications that have an element of an unknown type into
    the table _WAITING instead.
    """

    def __init__(self, definitions: Mapping[str, Definitions], learner: TypeLearner | None = None) -> None:
        self.n_merged: Counter[str] = Counter()
        self._definitions = {version: (each, Paths(each)) for version, each in definitions.items()}
        self._learner = learner

    def tables(self, classifications: pl.LazyFrame, staging: Path) -> dict[str, pl.LazyFrame]:
        """All tables by name. A column PLACE of the classifications is passed on to them."""
        schema = classifications.collect_schema()
        place = {PLACE: schema[PLACE]} if PLACE in schema else {}
        dtypes = {name: pl.Schema({**TABLES[name].dtypes, **place}) for name in (*flattened_tables(), QUARANTINE)}
        if self._learner:
            dtypes[_WAITING] = schema
        return staged((self._flatten(batch) for batch in batches(classifications)), dtypes, staging)

    def _flatten(self, classifications: pl.DataFrame) -> dict[str, pl.DataFrame]:
        # Of a grid it matters which subjects it showed.
        cells = [*([] if _ONE in self._definitions else ["workflow_version"]), "annotations", SHOWN]
        rows = classifications.select(cells).with_row_index("row")
        different = rows.group_by(cells, maintain_order=True).agg("row").with_row_index("cell")
        numbered = classifications.with_columns(different.select("cell", "row").explode("row").sort("row")["cell"])
        waiting: list[int] = []
        batch = _Batch()
        of = _ONE
        definitions, paths = self._definitions.get(of) or next(iter(self._definitions.values()))
        times = pl.col("row").list.len()
        for cell, *version, text, ids, n in different.select("cell", *cells, times).iter_rows():
            if version and version[0] != of:
                of = version[0]
                definitions, paths = self._definitions[of]
                batch.begin_version()
            # Parsing made sure that it is JSON.
            parsed = elements(orjson.loads(text), definitions)
            if self._learner and not self._learner.count(parsed, n):
                waiting.append(cell)
            else:
                shown = frozenset(map(int, ids.split(";"))) if ids else _NO_SUBJECTS
                before = batch.n_merged
                batch.add(cell, n, parsed, paths.left_tasks(parsed), shown)
                self.n_merged[of] += batch.n_merged - before
        # In one piece: Polars takes ten times as long to pick rows from several.
        tables = batch.tables(numbered.drop("annotations").rechunk())
        if waiting:
            tables[_WAITING] = numbered.filter(pl.col("cell").is_in(waiting)).drop("cell")
        return tables
