"""Measure zoo_dag against its limits: see README.md in this folder.

Every figure is measured in the run that prints it; ratios are of figures of one run.
"""

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import orjson
from generate import generate
from measure import CommandFailedError, Cost, measure
from peer import Peer
from reading import annotation_cells, json_seconds, scan_seconds
from reporting import say, verdict

COUNT = 500_000
SCALE = 4
PEER_COUNT = 50_000
GOAL_CPU_RATIO = 3.0
GOAL_PEAK_GIB = 1.5
GOAL_SCALE_RATIO = 1.2
# Kinds that are compared with panoptes_aggregation, and the goal, if any: how many times faster a run has to be.
PEER_GOALS = {"question": 100.0, "survey": None, "point": None}
GIB = 2**30
# A user's own instance and settings must neither be measured nor be written to.
FOREIGN_SETTINGS = ("DAGSTER_HOME", "ZOO_DAG_DATA")


def run_pipeline(command: list[str], export: Path, workflows: Path, folder: Path) -> Cost:
    """Import and materialize everything in a new data folder, which is removed afterwards."""
    data = Path(tempfile.mkdtemp(prefix="data-", dir=folder))
    try:
        return measure([*command, "run", str(export), str(workflows), "--data", str(data), "--json"])
    finally:
        shutil.rmtree(data)


def print_stages(cost: Cost) -> None:
    """Print the CPU seconds of every stage, where the summary has them."""
    try:
        summary = orjson.loads(cost.output)
    except orjson.JSONDecodeError:
        return
    stages = summary.get("stages") if isinstance(summary, dict) else None
    if not isinstance(stages, dict):
        return
    for stage, seconds in stages.items():
        say(f"    of these {stage}", f"{seconds:.2f} CPU s")
    rest = cost.cpu_seconds - sum(stages.values())
    say("    of these outside the stages (start, imports)", f"{rest:.2f} CPU s")


def print_pipeline(label: str, cost: Cost) -> None:
    """Print what a run of the pipeline cost."""
    note = f"{cost.wall_seconds:.1f} s on the clock, {cost.processes} process(es)"
    say(label, f"{cost.cpu_seconds:.2f} CPU s", note)
    print_stages(cost)


def compare_with_scan(command: list[str], count: int, folder: Path) -> Cost:
    """The pipeline against merely reading the same export."""
    export = folder / f"benchmark-{count}.csv"
    workflows = generate(count, export)
    print(f"\n{count:,} classifications, {export.stat().st_size / 1e6:,.0f} MB")
    scan, parse = scan_seconds(export), json_seconds(annotation_cells(export))
    say("Polars: scan, all columns as text", f"{scan:.2f} CPU s")
    say("orjson: every annotations cell", f"{parse:.2f} CPU s")
    cost = run_pipeline(command, export, workflows, folder)
    export.unlink()
    print_pipeline("zoo-dag run", cost)
    ratio = cost.cpu_seconds / (scan + parse)
    say("zoo-dag run : scan and orjson", f"{ratio:.2f}", verdict(ratio, GOAL_CPU_RATIO))
    peak = cost.peak_bytes / GIB
    say("peak memory of zoo-dag run", f"{peak:.2f} GiB", verdict(peak, GOAL_PEAK_GIB))
    return cost


def compare_with_larger(command: list[str], count: int, small: Cost, folder: Path) -> None:
    """Peak memory on a larger export against the peak of the smaller one."""
    export = folder / f"benchmark-{count}.csv"
    workflows = generate(count, export)
    print(f"\n{count:,} classifications, {export.stat().st_size / 1e6:,.0f} MB")
    cost = run_pipeline(command, export, workflows, folder)
    export.unlink()
    print_pipeline("zoo-dag run", cost)
    ratio = cost.peak_bytes / small.peak_bytes
    say("peak memory of zoo-dag run", f"{cost.peak_bytes / GIB:.2f} GiB")
    say("peak memory : that of the smaller export", f"{ratio:.2f}", verdict(ratio, GOAL_SCALE_RATIO))


def compare_with_peer(command: list[str], python: Path, kind: str, count: int, folder: Path) -> None:
    """The pipeline against panoptes_aggregation on the same export."""
    export = folder / f"peer-{count}.csv"
    workflows = generate(count, export, kind)
    size = export.stat().st_size / 1e6
    print(f"\n{count:,} classifications ({kind}), {size:,.0f} MB, against panoptes_aggregation")
    peer = Peer(python, folder / "peer")
    costs = {"config": peer.config(workflows), "extract": peer.extract(export)} | peer.reduce()
    for step, cost in costs.items():
        say(f"panoptes_aggregation {step}", f"{cost.cpu_seconds:.2f} CPU s")
    total = sum(cost.cpu_seconds for cost in costs.values())
    say("panoptes_aggregation in all", f"{total:.2f} CPU s")
    peak = max(cost.peak_bytes for cost in costs.values()) / GIB
    say("peak memory of panoptes_aggregation", f"{peak:.2f} GiB")
    cost = run_pipeline(command, export, workflows, folder)
    print_pipeline("zoo-dag run", cost)
    say("peak memory of zoo-dag run", f"{cost.peak_bytes / GIB:.2f} GiB")
    ratio, goal = total / cost.cpu_seconds, PEER_GOALS[kind]
    say("panoptes_aggregation : zoo-dag run", f"{ratio:.1f}", verdict(ratio, goal, at_least=True) if goal else "")


def read_arguments() -> argparse.Namespace:
    """The command line."""
    beside = Path(sys.executable).with_name("zoo-dag")
    default = shlex.quote(str(beside)) if beside.exists() else "zoo-dag"
    parser = argparse.ArgumentParser(description="Measure zoo_dag against its limits.")
    parser.add_argument("--count", type=int, default=COUNT, help="classifications (default: %(default)s)")
    parser.add_argument("--scale", action="store_true", help=f"measure memory with {SCALE} times as many too")
    parser.add_argument("--peer", action="store_true", help="compare with panoptes_aggregation instead")
    parser.add_argument("--peer-python", type=Path, metavar="PATH", help="python of the venv that has it")
    parser.add_argument("--kind", choices=PEER_GOALS, default="question", help="what is asked, for --peer")
    parser.add_argument("--peer-count", type=int, default=PEER_COUNT, help="the same for --peer")
    parser.add_argument("--command", default=default, help="how to call zoo-dag (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to put the exports")
    arguments = parser.parse_args()
    if arguments.peer and arguments.peer_python is None:
        parser.error("--peer needs --peer-python PATH, the python of a venv with panoptes_aggregation")
    return arguments


def main() -> int:
    """Measure what the command line asks for; exit code 1 when a measured command fails."""
    arguments = read_arguments()
    command = shlex.split(arguments.command)
    for name in FOREIGN_SETTINGS:
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="zoo-dag-benchmark-", dir=arguments.folder) as name:
        folder = Path(name)
        try:
            if arguments.peer:
                compare_with_peer(command, arguments.peer_python, arguments.kind, arguments.peer_count, folder)
                return 0
            cost = compare_with_scan(command, arguments.count, folder)
            if arguments.scale:
                compare_with_larger(command, SCALE * arguments.count, cost, folder)
        except (CommandFailedError, FileNotFoundError) as failure:
            print(f"not measured: {failure}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
