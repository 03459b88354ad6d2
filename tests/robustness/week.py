"""A week of hourly imports through the inbox in simulated time, in one process, and what grows.

`python -m tests.robustness.week` takes about ten minutes. Each hour an export with some more rows arrives in the
inbox; the sensors of the pages are evaluated and what they request is executed in this process, on the real
history. An hour passes by making every record of a run in the history an hour older.
"""

import argparse
import ctypes
import gc
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tests.dagster.daemon import Daemon
from tests.robustness.projects import first_exports, hourly_export
from tests.robustness.stored import left_over, unbalanced
from zoo_dag.dagster.instance import open_instance
from zoo_dag.store.data_folder import DataFolder

HOUR = timedelta(hours=1)
_KEEP_DAYS = 2
_SETTINGS = f"[importing]\nsettle_seconds = 0\n[history]\nkeep_days = {_KEEP_DAYS}\n"
_START = datetime(2026, 3, 1, tzinfo=UTC)
# This process executes every run itself, the pages give each a process of its own: what Dagster keeps of runs that
# ended may take 2 GB in a year of hourly imports.
MOST_BYTES_PER_IMPORT = 150_000
# The history may be larger at the end than when the first runs were deleted, for the rows of the tables grow.
MOST_GROWTH = 1.3


@dataclass
class Week:
    """What was measured after each hour: memory of the process and size of the history, in bytes; runs in it."""

    memory: list[int] = field(default_factory=list)
    history: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def simulate(folder: Path, hours: int) -> Week:
    """Import an export each hour; returns what was measured."""
    week, data = Week(), DataFolder(folder / "data")
    data.prepare()
    (data.root / "zoo_dag.toml").write_text(_SETTINGS)
    data.inbox.mkdir()
    for export in first_exports(folder)[1:]:
        shutil.copy(export, data.inbox)
    with open_instance(data) as instance:
        daemon = Daemon(data, instance, _START)
        for hour in range(hours):
            hourly_export(data.inbox, hour)
            results = daemon.come_to_rest()
            week.problems.extend(f"hour {hour}: a run failed" for each in results if not each.success)
            if not results:
                week.problems.append(f"hour {hour}: nothing was imported")
            del results
            week.memory.append(_memory())
            week.history.append(_size(data.dagster_home))
            week.runs.append(instance.get_runs_count())
            daemon.now += HOUR
            _an_hour_passes(data.dagster_home)
    rows = pl.read_parquet(data.root / "tables" / "classifications" / "11-v3.10.parquet").height
    if rows != 3 * hours:
        week.problems.append(f"{rows} rows of {3 * hours} are stored")
    week.problems.extend(unbalanced(data.root))
    week.problems.extend(f"left over: {each}" for each in left_over(data.root))
    return week


def _an_hour_passes(home: Path) -> None:
    """Make the runs an hour older, and the time at which old ones were deleted."""
    with closing(sqlite3.connect(home / "history" / "runs.db")) as history, history:
        history.execute("UPDATE runs SET create_timestamp = datetime(create_timestamp, '-1 hour')")
    deleted = home / "old_runs_deleted"
    if deleted.exists():
        earlier = deleted.stat().st_mtime - HOUR.total_seconds()
        os.utime(deleted, (earlier, earlier))


def _memory() -> int:
    """The resident memory of this process, without what is free in its heap."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def slope(values: Sequence[int]) -> float:
    """By how much the values grow from one to the next: the line of least squares through their second half."""
    later = values[len(values) // 2 :]
    return float(np.polyfit(np.arange(len(later)), later, 1)[0])


def main() -> None:
    """Simulate, print the figures, and exit with code 1 where something grows that should not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=168, help="how many imports; default 168, a week")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        week = simulate(Path(folder), options.hours)
    print("hour  memory MB  history MB  runs")
    for hour in sorted({*range(0, options.hours, 12), options.hours - 1}):
        memory, history = week.memory[hour] / 1e6, week.history[hour] / 1e6
        print(f"{hour:4}  {memory:9.1f}  {history:10.2f}  {week.runs[hour]:4}")
    print(f"{slope(week.memory) / 1000:.1f} kB of memory more with each import, in the second half.")
    # The first runs are deleted on the day after those that are kept.
    full = (_KEEP_DAYS + 1) * 24
    if slope(week.memory) > MOST_BYTES_PER_IMPORT:
        week.problems.append("memory grows")
    if options.hours > full and max(week.history[full:]) > MOST_GROWTH * max(week.history[:full]):
        week.problems.append("the history grows")
    print(*week.problems or ["No problem."], sep="\n")
    sys.exit(1 if week.problems else 0)


if __name__ == "__main__":
    main()
