"""Measure the flattening of annotations against merely parsing them: see README.md in this folder.

Every figure is measured in the run that prints it; ratios are of figures of one run.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import polars as pl
from generate import KINDS, generate
from measure import CommandFailedError
from peer import Peer
from reading import json_seconds
from reporting import say, verdict
from stages import ParsedVersion, parsed_versions

from zoo_dag.task_types.flatten_all import flatten
from zoo_dag.task_types.flattened_rows import QUARANTINE

# Each of the three versions fills one batch.
COUNT = 60_000
REPETITIONS = 5
PEER_REPETITIONS = 3
MEASURED = ("question", "survey", "drawing", "mixed")
PER = 100_000
GOAL_JSON_RATIO = 4.0
GOAL_PEER_RATIO = 50.0


def flatten_seconds(versions: list[ParsedVersion], folder: Path) -> float:
    """CPU seconds of flattening all versions, every table written to the staging folder."""
    seconds = 0.0
    for version in versions:
        staging = Path(tempfile.mkdtemp(dir=folder))
        started = time.process_time()
        tables = flatten(version.classifications, version.tasks, staging).tables
        seconds += time.process_time() - started
        rejected = tables[QUARANTINE].select(pl.len()).collect().item()
        shutil.rmtree(staging)
        if rejected:
            sys.exit(f"{rejected} elements of the generated export were not flattened; nothing to compare")
    return seconds


class Flattening(NamedTuple):
    """CPU seconds of flattening an export, of parsing its cells, and their ratios, one for each repetition."""

    flatten: float
    parse: float
    ratios: list[float]
    different: int

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)


def measure_flattening(export: Path, workflows: Path, folder: Path, repeat: int) -> Flattening:
    """Flatten the same classifications several times, and parse them as often."""
    versions = parsed_versions(export, workflows, folder)
    cells = pl.concat([version.classifications.select("annotations") for version in versions]).collect()
    cells = cells["annotations"]
    # The first call pays for what is done once.
    flatten_seconds(versions, folder)
    pairs = [(flatten_seconds(versions, folder), json_seconds(cells)) for _ in range(repeat)]
    ours, parse = (median(seconds) for seconds in zip(*pairs, strict=True))
    return Flattening(ours, parse, [one / other for one, other in pairs], cells.n_unique())


def compare(kind: str, options: argparse.Namespace, folder: Path) -> None:
    """Print what flattening costs, and merely parsing; with a peer also what its extraction costs."""
    export = folder / f"{kind}.csv"
    workflows = generate(options.count, export, kind)
    found = measure_flattening(export, workflows, folder, options.repeat)
    print(f"\n{kind}: {options.count:,} classifications, {found.different:,} different annotations")
    say_cost("flatten", found.flatten, options.count)
    say_cost("orjson.loads", found.parse, options.count)
    spread = f"{min(found.ratios):.2f} to {max(found.ratios):.2f}; "
    say("flatten : orjson.loads", f"{found.ratio:.2f}", spread + verdict(found.ratio, GOAL_JSON_RATIO))
    if options.peer_python:
        peer = Peer(options.peer_python, folder / "peer")
        peer.config(workflows)
        extract = median(peer.extract(export).cpu_seconds for _ in range(options.peer_repeat))
        say_cost("panoptes_aggregation extract", extract, options.count)
        ratio = extract / found.flatten
        goal = verdict(ratio, GOAL_PEER_RATIO, at_least=True)
        say("panoptes_aggregation extract : flatten", f"{ratio:.1f}", goal)


def say_cost(label: str, seconds: float, count: int) -> None:
    """Print CPU seconds of `count` classifications as those of 100,000."""
    say(f"{label}, per {PER:,}", f"{seconds * PER / count:.2f} CPU s")


def main() -> int:
    """Command line; exit code 1 when the peer fails."""
    parser = argparse.ArgumentParser(description="Measure the flattening of annotations.")
    parser.add_argument("--count", type=int, default=COUNT, help="classifications (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=REPETITIONS, help="repetitions (default: %(default)s)")
    parser.add_argument("--kind", choices=KINDS, nargs="+", default=MEASURED, help="default: all but point")
    parser.add_argument("--peer-python", type=Path, metavar="PATH", help="python with panoptes_aggregation")
    parser.add_argument("--peer-repeat", type=int, default=PEER_REPETITIONS, help="the same for the peer")
    parser.add_argument("--folder", type=Path, help="where to put the exports")
    options = parser.parse_args()
    for kind in options.kind:
        with tempfile.TemporaryDirectory(prefix="zoo-dag-benchmark-", dir=options.folder) as folder:
            try:
                compare(kind, options, Path(folder))
            except (CommandFailedError, FileNotFoundError) as failure:
                print(f"not measured: {failure}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
