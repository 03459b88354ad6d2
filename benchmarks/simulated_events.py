"""The consensus of simulated events against their truth, other rules beside ours: see README.md here.

    python benchmarks/simulated_events.py
    python benchmarks/simulated_events.py --seed 2

Prints the other tables of docs/consensus.md, Events, in Markdown; the same seed gives the same figures.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import polars as pl
from events import MORE_TRIGGERS, markdown

from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import POOLED
from zoo_dag.events.consensus import event_consensus
from zoo_dag.events.winners import named_choices
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.surveys import SURVEYS

EVENTS, SPECIES = 4000, 12
SECOND, SECOND_SEEN, EMPTY, NOTHING_LATER = 0.1, 0.4, 0.35, 0.25
NOTHING = "Nothing here"
CREATED_AT = datetime(2020, 1, 1, tzinfo=UTC)
NUMBERS = (3, 5, 10, 20)


class Mistakes(NamedTuple):
    """How volunteers err. Of each subject they are mistaken with a probability of its own, .25 on average.

    It is beta distributed: `even` is its first parameter, three times of it the second. Who is mistaken about an
    animal overlooks it in a share of `overlooked`, and on an empty subject imagines one in a share of `imagined`.
    Of the animals that they name by mistake a share of `alike` is the one of 12 that the subject looks like, the
    same for all volunteers; the others are any of 12.
    """

    even: float
    overlooked: float
    imagined: float
    alike: float


# How they err decides how far apart the rules are. The first is that of 90 ways, drawn at random, by which the
# other rules come nearest to the table that the goals are from; what `present` has was not looked at for it.
MISTAKES = {
    "most of a subject name the same": Mistakes(4, 0.5, 0.2, 0.6),
    "some subjects are hard, mistakes differ": Mistakes(1, 0.5, 0.1, 0),
    "half of the mistakes on empty subjects are animals": Mistakes(1, 0.5, 0.5, 0),
    "every mistake is an animal": Mistakes(1, 0, 1, 0),
}


class Burst(NamedTuple):
    """Simulated subjects: the event of each, what is there (species, -1 for none), and how often people err."""

    event: np.ndarray
    first: np.ndarray
    second: np.ndarray
    mistaken: np.ndarray
    truth: frozenset[tuple[int, int]]


def bursts(mistakes: Mistakes, random: np.random.Generator) -> Burst:
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
    return Burst(event, first, second, random.beta(mistakes.even, 3 * mistakes.even, len(event)), frozenset(there))


def votes(burst: Burst, volunteers: int, mistakes: Mistakes, random: np.random.Generator) -> pl.DataFrame:
    """Who named what: `subject, volunteer, choice`; choice -1 is nothing."""
    subjects = len(burst.event)
    subject, volunteer = (grid.ravel() for grid in np.mgrid[0:subjects, 0:volunteers])
    looks_like = random.integers(0, SPECIES, subjects)
    parts = []
    for truth in (burst.first, burst.second):
        right = truth[subject]
        errs = random.random(len(subject)) < burst.mistaken[subject]
        sees_nothing = random.random(len(subject)) < np.where(
            right >= 0, mistakes.overlooked, 1 - mistakes.imagined
        )
        is_alike = random.random(len(subject)) < mistakes.alike
        animal = np.where(is_alike, looks_like[subject], random.integers(0, SPECIES, len(subject)))
        wrong = np.where(sees_nothing, -1, animal)
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


def named_by(
    burst: Burst, volunteers: int, mistakes: Mistakes, random: np.random.Generator
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """What is named on each subject, and the votes."""
    named = votes(burst, volunteers, mistakes, random)
    rows = annotations(named, volunteers)
    seen = rows.group_by("workflow_id", "task", "task_revision", "subject_ids").agg(
        n_seen=pl.col("classification_id").n_unique().cast(pl.Int64)
    )
    tasks, settings = TABLES["tasks"].empty().lazy(), Settings()
    (consensus,) = SURVEYS.consensus_tables
    table = aggregate(consensus, {"survey_annotations": rows, SEEN: seen}, tasks, POOLED, settings).table
    questions = TABLES["pooled_question_consensus"].empty().lazy()
    return named_choices(table, questions, tasks, settings.surveys), named


def by_rules(
    burst: Burst, volunteers: int, mistakes: Mistakes, random: np.random.Generator
) -> dict[str, set[tuple[int, int]]]:
    """The species of each event by several rules."""
    settings = Settings()
    choices, named = named_by(burst, volunteers, mistakes, random)
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


def consensus(seed: int, mistakes: Mistakes, numbers: Sequence[int] = NUMBERS) -> dict[str, dict[int, float]]:
    """F1 over (event, species) by rule and number of volunteers."""
    figures: dict[str, dict[int, float]] = {}
    for volunteers in numbers:
        random = np.random.default_rng(seed)
        burst = bursts(mistakes, random)
        for rule, found in by_rules(burst, volunteers, mistakes, random).items():
            figures.setdefault(rule, {})[volunteers] = f1(found, burst.truth)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    figures = {name: consensus(seed, mistakes) for name, mistakes in MISTAKES.items()}
    first, *_ = figures.values()
    rules = {rule: [f"{value:.3f}" for value in of.values()] for rule, of in first.items()}
    print("\n".join(markdown(("rule", *(f"n={n}" for n in NUMBERS)), rules)), "\n")
    shown = ("union of winners", "`present`")
    ways = {
        name: [" / ".join(f"{of[rule][n]:.3f}" for rule in shown) for n in NUMBERS] for name, of in figures.items()
    }
    print("\n".join(markdown(("mistakes", *(f"n={n}" for n in NUMBERS)), ways)))


if __name__ == "__main__":
    main()
