"""An import: the rows of exports, merged with the stored raw tables, and a record of the files.

Nothing is written to the tables here. The result holds LazyFrames over temporary files in a staging folder, which
have to be published before the folder is removed.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import polars as pl

from zoo_dag.errors import ExportError
from zoo_dag.exports.files import ExportFile
from zoo_dag.exports.imports import Import, Imported, RawTables, ReadFile
from zoo_dag.exports.merged_tables import merge_quarantine, merge_rows
from zoo_dag.exports.merged_versions import merge_classifications
from zoo_dag.exports.reads import quarantine_part, stored_files
from zoo_dag.exports.rejected_rows import rejected_rows
from zoo_dag.exports.resaved import powers_of_ten
from zoo_dag.exports.splitting import UNASSIGNED, split_classifications, write_rows
from zoo_dag.exports.workflow_names import require_one_workflow
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import Kind
from zoo_dag.tables.row_count import row_counts
from zoo_dag.tables.versions import parse_key

# The columns of whole numbers in which R writes 100000 as 1e+05.
_NUMBERS: dict[Kind, tuple[str, ...]] = {
    "classifications": ("classification_id", "user_id", "subject_ids"),
    "subjects": ("subject_id", "project_id", "subject_set_id", "classifications_count"),
    "workflows": ("classifications_count", "tutorial_subject_id", "retired_set_member_subjects_count"),
}


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
    reads: list[ReadFile] = []
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
    work = Import(reads, existing, staging, replace=replace)
    _require_workflow_ids(work)
    imported = work.imported
    imported.skipped, imported.refused = tuple(skipped), tuple(refused)
    merge_classifications(work)
    imported.subjects = merge_rows(work, "subjects", existing.subjects)
    imported.workflows = merge_rows(work, "workflows", existing.workflows)
    imported.quarantine = merge_quarantine(work)
    imported.read = pl.concat(_record(read, work.started_at) for read in reads)
    imported.imports = pl.concat([existing.imports, imported.read])
    if work.forgotten:
        added = pl.DataFrame(work.forgotten, schema=existing.forgotten.schema, orient="row")
        imported.forgotten = pl.concat([existing.forgotten, added])
    return imported


def _read(export: ExportFile, sha256: Future[str], folder: Path) -> ReadFile:
    folder.mkdir()
    if export.kind == "classifications":
        parts, notes = split_classifications(export, folder)
    else:
        parts, notes = write_rows(export, folder)
    unassigned = parts.pop(UNASSIGNED, None)
    counts = dict(zip(parts, row_counts(parts.values()), strict=True))
    quarantine = rejected_rows(export, unassigned, notes)
    if quarantine.height:
        counts[quarantine_part(export.kind)] = quarantine.height
    rows = [pl.scan_parquet(path, glob=False) for path in parts.values()]
    in_powers = powers_of_ten(pl.concat(rows), _NUMBERS[export.kind]) if rows else ""
    return ReadFile(export, sha256.result(), parts, counts, quarantine, notes, in_powers)


def _require_workflow_ids(work: Import) -> None:
    stored = {} if work.replace else work.existing.classifications
    parts = [path for key, path in stored.items() if not parse_key(key).workflow_id]
    for read in work.of_kind("classifications"):
        if "workflow_id" not in read.export.header:
            parts.extend(read.parts.values())
            require_one_workflow(read.export, parts)


def _record(read: ReadFile, started_at: datetime) -> pl.DataFrame:
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
