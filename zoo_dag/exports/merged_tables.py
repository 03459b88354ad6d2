"""The raw tables of all workflows after an import: the rows that it read, merged with the stored ones."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from zoo_dag.exports.imports import Import
from zoo_dag.exports.merging import ROW_KEYS, superseded, with_is_current
from zoo_dag.exports.reads import Reads, quarantine_part
from zoo_dag.exports.rejected_rows import merge_rejected, workflow_of_rejected
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.versions import parse_key, workflow


def merge_rows(work: Import, kind: Kind, stored: Path | None) -> pl.LazyFrame | None:
    """The stored rows of subjects or workflows with those of the files; None where no file has any."""
    files = [path for read in work.of_kind(kind) for path in read.parts.values()]
    if not files:
        return None
    parts = [LAYOUTS[kind].complete(pl.scan_parquet(file, glob=False)) for file in files]
    if stored:
        before = LAYOUTS[kind].complete(pl.scan_parquet(stored, glob=False))
        parts = [_without_replaced(work, kind, before, parts) if work.replace else before, *parts]
    replaced = superseded(parts, ROW_KEYS[kind])
    before_import = work.imported.reads.get(kind, Reads())
    n_fitting = min(read.export.measured.rows_at_once for read in work.of_kind(kind))
    work.imported.reads[kind] = before_import.after(work.rows(kind), replaced.rows.height, n_fitting)
    kept = [replaced.without(frame, part) for part, frame in enumerate(parts)]
    if kind == "subjects":
        kept = [with_is_current(frame, kept[number + 1 :]) for number, frame in enumerate(kept)]
    order = [column.cast(pl.Int64, strict=False) for column in ROW_KEYS[kind]]
    merged = LAYOUTS[kind].in_order(pl.concat(kept, how="diagonal"))
    return merged.sort(order, nulls_last=True, maintain_order=True)


def _without_replaced(
    work: Import, kind: Kind, stored: pl.LazyFrame, parts: Sequence[pl.LazyFrame]
) -> pl.LazyFrame:
    """The stored rows of the workflows that are not in the new files; rows without a workflow are one more."""
    workflows = pl.concat(part.select(workflow()) for part in parts).unique().collect().to_series()
    going = workflow().is_in(workflows.implode(), nulls_equal=True)
    counts = stored.select(workflow().alias("workflow_id"), going.alias("going")).collect()
    gone = counts.filter("going").group_by("workflow_id").len().sort("workflow_id")
    for workflow_id, n_rows in gone.iter_rows():
        work.forget(f"raw_{kind}", kind, n_rows, workflow_id)
    if gone.height:
        before = work.imported.reads.get(kind, Reads())
        work.imported.reads[kind] = before.remaining(counts.filter(~pl.col("going")).height)
    return stored.filter(~going)


def merge_quarantine(work: Import) -> pl.DataFrame:
    """The rejected rows of all files, with the stored ones."""
    stored = work.existing.quarantine
    if work.replace:
        stored = _without_replaced_rejected(work, stored)
    merged, n_replaced = merge_rejected([stored, *(read.quarantine for read in work.reads)])
    for kind in LAYOUTS:
        part = quarantine_part(kind)
        before = work.imported.reads.get(part, Reads())
        work.imported.reads[part] = before.after(work.rows(part), n_replaced[kind])
    return merged


def _without_replaced_rejected(work: Import, stored: pl.DataFrame) -> pl.DataFrame:
    """The rejected rows but those of classifications of the workflows in the new files."""
    workflows = {parse_key(key).workflow_id for read in work.of_kind("classifications") for key in read.parts}
    of_kind = stored["kind"] == "classifications"
    going = of_kind & stored.select(workflow_of_rejected().is_in(workflows).fill_null(value=False)).to_series()
    gone = stored.filter(going).group_by(workflow_of_rejected().alias("workflow_id")).len().sort("workflow_id")
    for workflow_id, n_rows in gone.iter_rows():
        work.forget("raw_quarantine", "classifications", n_rows, workflow_id)
    if gone.height:
        part = quarantine_part("classifications")
        before = work.imported.reads.get(part, Reads())
        work.imported.reads[part] = before.remaining(stored.filter(of_kind & ~going).height)
    return stored.filter(~going)
