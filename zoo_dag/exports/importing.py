"""An import: the rows of exports, merged with the stored raw tables, and a record of the files.

Nothing is written to the tables here. The result holds LazyFrames over temporary files in a staging folder, which
have to be published before the folder is removed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import polars as pl

from zoo_dag.errors import ExportError
from zoo_dag.exports.content_hash import classifications_hash
from zoo_dag.exports.files import ExportFile
from zoo_dag.exports.limits import MOST_ROWS_AT_ONCE
from zoo_dag.exports.merging import CLASSIFICATION_KEY, ROW_KEYS, Superseded, fullness, superseded, with_is_current
from zoo_dag.exports.reading import ReadingNotes
from zoo_dag.exports.reads import Reads, quarantine_part, stored_files
from zoo_dag.exports.rejected_rows import merge_rejected, rejected_rows, workflow_of_rejected
from zoo_dag.exports.resaved import powers_of_ten
from zoo_dag.exports.splitting import UNASSIGNED, split_classifications, write_rows
from zoo_dag.exports.workflow_names import require_one_workflow
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import parse_key, workflow

# The columns of whole numbers in which R writes 100000 as 1e+05.
_NUMBERS: dict[Kind, tuple[str, ...]] = {
    "classifications": ("classification_id", "user_id", "subject_ids"),
    "subjects": ("subject_id", "project_id", "subject_set_id", "classifications_count"),
    "workflows": ("classifications_count", "tutorial_subject_id", "retired_set_member_subjects_count"),
}


@dataclass(frozen=True)
class RawTables:
    """The raw tables before an import: their files, what was read into each part, and the records of imports."""

    classifications: Mapping[str, Path]
    subjects: Path | None
    workflows: Path | None
    reads: Mapping[str, Reads]
    quarantine: pl.DataFrame
    imports: pl.DataFrame
    forgotten: pl.DataFrame


@dataclass(frozen=True)
class RawVersion:
    """The merged raw rows of a workflow version, with the counts that are stored with them."""

    frame: pl.LazyFrame
    content_hash: str
    n_rows: int
    reads: Reads


@dataclass
class Imported:
    """The tables that an import changes; None for the others. `read` has the rows of `imports` for this import.

    `reads` are those of the subjects, the workflows and the quarantine; `forgotten` has what `replace` removed;
    `refused` are sentences on files that cannot be read.
    """

    classifications: dict[str, RawVersion] = field(default_factory=dict)
    subjects: pl.LazyFrame | None = None
    workflows: pl.LazyFrame | None = None
    quarantine: pl.DataFrame | None = None
    imports: pl.DataFrame | None = None
    forgotten: pl.DataFrame | None = None
    reads: dict[str, Reads] = field(default_factory=dict)
    read: pl.DataFrame | None = None
    removed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """A file that was read: `parts` are its files of rows by part, `counts` its rows by part.

    `powers_of_ten` says which ids R wrote in this form.
    """

    export: ExportFile
    sha256: str
    parts: Mapping[str, Path]
    counts: Mapping[str, int]
    quarantine: pl.DataFrame
    notes: ReadingNotes
    powers_of_ten: str


class _Import:
    """An import under way: the files that were read, and what was stored before, without what they replace."""

    def __init__(self, reads: Sequence[_Read], existing: RawTables, *, replace: bool) -> None:
        self.reads = reads
        self.existing = existing
        self.replace = replace
        self.started_at = datetime.now(UTC)
        self.imported = Imported(reads=dict(existing.reads))
        self.forgotten: list[tuple[object, ...]] = []

    def of_kind(self, kind: Kind) -> list[_Read]:
        """The files of a kind that were read."""
        return [read for read in self.reads if read.export.kind == kind]

    def rows(self, part: str) -> dict[str, int]:
        """The rows that were read for a part, by file."""
        return {read.sha256: read.counts[part] for read in self.reads if part in read.counts}

    def forget(
        self, table: str, kind: Kind, n_rows: int, workflow_id: int | None, version: str | None = None
    ) -> None:
        """Record rows that the files replace."""
        self.forgotten.append((self.started_at, workflow_id, version, table, kind, n_rows))


def import_exports(
    exports: Sequence[ExportFile],
    existing: RawTables,
    staging: Path,
    *,
    replace: bool = False,
    without_refused: bool = False,
) -> Imported:
    """Read exports, the oldest first, and merge their rows into the raw tables.

    A file is skipped where all its rows are stored, or were replaced by newer ones. Of a file that was imported
    before, only the versions that are not stored are merged. With `replace`, the exports of each kind are complete
    for the workflows in them: other rows of these workflows are removed. Raises ExportError where an export cannot
    be read, unless the others are imported `without_refused` ones; and where only names tell workflows apart.
    """
    known = stored_files(existing.imports, existing.reads) if not replace else set()
    sizes = set(existing.imports["n_bytes"]) if known else set()
    skipped, refused = list[str](), list[str]()
    reads: list[_Read] = []
    with ThreadPoolExecutor(1) as hashing:
        for number, export in enumerate(exports):
            sha256, n_bytes = hashing.submit(export.sha256), export.path.stat().st_size
            # A file of another size than all before is none of them, and is read while it is hashed.
            if n_bytes in sizes and sha256.result() in known:
                skipped.append(export.name)
                continue
            try:
                reads.append(_read(export, sha256, staging / f"read-{number}"))
            except ExportError as error:
                if not without_refused:
                    raise
                refused.append(str(error))
                continue
            known.add(sha256.result())
            sizes.add(n_bytes)
    if not reads:
        return Imported(skipped=tuple(skipped), refused=tuple(refused))
    work = _Import(reads, existing, replace=replace)
    _require_workflow_ids(work)
    imported = work.imported
    imported.skipped, imported.refused = tuple(skipped), tuple(refused)
    _merge_classifications(work)
    imported.subjects = _merge_rows(work, "subjects", existing.subjects)
    imported.workflows = _merge_rows(work, "workflows", existing.workflows)
    imported.quarantine = _merge_quarantine(work)
    imported.read = pl.concat(_record(read, work.started_at) for read in reads)
    imported.imports = pl.concat([existing.imports, imported.read])
    if work.forgotten:
        added = pl.DataFrame(work.forgotten, schema=existing.forgotten.schema, orient="row")
        imported.forgotten = pl.concat([existing.forgotten, added])
    return imported


def _read(export: ExportFile, sha256: Future[str], folder: Path) -> _Read:
    folder.mkdir()
    if export.kind == "classifications":
        parts, notes = split_classifications(export, folder)
    else:
        parts, notes = write_rows(export, folder)
    unassigned = parts.pop(UNASSIGNED, None)
    counts = {part: row_count(pl.scan_parquet(path, glob=False)) for part, path in parts.items()}
    quarantine = rejected_rows(export, unassigned, notes)
    if quarantine.height:
        counts[quarantine_part(export.kind)] = quarantine.height
    rows = [pl.scan_parquet(path, glob=False) for path in parts.values()]
    in_powers = powers_of_ten(pl.concat(rows, how="diagonal"), _NUMBERS[export.kind]) if rows else ""
    return _Read(export, sha256.result(), parts, counts, quarantine, notes, in_powers)


def _require_workflow_ids(work: _Import) -> None:
    stored = {} if work.replace else work.existing.classifications
    parts = [path for key, path in stored.items() if not parse_key(key).workflow_id]
    for read in work.of_kind("classifications"):
        if "workflow_id" not in read.export.header:
            parts.extend(read.parts.values())
            require_one_workflow(read.export, parts)


def _merge_classifications(work: _Import) -> None:
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
        frame = _ordered(parts, of_key, superseded_rows)
        content, n_rows = classifications_hash(frame)
        added = [read for each, read in new if each == key]
        rows = {read.sha256: read.counts[key] for read in added}
        n_fitting = min((read.export.measured.rows_at_once for read in added), default=MOST_ROWS_AT_ONCE)
        reads_after = imported.reads.get(key, Reads()).after(rows, n_replaced[key], n_fitting)
        imported.classifications[key] = RawVersion(frame, content, n_rows, reads_after)
    imported.removed = tuple(key for key in existing.classifications if key not in set(owners))


def _ordered(parts: Sequence[pl.LazyFrame], of_key: Sequence[int], replaced: Superseded) -> pl.LazyFrame:
    """Rows of one version, ascending by id. Exports are ascending, so a sort is seldom needed."""
    frames = [replaced.without(parts[part], part) for part in of_key]
    frame = LAYOUTS["classifications"].in_order(pl.concat(frames, how="diagonal"))
    (ids,) = frame.select(CLASSIFICATION_KEY[0].alias("id")).collect()
    if ids.is_sorted(nulls_last=True):
        return frame
    return frame.sort(CLASSIFICATION_KEY[0], nulls_last=True, maintain_order=True)


def _merge_rows(work: _Import, kind: Kind, stored: Path | None) -> pl.LazyFrame | None:
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
    work: _Import, kind: Kind, stored: pl.LazyFrame, parts: Sequence[pl.LazyFrame]
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


def _merge_quarantine(work: _Import) -> pl.DataFrame:
    stored = work.existing.quarantine
    if work.replace:
        stored = _without_replaced_rejected(work, stored)
    merged, n_replaced = merge_rejected([stored, *(read.quarantine for read in work.reads)])
    for kind in LAYOUTS:
        part = quarantine_part(kind)
        before = work.imported.reads.get(part, Reads())
        work.imported.reads[part] = before.after(work.rows(part), n_replaced[kind])
    return merged


def _without_replaced_rejected(work: _Import, stored: pl.DataFrame) -> pl.DataFrame:
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


def _record(read: _Read, started_at: datetime) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sha256": read.sha256,
            "source_file": read.export.name,
            "kind": read.export.kind,
            "n_bytes": read.export.path.stat().st_size,
            "container": read.export.container,
            "encoding": read.notes.encoding,
            "n_columns": read.export.n_known_columns,
            "n_rows": sum(read.counts.values()),
            "n_quarantined": read.quarantine.height,
            "n_padded": read.notes.n_padded,
            "resaved": "; ".join(part for part in (str(read.export.dialect), read.powers_of_ten) if part) or None,
            "rows_read": orjson.dumps(read.counts).decode(),
            # Later than what the import itself replaced.
            "imported_at": started_at + timedelta(microseconds=1),
        },
        schema=TABLES["imports"].dtypes,
    )
