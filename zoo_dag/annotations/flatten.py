"""From the classifications of a workflow version to its flattened tables, in one pass over the annotations.

Equal annotation cells give equal rows. So each distinct cell of a batch is flattened once, and the rows are then
joined with all classifications that have the cell: questions have few distinct cells, and cost next to nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.annotations.definitions import Definitions
from zoo_dag.annotations.elements import Element, Rejected, elements
from zoo_dag.annotations.learning import version_definitions
from zoo_dag.annotations.registry import module_for
from zoo_dag.exports.batches import batches, spooled
from zoo_dag.exports.cells import load_json
from zoo_dag.exports.quarantine import quarantine_frame
from zoo_dag.tables import FLATTENED, TABLES

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
_HEAD = ("annotation_index", "task", "parent_task", "task_type", "task_label", "task_revision", "status")
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


def _flatten_batch(batch: pl.DataFrame, definitions: Definitions) -> dict[str, pl.DataFrame]:
    numbers: dict[str, int] = {}
    cells = pl.Series("cell", [numbers.setdefault(text, len(numbers)) for text in batch["annotations"]], pl.UInt32)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for text, cell in numbers.items():
        for table, row in _flatten_cell(text, definitions):
            rows.setdefault(table, []).append((cell, *row))
    keys = batch.select(_KEYS).with_columns(cells)
    return {table: _table(table, keys, found) for table, found in rows.items()}


def _flatten_cell(text: str, definitions: Definitions) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The table and the row, without the keys of the classification, of everything in one cell."""
    for element in elements(load_json(text), definitions):
        if isinstance(element, Element):
            module = module_for(element)
            revision = element.definition.revision if element.definition else None
            head = (
                element.position,
                element.task,
                element.parent_task,
                element.task_type,
                element.label,
                revision,
            )
            for row in module.flatten(element):
                yield module.TABLE, (*head, *row)
        elif isinstance(element, Rejected):
            yield QUARANTINE, element


def _table(name: str, keys: pl.DataFrame, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Rows of distinct cells, joined with the classifications that have them."""
    dtypes = TABLES[name].dtypes
    own = _REJECTED if name == QUARANTINE else {column: dtypes[column] for column in dtypes if column not in _KEYS}
    columns = zip(("cell", *own), (pl.UInt32(), *own.values()), zip(*rows, strict=True), strict=True)
    frame = pl.DataFrame([pl.Series(column, list(values), dtype) for column, dtype, values in columns])
    joined = keys.join(frame, on="cell", how="inner", maintain_order="left_right")
    if name == QUARANTINE:
        place = joined.lazy().with_columns(column=pl.lit("annotations"), stage=pl.lit("flattened"))
        return quarantine_frame(place).collect()
    return joined.select(dtypes.names())
