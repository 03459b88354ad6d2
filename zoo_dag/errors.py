"""Errors that people can act on: each says what is wrong, where, and what to do."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Python and Polars write the number of an error of the system in these ways.
_NUMBER = re.compile(r"\[Errno (\d+)\]|\(os error (\d+)\)")
# The numbers of errors of a disk without room.
FULL = (errno.ENOSPC, errno.EDQUOT)
# A disk with less room is full: the end of a Parquet file takes more.
_LEAST_FREE_BYTES = 1 << 15


class ZooDagError(Exception):
    """A problem that the user can solve. The command line prints it and exits with code 2.

    `lines` are what to paste, such as settings, printed below the sentence.
    """

    def __init__(self, sentence: str = "", lines: tuple[str, ...] = ()) -> None:
        """Takes the sentence, and lines to paste."""
        super().__init__(sentence)
        self.lines = lines


class ExportError(ZooDagError):
    """A file is not the expected export, or cannot be read."""


class NotAnExportError(ExportError):
    """A readable file that is not an export."""


class DerivedTableError(ExportError):
    """A readable file that has columns of an export, and was made from one."""


class LimitError(ExportError):
    """An export is larger than the settings allow."""


class SettingsError(ZooDagError):
    """The settings file has a problem."""


class TableError(ZooDagError):
    """A table does not exist, or cannot be read."""


class AccessError(TableError):
    """The file of a table is there, and this process cannot open it: it need not be rebuilt."""


class BusyError(ZooDagError):
    """Another process is using the same data folder."""


class OvertakenError(BusyError):
    """Another process changed the same files of an object store first."""


class HistoryError(ZooDagError):
    """Dagster's history, or its configuration, cannot be used."""


class ReportError(ZooDagError):
    """A report cannot be written."""


class FetchError(ZooDagError):
    """An export could not be fetched from the Zooniverse API."""


class DiskError(ZooDagError):
    """A disk is full, or cannot be written."""


def system_numbers(error: str) -> list[int]:
    """The numbers of the errors of the system that the text of an error names."""
    return [int(match[1] or match[2]) for match in _NUMBER.finditer(error)]


def disk_problem(error: str) -> str | None:
    """What the system says, and what to do, where an error with this text is one of a disk that cannot be written.

    The advice has no full stop, so that what to do then can follow.
    """
    for number in system_numbers(error):
        if number in FULL:
            return f"{os.strerror(number)}. Make room on the disk"
        if number == errno.EROFS:
            return f"{os.strerror(number)}. Make the disk writable"
    return None


@contextmanager
def explaining_full_disk(folder: Path, before: str = "", after: str = ", and run it again.") -> Iterator[None]:
    """Raise DiskError where writing into a folder fails in the block since its disk is full or read-only.

    What the system says and what to do stand between `before` and `after`.
    """
    try:
        yield
    except Exception as error:
        # Polars says of some files only that they could not be written, but what it wrote is still there.
        can_be = folder.is_dir() and not isinstance(error, ZooDagError)
        is_full = can_be and shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
        problem = disk_problem(f"[Errno {errno.ENOSPC}]" if is_full else str(error))
        if problem is None:
            raise
        raise DiskError(f"{before}{problem}{after}") from error
