"""What the system says about a disk is recognised in errors of Python and of Polars."""

import errno
import os
from pathlib import Path

import pytest

from zoo_dag.errors import DiskError, ExportError, disk_problem, explaining_full_disk


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (str(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.csv")), "No space left on device. Make room"),
        ("parquet: underlying IO error: Disk quota exceeded (os error 122)", "Disk quota exceeded. Make room"),
        ("Read-only file system (os error 30)", "Read-only file system. Make the disk writable"),
        (str(OSError(errno.ENOENT, os.strerror(errno.ENOENT), "a.csv")), None),
        ("could not parse `[Errno` as dtype `i64`", None),
        ("", None),
    ],
)
def test_only_a_disk_that_cannot_be_written_is_one(error: str, problem: str | None) -> None:
    found = disk_problem(error)
    assert found == problem if problem is None else (found or "").startswith(problem)


def test_only_errors_of_the_disk_are_explained(tmp_path: Path) -> None:
    def fail(error: Exception) -> None:
        with explaining_full_disk(tmp_path / "folder", "a.csv: ", ", or name another file."):
            raise error

    (tmp_path / "folder").mkdir()
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(DiskError) as explained:
        fail(full)
    assert str(explained.value) == "a.csv: No space left on device. Make room on the disk, or name another file."
    (tmp_path / "folder").rmdir()
    for error in (ExportError("it is no export"), ZeroDivisionError()):
        with pytest.raises(type(error)):
            fail(error)
