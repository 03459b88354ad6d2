"""The output of the benchmarks."""

import os
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from goals import Goal

PACKAGES = ("zoo_dag", "polars", "dagster", "orjson")


def say(label: str, value: str, note: str = "") -> None:
    """Print one line of the report."""
    print(f"  {label:<44} {value:>14}  {note}".rstrip(), flush=True)


def verdict(value: float, goal: float, at_least: bool = False) -> str:
    """The goal and whether it is met."""
    met = value >= goal if at_least else value <= goal
    return f"goal: {'at least' if at_least else 'at most'} {goal:g} ({'met' if met else 'MISSED'})"


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Figures with four significant digits."""
    return {name: float(f"{value:.4g}") for name, value in figures.items()}


def markdown(goals: Iterable[Goal]) -> str:
    """The goals as a table."""
    lines = ["| what | measured | goal | |", "|---|---|---|---|"]
    for goal in goals:
        side = "at least" if goal.at_least else "at most"
        met = "met" if goal.met else "missed"
        lines.append(f"| {goal.what} | {goal.value:.3g} {goal.unit} | {side} {goal.goal:g} | {met} |")
    return "\n".join(lines)


# The columns of the table of measurements, and the figures in them.
COLUMNS = {
    "CPU s": "cpu_seconds",
    "clock s": "wall_seconds",
    "peak GiB": "peak_gib",
    "scan s": "scan_seconds",
    "orjson s": "parse_seconds",
    "ratio": "ratio",
    "slope": "slope_ratio",
}


def measurements(found: Mapping[str, Mapping[str, float]]) -> str:
    """The measurements as a table; the other figures are in the JSON."""
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for name, figures in found.items():
        cells = [f"{figures[each]:.3g}" if each in figures else "" for each in COLUMNS.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def machine() -> dict[str, str | int]:
    """What the figures were measured on: processor, cores, system and versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }
