"""Events of simulated cameras against their truth, other rules beside ours, and the speed: see README.md here.

    python benchmarks/events.py
    python benchmarks/events.py --seed 2

Prints the tables of docs/consensus.md, Events, in Markdown; the same seed gives the same figures.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import polars as pl

from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import POOLED
from zoo_dag.events.assigning import events_of
from zoo_dag.events.consensus import event_consensus
from zoo_dag.events.winners import named_choices
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.surveys import SURVEYS

CAMERAS, DAYS, VISITS = 40, 60, 19_266
# A visit has this many triggers besides the first; a trigger makes three pictures, a second apart.
MORE_TRIGGERS, PICTURES = 2.25, 3
SHORTEST, FURTHER = 4.0, 14.0
GAPS = (5, 30, 60, 120, 300, 1800)
FIRST_DAY = datetime(2019, 6, 1)

EVENTS, SPECIES = 4000, 12
SECOND, SECOND_SEEN, EMPTY, NOTHING_LATER = 0.1, 0.4, 0.35, 0.25
# Of each subject, how often a volunteer is mistaken: beta distributed, with a mean of .25.
MISTAKEN = (1.0, 3.0)
# Who is mistaken about an animal overlooks it or names any species; on an empty picture a tenth of them see one.
OVERLOOKED, IMAGINED = 0.5, 0.1
NOTHING = "Nothing here"
MILLIONS = 2_000_000
CREATED_AT = datetime(2020, 1, 1, tzinfo=UTC)


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


class Burst(NamedTuple):
    """Simulated subjects: the event of each, what is there (species, -1 for none), and how often people err."""

    event: np.ndarray
    first: np.ndarray
    second: np.ndarray
    mistaken: np.ndarray
    truth: frozenset[tuple[int, int]]


def bursts(random: np.random.Generator) -> Burst:
    """Events of one subject or more, a subject for each burst."""
    sizes = 1 + random.poisson(MORE_TRIGGERS, EVENTS)
    event = np.repeat(np.arange(EVENTS), sizes)
    is_first = np.diff(event, prepend=-1) > 0
    species = np.where(random.random(EVENTS) < EMPTY, -1, random.integers(0, SPECIES, EVENTS))
    other = (species + random.integers(1, SPECIES, EVENTS)) % SPECIES
    has_second = (random.random(EVENTS) < SECOND) & (species >= 0)
    first = np.where(~is_first & (random.random(len(event)) < NOTHING_LATER), -1, species[event])
    shown = has_second[event] & (random.random(len(event)) < SECOND_SEEN)
    second = np.where(shown, other[event], -1)
    there = {(int(of), int(what)) for of, what in zip(event, first, strict=True) if what >= 0}
    there |= {(int(of), int(what)) for of, what in zip(event, second, strict=True) if what >= 0}
    return Burst(event, first, second, random.beta(*MISTAKEN, len(event)), frozenset(there))


def votes(burst: Burst, volunteers: int, random: np.random.Generator) -> pl.DataFrame:
    """Who named what: `subject, volunteer, choice`; choice -1 is nothing."""
    subjects = len(burst.event)
    subject, volunteer = (grid.ravel() for grid in np.mgrid[0:subjects, 0:volunteers])
    parts = []
    for truth in (burst.first, burst.second):
        right = truth[subject]
        errs = random.random(len(subject)) < burst.mistaken[subject]
        sees_nothing = random.random(len(subject)) < np.where(right >= 0, OVERLOOKED, 1 - IMAGINED)
        wrong = np.where(sees_nothing, -1, random.integers(0, SPECIES, len(subject)))
        if truth is burst.second:
            errs &= right >= 0
            wrong = np.full(len(subject), -1)
        said = np.where(errs, wrong, right)
        parts.append(pl.DataFrame({"subject": subject, "volunteer": volunteer, "choice": said}))
    named = pl.concat(parts).unique()
    is_alone = (pl.col("choice") >= 0).any().over("subject", "volunteer").not_()
    return named.filter((pl.col("choice") >= 0) | is_alone).sort("subject", "volunteer", "choice")


def annotations(named: pl.DataFrame, volunteers: int) -> pl.LazyFrame:
    """The votes as `survey_annotations`."""
    dtypes = TABLES["survey_annotations"].dtypes
    choice = pl.when(pl.col("choice") >= 0).then(pl.format("S{}", "choice")).otherwise(pl.lit(NOTHING))
    columns = {
        "classification_id": pl.col("subject") * volunteers + pl.col("volunteer"),
        "subject_id": pl.col("subject"),
        "subject_ids": pl.col("subject").cast(pl.String),
        "user_key": pl.format("user:{}", "volunteer"),
        "workflow_id": pl.lit(1),
        "workflow_version": pl.lit("1.1"),
        "created_at": pl.lit(CREATED_AT),
        "annotation_index": pl.lit(0),
        "task": pl.lit("T0"),
        "task_type": pl.lit("survey"),
        "task_revision": pl.lit("T0@1.1"),
        "status": pl.lit("answered"),
        "choice_id": choice,
        "choice_label": choice,
        "answers": pl.lit([], dtypes["answers"]),
        "after_retirement": pl.lit(value=False),
    }
    nothing = pl.lit(None)
    return named.lazy().select(
        columns.get(name, nothing).cast(dtype).alias(name) for name, dtype in dtypes.items()
    )


def named_by(burst: Burst, volunteers: int, random: np.random.Generator) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """What is named on each subject, and the votes."""
    named = votes(burst, volunteers, random)
    rows = annotations(named, volunteers)
    seen = rows.group_by("workflow_id", "task", "task_revision", "subject_ids").agg(
        n_seen=pl.col("classification_id").n_unique().cast(pl.Int64)
    )
    tasks, settings = TABLES["tasks"].empty().lazy(), Settings()
    (consensus,) = SURVEYS.consensus_tables
    table = aggregate(consensus, {"survey_annotations": rows, SEEN: seen}, tasks, POOLED, settings).table
    questions = TABLES["pooled_question_consensus"].empty().lazy()
    return named_choices(table, questions, tasks, settings.surveys), named


def by_rules(burst: Burst, volunteers: int, random: np.random.Generator) -> dict[str, set[tuple[int, int]]]:
    """The species of each event by several rules."""
    settings = Settings()
    choices, named = named_by(burst, volunteers, random)
    n = len(burst.event)
    size = np.bincount(burst.event)[burst.event]
    moment = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, n)
    events = pl.DataFrame(
        {
            "subject_id": np.arange(n),
            "deployment": [f"E{number}" for number in burst.event],
            "event_id": [f"E{number}" for number in burst.event],
            "event_size": size,
            "event_start": moment,
            "event_end": moment,
        }
    )
    none = pl.Series([], dtype=pl.Int64)
    found = event_consensus(choices, events, none, settings.events, settings.agreement).collect()
    event_of = pl.Series(burst.event)
    won = choices.filter("won").select(subject=pl.col("subject_ids").cast(pl.Int64), choice="choice_id").collect()
    won = won.with_columns(event=event_of[won["subject"]])
    firsts = (
        pl.DataFrame({"event": event_of}).with_row_index("subject").group_by("event").agg(pl.col("subject").min())
    )
    any_vote = named.filter(pl.col("choice") >= 0)
    anything = any_vote.with_columns(event=event_of[any_vote["subject"]], choice=pl.format("S{}", "choice"))
    most = anything.join(won.select("event").unique(), on="event").group_by("event", "choice").agg(n=pl.len())
    most = most.filter(pl.col("n") == pl.col("n").max().over("event"))
    present = found.filter("present").select(
        event=pl.col("event_id").str.slice(1).cast(pl.Int64), choice="choice_id"
    )
    return {
        "any vote": _pairs(anything),
        "first subject only": _pairs(won.join(firsts.cast(pl.Int64), on=["event", "subject"])),
        "union of winners": _pairs(won),
        "winner of pooled votes": _pairs(most),
        "`present`": _pairs(present),
    }


def _pairs(rows: pl.DataFrame) -> set[tuple[int, int]]:
    return {(event, int(choice[1:])) for event, choice in rows.select("event", "choice").unique().iter_rows()}


def f1(found: set[tuple[int, int]], truth: frozenset[tuple[int, int]]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


def consensus(seed: int, numbers: Sequence[int] = (3, 5, 10, 20)) -> dict[str, dict[int, float]]:
    """F1 over (event, species) by rule and number of volunteers."""
    figures: dict[str, dict[int, float]] = {}
    for volunteers in numbers:
        random = np.random.default_rng(seed)
        burst = bursts(random)
        for rule, found in by_rules(burst, volunteers, random).items():
            figures.setdefault(rule, {})[volunteers] = f1(found, burst.truth)
    return figures


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


def _table(head: Sequence[object], rows: Mapping[str, Sequence[str]]) -> Iterator[str]:
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
    print("\n".join(_table(("clock", *(f"{gap} s" for gap in GAPS)), shown)), "\n")
    figures = consensus(seed)
    rules = {rule: [f"{value:.3f}" for value in of.values()] for rule, of in figures.items()}
    print("\n".join(_table(("rule", *(f"n={n}" for n in next(iter(figures.values())))), rules)), "\n")
    print(f"{MILLIONS:,} pictures into events: {cpu_seconds(seed, MILLIONS):.2f} CPU s")


if __name__ == "__main__":
    main()
