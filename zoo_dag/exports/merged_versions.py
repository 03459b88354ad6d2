"""The raw classifications of workflow versions after an import: rows that it read, merged with the stored ones.

What is computed from rows is computed of many small versions at once: a query costs as much for one of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import polars as pl

from zoo_dag.errors import explaining_full_disk
from zoo_dag.exports.content_hash import classifications_hashes, content_hashes
from zoo_dag.exports.imports import Import, RawVersion, ReadFile
from zoo_dag.exports.limits import MOST_ROWS_AT_ONCE
from zoo_dag.exports.merging import (
    CLASSIFICATION_KEY,
    NO_WORKFLOW,
    Superseded,
    is_complete,
    superseded_classifications,
)
from zoo_dag.exports.reads import Reads
from zoo_dag.exports.shown_subjects import shown_subjects
from zoo_dag.exports.subject_cells import read_subject_cells
from zoo_dag.tables.layouts import CLASSIFICATIONS
from zoo_dag.tables.row_count import row_counts
from zoo_dag.tables.versions import parse_key

# So many versions are in one query: a query of many files takes memory, however small they are.
_MOST = 500
# Of the files of versions in one query. Each of them fits in memory, but many with large cells do not.
_BYTES_TOGETHER = 8 << 20


def merge_classifications(work: Import) -> None:
    """Merge the rows of classifications into those of their versions: what changes is in `work.imported`."""
    existing, imported = work.existing, work.imported
    replaced = _forget_replaced(work)
    parts = _Parts(
        {key: path for key, path in existing.classifications.items() if key not in replaced},
        list(_new_parts(work)),
    )
    if not parts.new and not replaced:
        return
    merged = [_merged(work, parts, key) for key in parts.changed]
    for together in _small_together(merged):
        imported.classifications |= _raw_versions(together, work.staging)
    imported.removed = tuple(key for key in existing.classifications if key not in parts.of_key)


def _forget_replaced(work: Import) -> set[str]:
    """The versions that the files replace, which are recorded as forgotten."""
    if not work.replace:
        return set()
    workflows = {parse_key(key).workflow_id for read in work.of_kind("classifications") for key in read.parts}
    replaced = {key for key in work.existing.classifications if parse_key(key).workflow_id in workflows}
    for key in sorted(replaced, key=parse_key):
        before, version = work.imported.reads.pop(key), parse_key(key)
        n_rows = before.n_read - before.n_merged
        work.forget("raw_classifications", "classifications", n_rows, version.workflow_id, version.version)
    return replaced


def _new_parts(work: Import) -> Iterator[tuple[str, ReadFile]]:
    """The versions in each file that was read, but for those that are stored from an earlier import of it."""
    imported_before = set(work.existing.imports["sha256"])
    for read in work.of_kind("classifications"):
        for key in read.parts:
            if not (read.sha256 in imported_before and read.sha256 in work.imported.reads.get(key, Reads()).rows):
                yield key, read


@dataclass(frozen=True)
class _Parts:
    """The stored files of versions and, after them, the files of new rows: the newest are last."""

    old: Mapping[str, Path]
    new: Sequence[tuple[str, ReadFile]]

    @cached_property
    def files(self) -> list[Path]:
        return [*self.old.values(), *(read.parts[key] for key, read in self.new)]

    @cached_property
    def of_key(self) -> dict[str, list[int]]:
        """The numbers of the parts of each version."""
        parts = defaultdict[str, list[int]](list)
        for part, key in enumerate([*self.old, *(key for key, _ in self.new)]):
            parts[key].append(part)
        return dict(parts)

    @cached_property
    def added(self) -> dict[str, list[ReadFile]]:
        """The files with new rows of each version that has any."""
        added = defaultdict[str, list[ReadFile]](list)
        for key, read in self.new:
            added[key].append(read)
        return dict(added)

    @cached_property
    def changed(self) -> list[str]:
        """The versions that have new rows, or whose rows were superseded, in order."""
        superseded = (key for key in self.old if any(map(self.superseded.n_replaced, self.of_key[key])))
        return sorted({*self.added, *superseded}, key=parse_key)

    @cached_property
    def superseded(self) -> Superseded:
        n_rows = [*row_counts(self.old.values()), *(read.counts[key] for key, read in self.new)]
        are_complete = all(is_complete(read.export.header) for _, read in self.new)
        by_fullness = not are_complete or any(map(_is_without_workflow, self.new))
        return superseded_classifications(self.files, n_rows, by_fullness=by_fullness)

    @cached_property
    def columns(self) -> list[list[str]]:
        """The columns of each part."""
        return [pl.scan_parquet(file, glob=False).collect_schema().names() for file in self.files]


def _is_without_workflow(new: tuple[str, ReadFile]) -> bool:
    key, read = new
    if parse_key(key).workflow_id:
        return False
    rows = pl.scan_parquet(read.parts[key], glob=False)
    return bool(rows.head(1).select((pl.col("workflow_id") == NO_WORKFLOW).any()).collect().item())


class _Merged(NamedTuple):
    """The merged rows of a version, ascending by id, their columns, and what was read into it.

    `n_bytes` are those of the files that they are in, and `part` is their file where nothing had to be merged.
    """

    key: str
    frame: pl.LazyFrame
    columns: list[str]
    n_rows: int
    n_bytes: int
    reads: Reads
    part: Path | None


def _merged(work: Import, parts: _Parts, key: str) -> _Merged:
    replaced, of_key, added = parts.superseded, parts.of_key[key], parts.added.get(key, [])
    n_fitting = min((read.export.measured.rows_at_once for read in added), default=MOST_ROWS_AT_ONCE)
    n_replaced = sum(map(replaced.n_replaced, of_key))
    reads = work.imported.reads.get(key, Reads()).after(
        {read.sha256: read.counts[key] for read in added}, n_replaced, n_fitting
    )
    # A column that an older export had is kept, and columns have one order.
    columns = CLASSIFICATIONS.ordered({name for part in of_key for name in parts.columns[part]})
    kept = replaced.kept(of_key)
    n_rows, n_bytes = sum(kept.values()), sum(parts.files[part].stat().st_size for part in kept)
    whole = _whole(parts, of_key, columns)
    if whole is None:
        return _Merged(key, _in_order_of_ids(parts, of_key), columns, n_rows, n_bytes, reads, None)
    # A stored file is in the way of the new one, and other exports may be read in larger pieces.
    is_new = whole >= len(parts.old)
    is_as_stored = is_new and {read.export.measured.rows_at_once for read in added} == {reads.rows_at_once}
    file = parts.files[whole]
    frame = pl.scan_parquet(file, glob=False)
    return _Merged(key, frame, columns, n_rows, n_bytes, reads, file if is_as_stored else None)


def _whole(parts: _Parts, of_key: Sequence[int], columns: list[str]) -> int | None:
    """The part that is all of the merged rows as it is.

    Exports are ascending, and a newer one has all rows of older ones: nearly always there is nothing to merge.
    """
    kept = parts.superseded.kept(of_key)
    if len(kept) != 1:
        return None
    ((part, n_rows),) = kept.items()
    is_whole = part in parts.superseded.ascending and n_rows == parts.superseded.n_rows[part]
    return part if is_whole and parts.columns[part] == columns else None


def _in_order_of_ids(parts: _Parts, of_key: Sequence[int]) -> pl.LazyFrame:
    frames = [parts.superseded.without(pl.scan_parquet(parts.files[part], glob=False), part) for part in of_key]
    merged = CLASSIFICATIONS.in_order(pl.concat(frames, how="diagonal"))
    (ids,) = merged.select(CLASSIFICATION_KEY[0].alias("id")).collect()
    if ids.is_sorted(nulls_last=True):
        return merged
    return merged.sort(CLASSIFICATION_KEY[0], nulls_last=True, maintain_order=True)


def _small_together(merged: Sequence[_Merged]) -> Iterator[list[_Merged]]:
    """The versions in order, neighbours with the same columns together as long as their rows fit in memory."""
    together, n_rows, n_bytes, n_fitting = list[_Merged](), 0, 0, 0
    for each in merged:
        n_rows, n_bytes = n_rows + each.n_rows, n_bytes + each.n_bytes
        n_fitting = min(n_fitting, each.reads.rows_at_once)
        fit = n_rows <= n_fitting and n_bytes <= _BYTES_TOGETHER and len(together) < _MOST
        if together and each.columns == together[0].columns and fit:
            together.append(each)
            continue
        if together:
            yield together
        together, n_rows, n_bytes, n_fitting = [each], each.n_rows, each.n_bytes, each.reads.rows_at_once
    if together:
        yield together


def _raw_versions(together: Sequence[_Merged], staging: Path) -> dict[str, RawVersion]:
    n_rows = [each.n_rows for each in together]
    rows = pl.concat([each.frame for each in together])
    # So many rows fit in memory, and are read once.
    if sum(n_rows) <= min(each.reads.rows_at_once for each in together):
        rows = rows.collect().lazy()
    cells = read_subject_cells(rows, n_rows)
    hashes = classifications_hashes(rows, cells, n_rows)
    shown = shown_subjects(cells, [parse_key(each.key) for each in together])
    of_shown = content_hashes(shown)
    on_disk = _on_disk(shown, staging / f"shown-{together[0].key}.arrow")
    return {
        each.key: RawVersion(
            each.frame, hashes[number], each.n_rows, each.reads, on_disk[number], of_shown[number], each.part
        )
        for number, each in enumerate(together)
    }


def _on_disk(tables: Sequence[pl.DataFrame], path: Path) -> list[pl.LazyFrame]:
    """Tables as parts of one file."""
    with explaining_full_disk(path.parent):
        pl.concat(tables).write_ipc(path, compression="lz4")
    rows = pl.scan_ipc(path, glob=False)
    ends = accumulate(table.height for table in tables)
    return [rows.slice(end - table.height, table.height) for end, table in zip(ends, tables, strict=True)]
