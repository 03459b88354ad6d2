"""Export files on disk: plain, gzip or zip, of any name, recognised by their content."""

import codecs
import csv
import functools
import hashlib
import io
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import IO, cast

from zoo_dag.errors import DerivedTableError, ExportError, NotAnExportError
from zoo_dag.exports.containers import Container, container_of, open_export, reading
from zoo_dag.exports.limits import DEFAULT_LIMITS, NOT_MEASURED, Limits, Measured, Source, require_within
from zoo_dag.exports.repair import decode_lines
from zoo_dag.exports.resaved import AS_DOWNLOADED, Dialect, dialect
from zoo_dag.exports.talk import kind_of_talk_export
from zoo_dag.tables import TABLES
from zoo_dag.tables.flat_form import plain_columns
from zoo_dag.tables.layouts import LAYOUTS, Kind, kind_of
from zoo_dag.wording.sentences import listed

_HEADER_BYTES = 1 << 18
SUFFIXES = (".csv", ".tsv", ".gz", ".zip")
# A text file is seldom an export, and may be somebody's notes.
NOTES_SUFFIX = ".txt"
# Far more than anybody adds by hand; a raw table of thousands of columns takes minutes and gigabytes.
MOST_COLUMNS = 300
# The columns that the raw tables add to those of an export.
SOURCE_FILE = "source_file"
SOURCE_ROW = "source_row"
IS_CURRENT = "is_current"


