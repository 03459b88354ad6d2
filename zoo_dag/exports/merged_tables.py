"""The raw tables after an import: the rows that it read, merged with the stored ones or in place of them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from zoo_dag.errors import explaining_full_disk
from zoo_dag.exports.content_hash import classifications_hash
from zoo_dag.exports.imports import Import, RawVersion
from zoo_dag.exports.limits import MOST_ROWS_AT_ONCE
from zoo_dag.exports.merging import CLASSIFICATION_KEY, ROW_KEYS, Superseded, fullness, superseded, with_is_current
from zoo_dag.exports.reads import Reads, quarantine_part
from zoo_dag.exports.rejected_rows import merge_rejected, workflow_of_rejected
from zoo_dag.exports.shown_subjects import shown_subjects
from zoo_dag.exports.subject_cells import read_subject_cells
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.versions import parse_key, workflow


def merge_classifications(work: Import) -> None:
    """Merge the rows of classifications into those of their versions: what changes is in `work.imported`."""
    existing, imported = work.existing, work.imported
    reads = work.of_kind("classifications")
    workflows = {parse_key(key).workflow_id for read in reads for key in read.parts}
    replaced = {
        key for key in existing.classifications if work.replace and parse_key(key).workflow_id in workflows
    }
    for key in sorted(replaced, key=parse_key):
        before, version = imported.reads.pop(key), parse_key(key)
        n_rows = before.n_read - before.n_merged
        work.forget("raw_classifications", "classifications", n_rows, version.workflow_id, version.version)
    old = {key: path for key, path in existing.classifications.items() if key not in replaced}
    imported_before = set(existing.imports["sha256"])
    new = [
        (key, read)
        for read in reads
        for key in read.parts
        if not (read.sha256 in imported_before and read.sha256 in imported.reads.get(key, Reads()).rows)
    ]
    if not new and not replaced:
        return
    owners = [*old, *(key for key, _ in new)]
    files = [*old.values(), *(read.parts[key] for key, read in new)]
    parts = [pl.scan_parquet(file, glob=False) for file in files]
    superseded_rows = superseded(parts, CLASSIFICATION_KEY, fullness(parts, len(old)))
    n_replaced = Counter(owners[part] for part in superseded_rows.rows["part"])
    for key in sorted({*owners[len(old) :], *n_replaced}, key=parse_key):
        of_key = [part for part, owner in enumerate(owners) if owner == key]
        added = [read for each, read in new if each == key]
        n_added = {read.sha256: read.counts[key] for read in added}
        n_fitting = min((read.export.measured.rows_at_once for read in added), default=MOST_ROWS_AT_ONCE)
        reads_after = imported.reads.get(key, Reads()).after(n_added, n_replaced[key], n_fitting)
        frame, part = _ordered(parts, of_key, superseded_rows)
        # A stored file is in the way of the new one, and other exports may be read in larger pieces.
        is_new = part is not None and part >= len(old)
        is_whole = is_new and {read.export.measured.rows_at_once for read in added} == {reads_after.rows_at_once}
        # So many rows fit in memory, and are read once.
        is_small = sum(superseded_rows.kept(of_key).values()) <= reads_after.rows_at_once
        rows = frame.collect().lazy() if is_small else frame
        cells = read_subject_cells(rows)
        content, n_rows = classifications_hash(rows, cells)
        imported.classifications[key] = RawVersion(
            frame,
            content,
            n_rows,
            reads_after,
            _on_disk(shown_subjects(cells, parse_key(key)), work.staging / f"shown-{key}.arrow"),
            files[part] if is_whole and part is not None else None,
        )
    imported.removed = tuple(key for key in existing.classifications if key not in set(owners))


def _on_disk(rows: pl.DataFrame, path: Path) -> pl.LazyFrame:
    with explaining_full_disk(path.parent):
        rows.write_ipc(path, compression="lz4")
    return pl.scan_ipc(path, glob=False)


def _ordered(
    parts: Sequence[pl.LazyFrame], of_key: Sequence[int], replaced: Superseded
) -> tuple[pl.LazyFrame, int | None]:
    """Rows of one version, ascending by id, and the part that they are, as it is; None where they are merged.

    Exports are ascending, and a newer one has all rows of older ones: nearly always there is nothing to merge.
    """
    layout = LAYOUTS["classifications"]
    merged = layout.in_order(pl.concat([replaced.without(parts[part], part) for part in of_key], how="diagonal"))
    kept = replaced.kept(of_key)
    whole = next(iter(kept), None) if len(kept) == 1 else None
    is_whole = whole in replaced.ascending and kept[whole] == replaced.n_rows[whole]
    # A column that an older export had is kept, and columns have one order.
    if whole is not None and is_whole and parts[whole].collect_schema() == merged.collect_schema():
        return parts[whole], whole
    (ids,) = merged.select(CLASSIFICATION_KEY[0].alias("id")).collect()
    if ids.is_sorted(nulls_last=True):
        return merged, None
    return merged.sort(CLASSIFICATION_KEY[0], nulls_last=True, maintain_order=True), None


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
