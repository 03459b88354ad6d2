"""An import: the rows of exports, merged with the stored raw tables, and a record of the files.

Nothing is written to the tables here. The result holds LazyFrames over temporary files in a staging folder, which
have to be published before the folder is removed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from zoo_dag.exports.cells import integer
from zoo_dag.exports.content_hash import classification_cells, content_hash
from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW, ExportFile
from zoo_dag.exports.merging import Superseded, superseded
from zoo_dag.exports.quarantine import quarantine_frame, quarantine_rows
from zoo_dag.exports.reading import ReadingNotes
from zoo_dag.exports.splitting import PROBLEM, UNASSIGNED, split_classifications, write_rows
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import LAYOUTS, Kind
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import VersionKey, parse_key

CLASSIFICATION_KEY = (integer(pl.col("classification_id")),)
# Files from before 2017-02 have several rows of one subject, with counts of different workflows.
SUBJECT_KEY = (
    *(pl.col(name) for name in ("subject_id", "workflow_id", "subject_set_id", "workflow_ids", "subject_set_ids")),
    pl.col("classifications_by_workflow").str.replace_all(r":\s*[0-9]+", ":"),
)
WORKFLOW_KEY = tuple(pl.col(name) for name in ("workflow_id", "version", "minor_version"))
_ROW_KEYS: dict[Kind, tuple[pl.Expr, ...]] = {"subjects": SUBJECT_KEY, "workflows": WORKFLOW_KEY}


@dataclass(frozen=True)
class RawTables:
    """The raw tables before an import: their files, and the records of imports.

    `forgotten_at` is when rows were last forgotten; files of earlier imports can bring them back.
    """

    classifications: Mapping[str, Path]
    subjects: Path | None
    workflows: Path | None
    versions: pl.DataFrame
    quarantine: pl.DataFrame
    imports: pl.DataFrame
    forgotten_at: datetime | None = None


@dataclass(frozen=True)
class RawVersion:
    """The merged raw rows of a workflow version, with the counts that are stored with them."""

    frame: pl.LazyFrame
    content_hash: str
    n_rows: int
    n_read: int
    n_merged: int


@dataclass
class Imported:
    """The tables that an import changes; None for the others. `read` has the rows of `imports` for this import."""

    classifications: dict[str, RawVersion] = field(default_factory=dict)
    subjects: pl.LazyFrame | None = None
    workflows: pl.LazyFrame | None = None
    quarantine: pl.DataFrame | None = None
    imports: pl.DataFrame | None = None
    read: pl.DataFrame | None = None
    removed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    export: ExportFile
    sha256: str
    parts: Mapping[str, Path]
    counts: Mapping[str, int]
    quarantine: pl.DataFrame
    notes: ReadingNotes


def import_exports(
    exports: Sequence[ExportFile], existing: RawTables, staging: Path, *, replace: bool = False
) -> Imported:
    """Read exports, the oldest first, and merge their rows into the raw tables.

    A file that was imported before (same SHA-256) is skipped, unless rows were forgotten since, or `replace` is
    set. With `replace`, the classification exports are complete for the workflows in them: other rows of these
    workflows are removed. Raises ExportError where an archive is broken.
    """
    imported = Imported()
    known = set(_imported_since(existing)) if not replace else set()
    reads: list[_Read] = []
    for export in exports:
        sha256 = export.sha256()
        if sha256 in known:
            imported.skipped += (export.name,)
            continue
        known.add(sha256)
        reads.append(_read(export, sha256, staging / f"read-{len(reads)}"))
    if not reads:
        return imported
    _merge_classifications([read for read in reads if read.parts], existing, imported, replace=replace)
    imported.subjects = _merge_rows(reads, "subjects", existing.subjects)
    imported.workflows = _merge_rows(reads, "workflows", existing.workflows)
    imported.quarantine = _merge_quarantine([existing.quarantine, *(read.quarantine for read in reads)])
    imported.read = pl.concat(_record(read) for read in reads)
    imported.imports = pl.concat([existing.imports, imported.read])
    return imported


def _imported_since(existing: RawTables) -> pl.Series:
    """The SHA-256 of the files whose rows are all stored, or were replaced by newer ones."""
    if existing.forgotten_at is None:
        return existing.imports["sha256"]
    return existing.imports.filter(pl.col("imported_at") > existing.forgotten_at)["sha256"]


def _read(export: ExportFile, sha256: str, folder: Path) -> _Read:
    folder.mkdir()
    if export.kind == "classifications":
        parts, notes = split_classifications(export, folder)
    else:
        parts, notes = write_rows(export, folder)
    counts = {key: row_count(pl.scan_parquet(path, glob=False)) for key, path in parts.items()}
    unassigned = parts.pop(UNASSIGNED, None)
    quarantine = pl.concat([_unassigned_rows(unassigned), _malformed_rows(export, notes)])
    return _Read(export, sha256, parts, counts, quarantine, notes)


def _unassigned_rows(part: Path | None) -> pl.DataFrame:
    if part is None:
        return TABLES["quarantine"].empty()
    rows = pl.scan_parquet(part, glob=False)
    cells = [name for name in rows.collect_schema().names() if name not in (SOURCE_FILE, SOURCE_ROW, PROBLEM)]
    no_workflow = pl.col(PROBLEM) == "workflow_id"
    reason = pl.when(no_workflow).then(pl.lit("no workflow id, expected a whole number"))
    return quarantine_frame(
        rows.select(
            SOURCE_FILE,
            SOURCE_ROW,
            *CLASSIFICATION_KEY,
            column=PROBLEM,
            reason=reason.otherwise(pl.lit("no workflow version, expected <major>.<minor>")),
            found=pl.when(no_workflow).then("workflow_id").otherwise("workflow_version"),
            stage=pl.lit("raw"),
            kind=pl.lit("classifications"),
            row=pl.struct(cells).struct.json_encode(),
        )
    ).collect()


def _malformed_rows(export: ExportFile, notes: ReadingNotes) -> pl.DataFrame:
    place = {"source_file": export.name, "column": "(row)", "stage": "raw", "kind": export.kind}
    return quarantine_rows(
        {**place, "source_row": row.source_row, "reason": row.reason, "found": row.text, "row": row.text}
        for row in notes.malformed
    )


def _merge_classifications(
    reads: Sequence[_Read], existing: RawTables, imported: Imported, *, replace: bool
) -> None:
    reads = [read for read in reads if read.export.kind == "classifications"]
    if not reads:
        return
    workflows = {parse_key(key).workflow_id for read in reads for key in read.parts}
    old = {
        key: path
        for key, path in existing.classifications.items()
        if not (replace and parse_key(key).workflow_id in workflows)
    }
    owners = [*old, *(key for read in reads for key in read.parts)]
    files = [*old.values(), *(path for read in reads for path in read.parts.values())]
    parts = [pl.scan_parquet(file, glob=False) for file in files]
    replaced = superseded(parts, CLASSIFICATION_KEY)
    n_replaced = Counter(owners[part] for part in replaced.rows["part"])
    touched = {*owners[len(old) :], *n_replaced}
    before = {key: counts for key, counts in _counts_before(existing.versions).items() if key in old}
    for key in sorted(touched, key=parse_key):
        of_key = [part for part, owner in enumerate(owners) if owner == key]
        frame = _ordered(parts, of_key, replaced)
        content, n_rows = content_hash(classification_cells(frame))
        n_read, n_merged = before.get(key, (0, 0))
        imported.classifications[key] = RawVersion(
            frame,
            content,
            n_rows,
            n_read + sum(read.counts.get(key, 0) for read in reads),
            n_merged + n_replaced[key],
        )
    imported.removed = tuple(key for key in existing.classifications if key not in set(owners))


def _counts_before(versions: pl.DataFrame) -> dict[str, tuple[int, int]]:
    return {
        str(VersionKey(workflow, major, minor)): (n_read, n_merged)
        for workflow, major, minor, n_read, n_merged in versions.select(
            "workflow_id", "version_major", "version_minor", "n_read", "n_merged"
        ).iter_rows()
    }


def _ordered(parts: Sequence[pl.LazyFrame], of_key: Sequence[int], replaced: Superseded) -> pl.LazyFrame:
    """Rows of one version, ascending by id. Exports are ascending, so a sort is seldom needed."""
    frames = [replaced.without(parts[part], part) for part in of_key]
    frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
    (ids,) = frame.select(CLASSIFICATION_KEY[0].alias("id")).collect()
    if ids.is_sorted(nulls_last=True):
        return frame
    return frame.sort(CLASSIFICATION_KEY[0], nulls_last=True, maintain_order=True)


def _merge_rows(reads: Sequence[_Read], kind: Kind, existing: Path | None) -> pl.LazyFrame | None:
    files = [path for read in reads if read.export.kind == kind for path in read.parts.values()]
    if not files:
        return None
    files = [*([existing] if existing else []), *files]
    parts = [LAYOUTS[kind].complete(pl.scan_parquet(file, glob=False)) for file in files]
    replaced = superseded(parts, _ROW_KEYS[kind])
    kept = [replaced.without(frame, part) for part, frame in enumerate(parts)]
    order = [column.cast(pl.Int64, strict=False) for column in _ROW_KEYS[kind]]
    return pl.concat(kept, how="diagonal").sort(order, nulls_last=True, maintain_order=True)


def _merge_quarantine(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Rows of a newer import replace equal rows of older ones; equal rows of one file all stay."""
    same = ["classification_id", "column", "reason", "found", "row"]
    merged = TABLES["raw_quarantine"].empty()
    for frame in frames:
        merged = pl.concat([merged.join(frame, on=same, how="anti", nulls_equal=True), frame])
    return merged


def _record(read: _Read) -> pl.DataFrame:
    malformed = len(read.notes.malformed)
    return pl.DataFrame(
        {
            "sha256": read.sha256,
            "source_file": read.export.name,
            "kind": read.export.kind,
            "n_bytes": read.export.path.stat().st_size,
            "container": read.export.container,
            "encoding": read.notes.encoding,
            "n_columns": read.export.n_known_columns,
            "n_rows": sum(read.counts.values()) + malformed,
            "n_quarantined": read.quarantine.height,
            "n_padded": read.notes.n_padded,
            "imported_at": datetime.now(UTC),
        },
        schema=TABLES["imports"].dtypes,
    )
