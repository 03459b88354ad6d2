"""Measure zoo_dag against its goals: see README.md in this folder.

Every figure is measured in the run that prints it; ratios are of figures of one run.
"""

import argparse
import shlex
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import orjson
from flattening import measure_flattening
from generate import KINDS, cut, generate
from goals import goals
from imports import DataFolder, figures
from measure import CommandFailedError, measure
from peer import Peer
from reporting import machine, markdown, measurements, rounded

Figures = dict[str, dict[str, float]]

FEW, SIZES, MILLIONS = 7, (50_000, 500_000), 5_000_000
VERSION_NUMBERS = (1, 30, 300)
# So many classifications of each version where there are many.
PER_VERSION = 20
FLATTENED_KINDS = ("drawing", "mixed")
FLATTENED_COUNT = 100_000
PEER_KINDS = ("question", "survey")
PEER_COUNT = 50_000


@dataclass
class Benchmark:
    """The options of a run, and the figures so far: of each measurement by its name, such as `question 7`."""

    command: list[str]
    folder: Path
    repeat: int
    found: Figures = field(default_factory=dict)

    def add(self, name: str, measured: dict[str, float]) -> None:
        """Keep the figures of a measurement, and print them."""
        self.found[name] = rounded(measured)
        shown = ", ".join(f"{value:g} {key}" for key, value in self.found[name].items() if "stage" not in key)
        print(f"{name}: {shown}", flush=True)

    def limit(self, export: Path) -> dict[str, float]:
        """CPU seconds of merely reading an export: medians of new processes."""
        reader = [sys.executable, str(Path(__file__).with_name("reading.py")), str(export)]
        runs = [orjson.loads(measure(reader).output) for _ in range(self.repeat)]
        return {f"{name}_seconds": median(run[name] for run in runs) for name in ("scan", "parse", "hash")}

    def first_import(self, name: str, export: Path, workflows: Path) -> DataFolder:
        """Import an export into a new data folder; of more than a few rows also ratio and slope."""
        data = DataFolder(self.command, Path(tempfile.mkdtemp(prefix="data-", dir=self.folder)))
        limit = self.limit(export)
        measured = figures(data.run(export, workflows)) | limit
        measured |= {"export_gb": export.stat().st_size / 1e9, "tables_gb": data.stored_bytes() / 1e9}
        floor = limit["scan_seconds"] + limit["parse_seconds"]
        few = self.found.get(f"{name.partition(' ')[0]} {FEW:,}")
        if few:
            measured["ratio"] = measured["cpu_seconds"] / floor
            measured["slope_ratio"] = (measured["cpu_seconds"] - few["cpu_seconds"]) / floor
        self.add(name, measured)
        return data


def measure_commands(benchmark: Benchmark) -> None:
    """What is the same for every export: `--help`, and an import of few rows, first and again."""
    costs = [measure([*benchmark.command, "--help"]) for _ in range(benchmark.repeat)]
    benchmark.add("--help", {"cpu_seconds": median(cost.cpu_seconds for cost in costs)})
    export = benchmark.folder / "few.csv"
    workflows = generate(FEW, export)
    runs: list[tuple[dict[str, float], dict[str, float]]] = []
    for number in range(benchmark.repeat):
        data = DataFolder(benchmark.command, benchmark.folder / f"few-{number}")
        first = figures(data.run(export, workflows))
        before = data.history_bytes()
        again = figures(data.run(export, workflows))
        runs.append((first, again | {"history_kb": (data.history_bytes() - before) / 1000}))
        data.remove()
    for name, several in zip(
        (f"question {FEW}", f"question {FEW} unchanged"), zip(*runs, strict=True), strict=True
    ):
        benchmark.add(name, {key: median(each[key] for each in several) for key in several[0]})


