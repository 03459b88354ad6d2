"""What `zoo-dag run` costs on generated exports: the first import, the same again, and a longer export."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from measure import Cost, measure

# A user's own instance and settings must neither be measured nor be written to.
FOREIGN_SETTINGS = ("DAGSTER_HOME", "ZOO_DAG_DATA")


@dataclass(frozen=True)
class DataFolder:
    """A data folder into which exports are imported with `command`, how to call zoo-dag."""

    command: Sequence[str]
    path: Path

    def run(self, *exports: Path) -> Cost:
        """Import exports and build every table that is stale."""
        for name in FOREIGN_SETTINGS:
            os.environ.pop(name, None)
        return measure([*self.command, "run", *map(str, exports), "--data", str(self.path), "--json"])

    def history_bytes(self) -> int:
        """The size of Dagster's history."""
        return _bytes_in(self.path / "dagster_home")

    def stored_bytes(self) -> int:
        """The size of all tables, the raw ones included."""
        return _bytes_in(self.path) - self.history_bytes()

    def remove(self) -> None:
        """Remove it, so that the next run is a first import again."""
        shutil.rmtree(self.path)


def figures(cost: Cost) -> dict[str, float]:
    """Of one run `cpu_seconds, wall_seconds, wall_to_cpu, peak_gib, processes`, and CPU seconds by stage."""
    measured = {
        "cpu_seconds": cost.cpu_seconds,
        "wall_seconds": cost.wall_seconds,
        "wall_to_cpu": cost.wall_seconds / cost.cpu_seconds,
        "peak_gib": cost.peak_bytes / 2**30,
        "processes": float(cost.processes),
    }
    return measured | {f"stage {name}": seconds for name, seconds in _stages(cost.output).items()}


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _stages(output: str) -> dict[str, float]:
    try:
        summary: Any = orjson.loads(output)
    except orjson.JSONDecodeError:
        return {}
    stages = summary.get("stages") if isinstance(summary, dict) else None
    return stages if isinstance(stages, dict) else {}
