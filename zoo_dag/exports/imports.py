"""What an import takes and returns: the raw tables before and after it, and the files that it read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from zoo_dag.exports.files import ExportFile
from zoo_dag.exports.reading import ReadingNotes
from zoo_dag.exports.reads import Reads
from zoo_dag.tables.layouts import Kind


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
    """The merged raw rows of a workflow version, with the counts that are stored with them.

    `shown_subjects` is what they say about their subjects, in a temporary file: an import may be of many versions.
    `shown_hash` is its `content_hash`. `part` is the file of the rows where nothing had to be merged: but for its
    metadata it is as it is to be stored.
    """

    frame: pl.LazyFrame
    content_hash: str
    n_rows: int
    reads: Reads
    shown_subjects: pl.LazyFrame
    shown_hash: str
    part: Path | None = None


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
class ReadFile:
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


class Import:
    """An import under way: the files that were read, and what was stored before, without what they replace."""

    def __init__(self, reads: Sequence[ReadFile], existing: RawTables, staging: Path, *, replace: bool) -> None:
        """Begin an import: with `replace`, the files are complete for the workflows in them.

        `staging` is a folder for temporary files.
        """
        self.reads = reads
        self.existing = existing
        self.staging = staging
        self.replace = replace
        self.started_at = datetime.now(UTC)
        self.imported = Imported(reads=dict(existing.reads))
        self.forgotten: list[tuple[object, ...]] = []

    def of_kind(self, kind: Kind) -> list[ReadFile]:
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