def measure_kind(benchmark: Benchmark, kind: str, sizes: list[int]) -> None:
    """First imports of one kind; of questions also the largest one unchanged, and one tenth longer."""
    if kind != "question":
        export = benchmark.folder / f"{kind}-{FEW}.csv"
        benchmark.first_import(f"{kind} {FEW}", export, generate(FEW, export, kind)).remove()
    for size in sizes:
        longer, export = benchmark.folder / f"{kind}-longer.csv", benchmark.folder / f"{kind}.csv"
        workflows = generate(size + size // 10, longer, kind)
        cut(longer, size, export)
        name = f"{kind} {size:,}"
        data = benchmark.first_import(name, export, workflows)
        if kind == "question" and size == max(sizes):
            benchmark.add(f"{name} unchanged", figures(data.run(export, workflows)))
            benchmark.add(f"{name} one tenth longer", figures(data.run(longer, workflows)))
        data.remove()
        export.unlink()
        longer.unlink()


def measure_versions(benchmark: Benchmark, numbers: list[int]) -> None:
    """First imports of equally many rows in more and more workflow versions."""
    count = PER_VERSION * max(numbers)
    before: tuple[int, float] | None = None
    for number in numbers:
        export = benchmark.folder / f"versions-{number}.csv"
        workflows = generate(count, export, n_versions=number)
        data = DataFolder(benchmark.command, benchmark.folder / f"versions-{number}")
        measured = figures(data.run(export, workflows))
        data.remove()
        if before:
            further = measured["cpu_seconds"] - before[1]
            measured["ms_per_further_version"] = 1000 * further / (number - before[0])
        before = number, measured["cpu_seconds"]
        benchmark.add(f"{number} versions", measured)


def measure_flatten(benchmark: Benchmark, kind: str, count: int) -> None:
    """Flattening against merely parsing the annotations."""
    export = benchmark.folder / f"flatten-{kind}.csv"
    found = measure_flattening(export, generate(count, export, kind), benchmark.folder, benchmark.repeat)
    benchmark.add(
        f"flatten {kind}",
        {"cpu_seconds": found.flatten, "parse_seconds": found.parse, "ratio": found.ratio},
    )


def measure_peer(benchmark: Benchmark, python: Path, kind: str, count: int) -> None:
    """`zoo-dag run` against panoptes_aggregation on the same export."""
    export = benchmark.folder / f"peer-{kind}.csv"
    workflows = generate(count, export, kind)
    peer = Peer(python, benchmark.folder / f"peer-{kind}").cost(export, workflows)
    data = DataFolder(benchmark.command, benchmark.folder / f"data-peer-{kind}")
    ours = figures(data.run(export, workflows))
    data.remove()
    steps = {f"stage {step}": cost.cpu_seconds for step, cost in peer.items()}
    theirs = sum(steps.values())
    peak = max(cost.peak_bytes for cost in peer.values()) / 2**30
    benchmark.add(f"panoptes_aggregation {kind} {count:,}", {"cpu_seconds": theirs, "peak_gib": peak, **steps})
    benchmark.add(f"beside it {kind} {count:,}", ours | {"times_faster": theirs / ours["cpu_seconds"]})


def read_arguments() -> argparse.Namespace:
    """The command line."""
    beside = Path(sys.executable).with_name("zoo-dag")
    default = shlex.quote(str(beside)) if beside.exists() else "zoo-dag"
    parser = argparse.ArgumentParser(description="Measure zoo_dag against its goals.")
    parser.add_argument("--kinds", choices=KINDS, nargs="*", default=list(KINDS), help="what is asked")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=SIZES, help="classifications (default: %(default)s)"
    )
    parser.add_argument("--millions", action="store_true", help=f"questions with {MILLIONS:,} rows as well: 8 GB")
    parser.add_argument("--versions", type=int, nargs="*", default=VERSION_NUMBERS, help="numbers of versions")
    parser.add_argument("--flatten", choices=KINDS, nargs="*", default=FLATTENED_KINDS, help="kinds to flatten")
    parser.add_argument("--flatten-count", type=int, default=FLATTENED_COUNT, help="classifications to flatten")
    parser.add_argument("--peer-python", type=Path, metavar="PATH", help="python with panoptes_aggregation")
    parser.add_argument("--peer-count", type=int, default=PEER_COUNT, help="classifications to compare with it")
    parser.add_argument(
        "--repeat", type=int, default=5, help="repetitions of what is short (default: %(default)s)"
    )
    parser.add_argument("--command", default=default, help="how to call zoo-dag (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to put exports and data folders")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def steps(benchmark: Benchmark, options: argparse.Namespace) -> list[Callable[[], None]]:
    """What the command line asks for, one after the other."""
    of_kinds = {kind: sorted(options.sizes) for kind in options.kinds if options.sizes}
    if options.millions:
        of_kinds["question"] = [*of_kinds.get("question", ()), MILLIONS]
    versions = [sorted(options.versions)] if options.versions else []
    peers = PEER_KINDS if options.peer_python else ()
    return [
        lambda: measure_commands(benchmark),
        *(lambda kind=kind, sizes=sizes: measure_kind(benchmark, kind, sizes) for kind, sizes in of_kinds.items()),
        *(lambda numbers=numbers: measure_versions(benchmark, numbers) for numbers in versions),
        *(lambda kind=kind: measure_flatten(benchmark, kind, options.flatten_count) for kind in options.flatten),
        *(
            lambda kind=kind: measure_peer(benchmark, options.peer_python, kind, options.peer_count)
            for kind in peers
        ),
    ]


def main() -> int:
    """Measure what the command line asks for; exit code 1 when a measured command fails."""
    options = read_arguments()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zoo-dag-benchmark-", dir=options.folder) as folder:
        benchmark = Benchmark(shlex.split(options.command), Path(folder), options.repeat)
        try:
            for step in steps(benchmark, options):
                step()
        except (CommandFailedError, FileNotFoundError) as failure:
            print(f"not measured: {failure}", file=sys.stderr)
            return 1
    reached = goals(benchmark.found)
    print(f"\n{measurements(benchmark.found)}\n\n{markdown(reached)}")
    if options.json:
        content = {"machine": machine(), "figures": benchmark.found, "goals": [goal._asdict() for goal in reached]}
        options.json.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