@dataclass(frozen=True)
class ExportFile:
    """An export on disk whose header was read: its kind is known before anything is imported.

    `utf16` is the name of its encoding where that is UTF-16, as in the Unicode text of spreadsheets, else None;
    `dialect` says how R wrote it. It is within the `limits`, as `measured`.
    """

    path: Path
    kind: Kind
    header: tuple[str, ...]
    separator: str
    container: Container
    utf16: str | None = None
    dialect: Dialect = AS_DOWNLOADED
    limits: Limits = DEFAULT_LIMITS
    measured: Measured = NOT_MEASURED

    @property
    def name(self) -> str:
        """The file name."""
        return self.path.name

    @property
    def n_known_columns(self) -> int:
        """The number of the layout's columns that the file has; a file reduced by hand has fewer."""
        return len(set(self.header) & set(LAYOUTS[self.kind].columns))

    @property
    def is_copied(self) -> bool:
        """Whether it is written to a plain file before it is read."""
        return self.container != "plain" or bool(self.utf16) or self.dialect.differs

    def sha256(self) -> str:
        """SHA-256 of the file on disk."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def shown_names(exports: Iterable[ExportFile]) -> dict[str, str]:
    """The paths, by SHA-256, of exports that have the name of another one: a name does not tell them apart."""
    by_name: dict[str, list[ExportFile]] = defaultdict(list)
    for export in exports:
        by_name[export.name].append(export)
    return {export.sha256(): str(export.path) for same in by_name.values() if len(same) > 1 for export in same}


@dataclass(frozen=True)
class ExportFiles:
    """Exports in the order of their import, and for each other file a sentence on why it is ignored."""

    exports: tuple[ExportFile, ...]
    ignored: tuple[str, ...] = ()


def find_exports(paths: Sequence[Path], limits: Limits = DEFAULT_LIMITS) -> ExportFiles:
    """The exports among files and folders, in the order of their import.

    Where two files have the same row, the later file wins. Files with few columns come first (they were reduced by
    hand), then the order is by modification time, then as in `paths`. Subfolders are not searched; files of a
    folder that are no exports, or tables made from one, are ignored. Raises ExportError for a path that does not
    exist, for a file in `paths` that is no export, for an export in a folder that is damaged or beyond the limits,
    and where there is no export.
    """
    exports: list[ExportFile] = []
    ignored: list[str] = []
    others: list[str] = []
    folders: list[str] = []
    for path in paths:
        if not path.is_dir():
            exports.append(identify(path, limits))
            continue
        for file in sorted(path.iterdir()):
            if file.is_dir():
                folders.append(file.name)
                continue
            if file.suffix.lower() not in (*SUFFIXES, NOTES_SUFFIX) or file.name.startswith("."):
                others.append(file.name)
                continue
            try:
                exports.append(identify(file, limits))
            except NotAnExportError as error:
                ignored.extend([] if _is_notes(file) else [str(error)])
                others.append(file.name)
            except ExportError as error:
                if not _is_notes(file) and not isinstance(error, DerivedTableError):
                    raise
                ignored.append(str(error))
    if not exports:
        where = ", ".join(str(path) for path in paths) or "no paths"
        there = f" Files of other kinds: {listed(others)}." if others and not ignored else ""
        there += f" Folders in it are not searched: {listed(folders)}." if folders else ""
        raise ExportError(f"{where}: no Zooniverse export found.{there} {' '.join(ignored)}".strip())
    return _in_order(exports, ignored)


def _is_notes(file: Path) -> bool:
    return file.suffix.lower() == NOTES_SUFFIX


def identify_all(paths: Iterable[Path], limits: Limits = DEFAULT_LIMITS) -> ExportFiles:
    """The complete exports within the limits, in the order of their import; all other files are ignored."""
    exports: list[ExportFile] = []
    ignored: list[str] = []
    for path in paths:
        try:
            exports.append(identify(path, limits))
        except ExportError as error:
            ignored.append(str(error))
    return _in_order(exports, ignored)


def _in_order(exports: Sequence[ExportFile], ignored: Sequence[str]) -> ExportFiles:
    unique = {export.path.resolve(): export for export in exports}
    ordered = sorted(unique.values(), key=lambda export: export.path.stat().st_mtime_ns)
    return ExportFiles(tuple(sorted(ordered, key=lambda export: export.n_known_columns)), tuple(ignored))


def identify(path: Path, limits: Limits = DEFAULT_LIMITS) -> ExportFile:
    """Recognise an export by its content, and read it to its end.

    Raises ExportError where the file does not exist, is empty, is a broken archive, or lacks a required column,
    DerivedTableError where it lacks most columns or is a table of zoo_dag, NotAnExportError where its header is
    not that of an export, or an archive has not one file, and LimitError where it is larger than the limits.
    """
    if not path.is_file():
        raise ExportError(f"{path}: no such file.")
    try:
        stat = path.stat()
        return _identified(path, limits, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be read ({error.strerror}). Check the permissions of the file."
        ) from error


# A command looks at its files before it loads Dagster; the step that imports them need not read them again.
@functools.lru_cache(maxsize=1000)
def _identified(path: Path, limits: Limits, _inode: int, n_bytes: int, _modified: int) -> ExportFile:
    container = container_of(path)
    with reading(path, container) as stream:
        export = _recognised(path, container, stream.read(_HEADER_BYTES), limits)
    packed = None if container == "plain" else n_bytes
    source = Source(
        path,
        len(export.header),
        export.separator,
        packed,
        is_copied=export.is_copied,
        backslash=export.dialect.backslash,
    )
    with reading(path, container) as stream:
        measured = require_within(limits, source, _decoded(export, stream))
    return replace(export, measured=measured)


def _recognised(path: Path, container: Container, start: bytes, limits: Limits) -> ExportFile:
    """The export that starts like this."""
    if kind := kind_of_talk_export(start):
        raise NotAnExportError(
            f"{path}: this is the {kind} export of Talk. To count comments and tags by subject, put the comments "
            "export into the data folder, and name it in the settings: `comments` in `[talk]`."
        )
    utf16 = _utf16(start)
    text = start.decode(utf16, "replace") if utf16 else decode_lines(start.removeprefix(codecs.BOM_UTF8))
    if not text.strip():
        raise ExportError(f"{path}: the file is empty. Download the export again.")
    if "\n" not in text and "\r" in text:
        raise ExportError(
            f"{path}: the lines end with a carriage return alone, as old spreadsheets write them. "
            "Save the file as CSV (UTF-8) again, or download the export."
        )
    first_line = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=first_line.count)
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise NotAnExportError(f"{path}: the header cannot be read as CSV ({error}).") from error
    cells = [cell.strip() for cell in header if cell.strip()]
    if table := _own_table(cells):
        raise DerivedTableError(
            f"{path}: this is the table {table}, which zoo_dag wrote, not an export of Zooniverse. Tables are "
            "computed from exports; this file is not needed."
        )
    kind = kind_of(cells, str(path))
    if len(header) > MOST_COLUMNS:
        raise ExportError(
            f"{path}: the header has {len(header):,} columns. A {kind} export has at most "
            f"{len(LAYOUTS[kind].columns)}, and at most {MOST_COLUMNS} are read: remove columns that were added."
        )
    written = dialect(text, header, separator)
    names = column_names(["", *header] if written.row_names else header)
    return ExportFile(path, kind, names, separator, container, utf16, written, limits)


def _own_table(header: Sequence[str]) -> str | None:
    """The table of zoo_dag that has this header, if any. People keep what they wrote beside the exports.

    A raw table has all cells of an export, so it may stand for one.
    """
    return next(
        (name for name, table in TABLES.items() if table.stage != "raw" and plain_columns(table) <= set(header)),
        None,
    )


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """The column names of a header: trimmed, "" for an unnamed column, repeated names numbered.

    `source_file`, `source_row` and `is_current` are numbered too, because raw tables add columns of these names,
    and so are names that Polars reads as patterns for several columns. No name begins with a space, as those do
    that reading adds for a while.
    """
    names: list[str] = []
    taken = {SOURCE_FILE, SOURCE_ROW, IS_CURRENT}
    for cell in header:
        name = cell.strip()
        numbered = (f"{name} ({number})" for number in count(2))
        is_free = name not in taken and not _is_pattern(name)
        free = name if is_free else next(each for each in numbered if each not in taken)
        names.append(free)
        taken.update([free] if free else [])
    return tuple(names)


def _is_pattern(name: str) -> bool:
    """Whether `polars.col` reads a name as a pattern for several columns."""
    return name == "*" or (name.startswith("^") and name.endswith("$"))


@contextmanager
def plain_file(export: ExportFile, staging: Path) -> Iterator[Path]:
    """A path with an export that is not compressed, in UTF-8 or another encoding of bytes, its quotes doubled.

    It is the file itself, or a copy that is removed at the end.
    """
    if not export.is_copied:
        yield export.path
        return
    copy = staging / "decompressed.csv"
    with open_export(export.path) as stream, copy.open("wb") as target:
        source = _decoded(export, stream)
        if export.dialect.differs:
            target.writelines(export.dialect.undone(source, export.separator))
        else:
            shutil.copyfileobj(source, target, 1 << 20)
    try:
        yield copy
    finally:
        copy.unlink()


def _decoded(export: ExportFile, stream: IO[bytes]) -> IO[bytes]:
    """The bytes of an export with UTF-16 as UTF-8."""
    if not export.utf16:
        return stream
    return cast(IO[bytes], codecs.EncodedFile(stream, "utf-8", export.utf16, "replace"))


def _utf16(start: bytes) -> str | None:
    """The encoding of a file that starts like this, if it is UTF-16: by its byte order mark, or its zero bytes."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # The names of columns are ASCII, so that every second byte is zero.
    if start[1:8:2] == b"\0\0\0\0" and 0 not in start[0:8:2]:
        return "utf-16-le"
    return "utf-16-be" if start[0:8:2] == b"\0\0\0\0" and 0 not in start[1:8:2] else None
