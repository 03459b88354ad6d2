"""`zoo-dag` as a process, with nothing of the environment that would change what it does."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_OWN = ("DAGSTER_HOME", "ZOO_DAG_DATA", "POLARS_MAX_THREADS", "PYTHONHASHSEED")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command, without what this process has set for itself."""
    return {name: value for name, value in os.environ.items() if name not in _OWN} | dict(more or {})


def command(*arguments: str | Path) -> list[str]:
    """The command line of `zoo-dag`."""
    return [sys.executable, "-m", "zoo_dag", *map(str, arguments)]


def zoo_dag(
    *arguments: str | Path, more: Mapping[str, str] | None = None, seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """What a command printed, and its exit code."""
    return subprocess.run(  # noqa: S603
        command(*arguments),
        env=environment(more),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
