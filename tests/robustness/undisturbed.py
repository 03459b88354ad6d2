"""Imports that nothing disturbs, with which the others are compared."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.robustness.commands import zoo_dag
from tests.robustness.projects import first_exports, later_export
from tests.robustness.stored import contents, differences, left_over, unbalanced

_BLOCK = 4096


@dataclass(frozen=True)
class Import:
    """An import that is to be disturbed: into which data folder, None for a new one, and of which exports.

    Without a disturbance it takes so many seconds and bytes on the disk, and the tables have these contents
    `before` and `after` it.
    """

    data: Path | None
    exports: list[Path]
    seconds: float
    n_bytes: int
    before: dict[str, str]
    after: dict[str, str]

    def into(self, data: Path) -> Path:
        """A copy of its data folder at this path."""
        if self.data:
            shutil.copytree(self.data, data)
        return data

    def known(self, name: str) -> set[str | None]:
        """The contents that the file of a table may have at any time."""
        return {self.before.get(name), self.after.get(name)}

    def broken(self, data: Path, ran: subprocess.CompletedProcess[str]) -> Iterator[str]:
        """What is wrong after a run that had to succeed: a sentence for each promise that is broken."""
        said = ran.stdout + ran.stderr
        if ran.returncode or "Traceback" in said:
            yield f"the next run exits with {ran.returncode}: {said[-2000:]}"
            return
        if "All sums match." not in ran.stdout:
            yield f"the next run does not say that all sums match: {said[-2000:]}"
        different = differences(contents(data), self.after)
        if different:
            yield f"differ from an undisturbed run: {', '.join(different)}"
        yield from unbalanced(data)
        yield from (f"left over: {each}" for each in left_over(data))


def undisturbed(folder: Path) -> tuple[Import, Import]:
    """A first import and a later one, each run once."""
    first, later, data = first_exports(folder), [later_export(folder)], folder / "first"
    into_nothing = _run(data, first, None, {})
    expected = Path(shutil.copytree(data, folder / "expected"))
    return into_nothing, _run(expected, later, data, into_nothing.after)


def _run(data: Path, exports: list[Path], source: Path | None, before: dict[str, str]) -> Import:
    began, n_bytes = time.monotonic(), _size(data)
    run = zoo_dag("run", *exports, "--data", data)
    seconds = time.monotonic() - began
    if run.returncode or "All sums match." not in run.stdout:
        raise RuntimeError(run.stdout + run.stderr)
    return Import(source, exports, seconds, _size(data) - n_bytes, before, contents(data))


def _size(folder: Path) -> int:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(-(-path.stat().st_size // _BLOCK) * _BLOCK for path in files) + _BLOCK * len(files)
