"""`zoo-dag` as a process, with nothing of the environment that would change what it does."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_OWN = ("DAGSTER_HOME", "ZOO_DAG_DATA", "POLARS_MAX_THREADS", "PYTHONHASHSEED")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command, without what this process has set for itself."""
    return {name: value for name, value in os.environ.items() if name not in _OWN} | dict(more or {})


class Runner(NamedTuple):
    """Who runs a command: a Python, and the id of a user and of its group; None for the user of this process."""

    python: str = sys.executable
    user: int | None = None


THIS_ONE = Runner()


def command(*arguments: str | Path, python: str = sys.executable) -> list[str]:
    """The command line of `zoo-dag`."""
    return [python, "-m", "zoo_dag", *map(str, arguments)]


def zoo_dag(
    *arguments: str | Path,
    more: Mapping[str, str] | None = None,
    seconds: float = 300,
    runner: Runner = THIS_ONE,
) -> subprocess.CompletedProcess[str]:
    """What a command printed, and its exit code."""
    return subprocess.run(  # noqa: S603
        command(*arguments, python=runner.python),
        env=environment(more),
        user=runner.user,
        group=runner.user,
        extra_groups=None if runner.user is None else [],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
