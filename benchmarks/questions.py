"""Measure the statistics of many votes on questions: see README.md in this folder.

Every figure is measured in the run that prints it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import median

import numpy as np
import orjson
import polars as pl
from generate import generate, workflows_path
from kinds import Question
from measure import KIB, CommandFailedError, measure
from people import CLASSIFICATIONS_PER_SUBJECT, FIRST_MOMENT, SHARE_NEW, SUBJECTS_IN_QUEUE, Subject, start_session
from reporting import say
from stages import KEYS, version_tasks

from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.settings.loading import Settings
from zoo_dag.tables.parsed import CLASSIFICATIONS
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.flatten_all import flatten
from zoo_dag.task_types.questions import QUESTIONS

MILLION = 1_000_000
REPETITIONS = 3
VOLUNTEERS = 12_000
ANIMALS = 4
# Annotations that are drawn from, of subjects with the same truth.
ANNOTATIONS = 250
FLATTENED = "question_annotations"
VOTES, TASKS, CONSENSUS = "votes.parquet", "tasks.parquet", "consensus.parquet"
MIB = 2**20


def annotations() -> list[str]:
    """What volunteers with and without skill say: first of all subjects with the first animal, then the next."""
    random, asked = Random(7), Question()  # noqa: S311 - invents data, keeps no secret
    cells = []
    for animal in range(ANIMALS):
        for _ in range(ANNOTATIONS):
            subject = Subject(animal, animal, "")
            answers = asked.elements(subject, start_session(random, SHARE_NEW), len(KEYS) - 1, random)
            cells.append(f"[{','.join(answers)}]")
    return cells


def classifications(count: int, cells: list[str]) -> pl.LazyFrame:
    """The columns of parsed classifications that flattening takes; subjects are shown in queues, all again."""
    random = np.random.default_rng(7)
    index = np.arange(count)
    in_queue = SUBJECTS_IN_QUEUE * CLASSIFICATIONS_PER_SUBJECT
    subject = index // in_queue * SUBJECTS_IN_QUEUE + index % SUBJECTS_IN_QUEUE
    numbers = {
        "classification_id": index + 500_000_000,
        "subject_id": subject + 90_000_000,
        "volunteer": random.integers(0, VOLUNTEERS, count, dtype=np.int32),
        "cell": (subject % ANIMALS * ANNOTATIONS + random.integers(0, ANNOTATIONS, count)).astype(np.uint32),
    }
    first = datetime.fromtimestamp(FIRST_MOMENT, UTC)
    seconds = (pl.col("classification_id") - 500_000_000) * 4
    # The texts are made as they are read, so that they need not all be in memory.
    return pl.LazyFrame(numbers).select(
        "classification_id",
        "subject_id",
        subject_ids=pl.col("subject_id").cast(pl.String),
        user_key=pl.format("user:{}", "volunteer"),
        workflow_id=pl.lit(KEYS[-1].workflow_id, pl.Int64),
        workflow_version=pl.lit(KEYS[-1].version),
        created_at=pl.lit(first).dt.cast_time_unit("us") + pl.duration(seconds=seconds),
        excluded=pl.lit(None, pl.String),
        after_retirement=pl.lit(False),
        subject_dimensions=pl.lit(None, CLASSIFICATIONS.dtypes["subject_dimensions"]),
        annotations=pl.lit(pl.Series(cells)).gather("cell"),
    )


def answered(cells: list[str]) -> float:
    """Votes in a classification, on average: ticked answers."""
    values = [element["value"] for cell in cells for element in orjson.loads(cell)]
    return sum(len(value) if isinstance(value, list) else value is not None for value in values) / len(cells)


def write_votes(votes: int, folder: Path) -> int:
    """Write the flattened table and the definitions; returns how many votes there are."""
    cells = annotations()
    export = folder / "one.csv"
    generate(1, export)
    tasks = version_tasks(workflows_path(export))[KEYS[-1]].lazy()
    tasks.sink_parquet(folder / TASKS)
    with tempfile.TemporaryDirectory(dir=folder) as staging:
        count = round(votes / answered(cells))
        flattened = flatten(classifications(count, cells), tasks, Path(staging)).tables[FLATTENED]
        flattened.sink_parquet(folder / VOTES)
    return pl.scan_parquet(folder / VOTES).filter(status="answered").select(pl.len()).collect().item()


def measure_here(folder: Path) -> None:
    """Make the consensus in this process, and print what it cost, as JSON."""
    before = getrusage(RUSAGE_SELF).ru_maxrss * KIB
    started = time.process_time()
    votes, tasks = (pl.scan_parquet(folder / name) for name in (VOTES, TASKS))
    seen = votes.group_by("subject_ids").agg(n_seen=pl.col("classification_id").n_unique().cast(pl.Int64))
    aggregation = Aggregation.prepare(
        QUESTIONS.consensus, {FLATTENED: votes, SEEN: seen}, tasks, VERSION, Settings()
    )
    with tempfile.TemporaryDirectory(dir=folder) as staging:
        aggregated = aggregation.by_ranges(subject_ranges([votes]), Path(staging) / "ranges")
        aggregated.table.sink_parquet(folder / CONSENSUS)
    seconds = time.process_time() - started
    print(orjson.dumps({"cpu_seconds": seconds, "bytes_before": before}).decode())


def measured(folder: Path, repetitions: int) -> Iterator[tuple[float, int, int]]:
    """CPU seconds, peak memory and memory before, each time in a new process."""
    for _ in range(repetitions):
        cost = measure([sys.executable, __file__, "--measure", str(folder)])
        figures = orjson.loads(cost.output)
        yield figures["cpu_seconds"], cost.peak_bytes, figures["bytes_before"]


def report(votes: int, repetitions: int, folder: Path) -> None:
    """Write the votes, and print what their statistics cost."""
    found = write_votes(votes, folder)
    size = (folder / VOTES).stat().st_size
    print(f"\n{found:,} votes, {size / 1e6:,.0f} MB of Parquet")
    seconds, peaks, before = zip(*measured(folder, repetitions), strict=True)
    rows = pl.scan_parquet(folder / CONSENSUS).select(pl.len()).collect().item()
    say("rows of question_consensus", f"{rows:,}")
    say("question_consensus", f"{median(seconds):.2f} CPU s", f"{min(seconds):.2f} to {max(seconds):.2f}")
    say("per million votes", f"{median(seconds) * MILLION / found:.2f} CPU s")
    say(
        "peak memory of the process",
        f"{max(peaks) / MIB:,.0f} MiB",
        f"{max(before) / MIB:,.0f} MiB before it began",
    )


def main() -> int:
    """Command line; exit code 1 when a measured process fails."""
    parser = argparse.ArgumentParser(description="Measure the statistics of votes on questions.")
    parser.add_argument("--votes", type=float, default=1.0, help="millions of votes (default: %(default)g)")
    parser.add_argument("--repeat", type=int, default=REPETITIONS, help="repetitions (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to put the tables")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure_here(options.measure)
        return 0
    with tempfile.TemporaryDirectory(prefix="zoo-dag-benchmark-", dir=options.folder) as folder:
        try:
            report(round(options.votes * MILLION), options.repeat, Path(folder))
        except CommandFailedError as failure:
            print(f"not measured: {failure}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
