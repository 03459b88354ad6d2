"""The same command on the same files writes the same bytes, however many threads Polars has."""

import os
import subprocess
import sys
from pathlib import Path

# Tables with the time of the import, or with a data version that follows from it.
TIMED = {"imports", "accounting", "quarantine"}


def test_the_demo_writes_the_same_bytes_with_one_and_with_two_threads(tmp_path: Path) -> None:
    running = []
    for threads in ("1", "2"):
        data = tmp_path / threads
        environment = {**os.environ, "POLARS_MAX_THREADS": threads, "DAGSTER_HOME": str(data / "dagster_home")}
        command = [sys.executable, "-m", "zoo_dag", "demo", "--data", str(data)]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))  # noqa: S603
    assert [process.wait() for process in running] == [0, 0]
    one, two = (
        {path.relative_to(tmp_path / threads): path.read_bytes() for path in tables(tmp_path / threads)}
        for threads in ("1", "2")
    )
    assert len(one) > 100
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == []


def tables(data: Path) -> list[Path]:
    """The stored tables of a data folder, in order."""
    return [path for path in sorted((data / "tables").rglob("*.parquet")) if path.stem not in TIMED]
