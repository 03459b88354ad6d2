"""What was read into a raw table: rows by imported file, for row accounting and to recognise stored files.

Each raw file records it in its metadata; the table `imports` records it for each file. Where the two differ, rows
were lost. A *part* is a workflow version for classifications, the kind of export for subjects and workflows, and
`quarantine <kind>` for rows without a version, subject or workflow that can be read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
import polars as pl

from zoo_dag.exports import limits
from zoo_dag.tables.layouts import LAYOUTS

_ROWS, _MERGED, _FITTING = "reads", "n_merged", "rows_at_once"
# Rows of earlier imports whose files are not known.
_EARLIER = ""


@dataclass(frozen=True)
class Reads:
    """The rows that were read into a part, by the SHA-256 of their file, and how many of them were replaced.

    `n_fitting` says how many of the largest rows fit in memory: the least `rows_at_once` of the files
    (`zoo_dag.exports.limits.Measured`).
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    n_merged: int = 0
    n_fitting: int = limits.MOST_ROWS_AT_ONCE

    @classmethod
    def of(cls, metadata: Mapping[str, str], n_rows: int, name: str = "") -> "Reads":
        """The reads in the metadata of a raw file with `n_rows` rows; `name` is that of `metadata()`.

        Files of earlier versions of zoo_dag have none: their rows count as read from an unknown file.
        """
        if _ROWS + name in metadata:
            n_fitting = int(metadata.get(_FITTING + name, limits.MOST_ROWS_AT_ONCE))
            return cls(orjson.loads(metadata[_ROWS + name]), int(metadata[_MERGED + name]), n_fitting)
        n_read = int(metadata.get("n_read", n_rows))
        return cls({_EARLIER: n_read} if n_read else {}, n_read - n_rows)

    @property
    def n_read(self) -> int:
        """Rows read from all files."""
        return sum(self.rows.values())

    @property
    def rows_at_once(self) -> int:
        """How many rows of the part are read and written at once."""
        return limits.rows_at_once(self.n_fitting, self.n_read - self.n_merged)

    def metadata(self, name: str = "") -> dict[str, str]:
        """The reads as metadata of a file; `name` tells several of one file apart."""
        rows = orjson.dumps(self.rows, option=orjson.OPT_SORT_KEYS).decode()
        is_small = self.n_fitting >= limits.MOST_ROWS_AT_ONCE
        fitting = {} if is_small else {_FITTING + name: str(self.n_fitting)}
        return {_ROWS + name: rows, _MERGED + name: str(self.n_merged), **fitting}

    def after(
        self, rows: Mapping[str, int], n_replaced: int, n_fitting: int = limits.MOST_ROWS_AT_ONCE
    ) -> "Reads":
        """The reads after an import of files with these rows, which replaced `n_replaced` rows.

        Files are read again after an interrupted import; they do not count twice.
        """
        again = sum(self.rows.get(sha256, 0) for sha256 in rows)
        n_merged = self.n_merged + n_replaced - again
        return Reads({**self.rows, **rows}, n_merged, min(self.n_fitting, n_fitting))

    def remaining(self, n_rows: int) -> "Reads":
        """The reads after rows were removed on purpose, when `n_rows` remain: they are from no file in particular.

        The next import of an earlier file then reads it again.
        """
        return Reads({_EARLIER: n_rows} if n_rows else {}, n_fitting=self.n_fitting)


def quarantine_part(kind: str) -> str:
    """The part for the rejected rows of a kind of export."""
    return f"quarantine {kind}"


def quarantine_metadata(reads: Mapping[str, Reads]) -> dict[str, str]:
    """The reads of the rejected rows, by part, as metadata of `raw_quarantine`."""
    return {
        name: text
        for kind in LAYOUTS
        for name, text in reads.get(quarantine_part(kind), Reads()).metadata(kind).items()
    }


def imported_rows(imports: pl.DataFrame, forgotten: pl.DataFrame) -> dict[str, dict[str, int]]:
    """By part and the SHA-256 of the file the rows that should be stored or merged, by the table `imports`.

    Rows that were forgotten or replaced since do not count. The last import of a file counts; files of earlier
    versions of zoo_dag, which did not record their parts, do not.
    """
    since = _forgotten_at(forgotten)
    never = datetime.min.replace(tzinfo=UTC)
    expected: dict[str, dict[str, int]] = {}
    for sha256, imported_at, parts in _last_imports(imports):
        for part, n_rows in parts.items():
            if imported_at > since.get(part, never):
                expected.setdefault(part, {})[sha256] = n_rows
    return expected


def stored_files(imports: pl.DataFrame, reads: Mapping[str, Reads]) -> set[str]:
    """The SHA-256 of the files all of whose rows are stored, or were replaced by newer ones."""
    return {
        sha256
        for sha256, _, parts in _last_imports(imports)
        if all(sha256 in reads.get(part, Reads()).rows for part in parts)
    }


def _last_imports(imports: pl.DataFrame) -> Iterator[tuple[str, datetime, dict[str, int]]]:
    """The SHA-256 of each file, when it was last imported, and its rows by part, where they were recorded."""
    last = imports.drop_nulls("rows_read").unique("sha256", keep="last", maintain_order=True)
    for sha256, imported_at, rows_read in last.select("sha256", "imported_at", "rows_read").iter_rows():
        yield sha256, imported_at, orjson.loads(rows_read)


def _forgotten_at(forgotten: pl.DataFrame) -> dict[str, datetime]:
    """When rows of each part were last forgotten."""
    last: dict[str, datetime] = {}
    columns = ("table", "kind", "workflow_id", "workflow_version", "forgotten_at")
    for table, kind, workflow_id, version, forgotten_at in forgotten.select(columns).iter_rows():
        part = f"{workflow_id}-v{version}" if version else kind
        part = quarantine_part(kind) if table == "raw_quarantine" else part
        last[part] = max(last.get(part, forgotten_at), forgotten_at)
    return last
