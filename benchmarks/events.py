"""Events of simulated cameras against their truth, by clock and gap, and the speed: see README.md here.

    python benchmarks/events.py
    python benchmarks/events.py --seed 2

Prints the first table of docs/consensus.md, Events, in Markdown; the same seed gives the same figures.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from zoo_dag.events.assigning import events_of

CAMERAS, DAYS, VISITS = 40, 60, 19_266
# A visit has this many triggers besides the first; a trigger makes three pictures, a second apart.
MORE_TRIGGERS, PICTURES = 2.25, 3
SHORTEST, FURTHER = 4.0, 14.0
GAPS = (5, 30, 60, 120, 300, 1800)
FIRST_DAY = datetime(2019, 6, 1)

MILLIONS = 2_000_000


class Visits(NamedTuple):
    """Simulated pictures, as `events_of` takes them, and the visit of each."""

    pictures: pl.DataFrame
    visit: np.ndarray


def visits(random: np.random.Generator) -> Visits:
    """Visits at any time of the day and night; the clock of the cameras has seconds."""
    starts = random.uniform(0, DAYS * 86_400, VISITS)
    cameras = random.integers(0, CAMERAS, VISITS)
    triggers = 1 + random.poisson(MORE_TRIGGERS, VISITS)
    visit = np.repeat(np.arange(VISITS), triggers)
    steps = SHORTEST + random.exponential(FURTHER, len(visit))
    first = np.cumsum(triggers) - triggers
    steps[first] = 0
    walked = np.cumsum(steps)
    begins = np.repeat(starts, triggers) + walked - np.repeat(walked[first], triggers)
    seconds = np.floor(np.repeat(begins, PICTURES) + np.tile(np.arange(PICTURES), len(visit)))
    visit = np.repeat(visit, PICTURES)
    camera = cameras[visit]
    order = np.lexsort((seconds, camera))
    frame = pl.DataFrame({"seconds": seconds[order], "camera": camera[order]}).with_row_index("subject_id")
    pictures = frame.select(
        pl.col("subject_id").cast(pl.Int64),
        deployment=pl.format("C{}", "camera"),
        taken_at=pl.lit(FIRST_DAY).dt.cast_time_unit("us") + pl.duration(seconds="seconds"),
        sequence=pl.lit(None, pl.String),
        file_name=pl.format("IMG_{}.JPG", "subject_id"),
    )
    return Visits(pictures, visit[order])


class Found(NamedTuple):
    """The share of visits that are events exactly, and F1 over the pairs of pictures of one event."""

    exact: float
    pairwise: float


def compared(simulated: Visits, events: pl.DataFrame) -> Found:
    rows = events.select("subject_id", "event_id", visit=pl.Series(simulated.visit)[events["subject_id"]])
    both = rows.group_by("event_id", "visit").agg(n=pl.len())
    of_event, of_visit = (
        both.group_by(name).agg(n=pl.col("n").sum(), parts=pl.len()) for name in ("event_id", "visit")
    )
    whole = both.join(of_event.filter(pl.col("parts") == 1), on="event_id", how="semi").join(
        of_visit.filter(pl.col("parts") == 1), on="visit", how="semi"
    )
    pairs = [float((frame["n"].cast(pl.Float64) * (frame["n"] - 1)).sum()) for frame in (both, of_event, of_visit)]
    return Found(whole.height / of_visit.height, 2 * pairs[0] / (pairs[1] + pairs[2]))


def clocks(simulated: Visits, random: np.random.Generator) -> dict[str, Visits]:
    """The same visits by clocks that show seconds, minutes, or are not steady."""
    taken_at = pl.col("taken_at")
    jitter = pl.Series(random.integers(-5, 6, len(simulated.visit)))
    of = simulated.pictures.with_columns
    return {
        "seconds": simulated,
        "minutes only": simulated._replace(pictures=of(taken_at.dt.truncate("1m"))),
        "jitter of 5 s": simulated._replace(pictures=of(taken_at + pl.duration(seconds=jitter))),
    }


def assignment(seed: int) -> dict[str, dict[int, Found]]:
    """How well events are found, by clock and gap; and at 60 s with 5 % of the times missing, and without
    order."""
    random = np.random.default_rng(seed)
    simulated = visits(random)
    found = {}
    for clock, seen in clocks(simulated, random).items():
        found[clock] = {gap: compared(seen, events_of(seen.pictures, gap)) for gap in GAPS}
    lost = pl.Series(random.random(len(simulated.visit)) < 0.05)
    without = simulated.pictures.with_columns(taken_at=pl.when(~lost).then("taken_at"))
    found["5 % without a time"] = {60: compared(simulated, events_of(without, 60))}
    no_files = without.with_columns(file_name=pl.lit(None, pl.String))
    found["the same, without file names"] = {60: compared(simulated, events_of(no_files, 60))}
    return found


def cpu_seconds(seed: int, count: int) -> float:
    """What it costs to make events of so many pictures, ten in each, in any order."""
    random = np.random.default_rng(seed)
    tens = count // 10
    seconds = np.repeat(random.integers(0, 900 * 86_400, tens), 10) + np.tile(np.arange(10) * 7, tens)
    pictures = pl.DataFrame(
        {
            "subject_id": np.arange(count),
            "camera": np.repeat(random.integers(0, 200, tens), 10),
            "seconds": seconds,
        }
    ).select(
        "subject_id",
        deployment=pl.format("site/C{}", "camera"),
        taken_at=pl.lit(FIRST_DAY).dt.cast_time_unit("us") + pl.duration(seconds="seconds"),
        sequence=pl.lit(None, pl.String),
        file_name=pl.format("IMG_{}.JPG", "subject_id"),
    )
    shuffled = pictures.sample(fraction=1, shuffle=True, seed=seed)
    before = time.process_time()
    events_of(shuffled, 60)
    return time.process_time() - before


def markdown(head: Sequence[object], rows: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown, whose rows have names."""
    yield f"| {' | '.join(map(str, head))} |"
    yield "|---" * len(head) + "|"
    yield from (f"| {' | '.join((name, *cells))} |" for name, cells in rows.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    found = assignment(seed)
    shown = {
        clock: [f"{of[gap].exact:.3f} ({of[gap].pairwise:.3f})" if gap in of else "" for gap in GAPS]
        for clock, of in found.items()
    }
    print("\n".join(markdown(("clock", *(f"{gap} s" for gap in GAPS)), shown)), "\n")
    print(f"{MILLIONS:,} pictures into events: {cpu_seconds(seed, MILLIONS):.2f} CPU s")


if __name__ == "__main__":
    main()
