"""The consensus of events, from that of their subjects.

The union of the winners of all subjects keeps the mistake of each of them, and pooling the votes loses a second
species that is on few pictures. So a choice is present if it won a subject, and has the most votes of those that
did or is certain enough on one subject (docs/consensus.md, Events, has the comparison).
"""

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.events import Events
from zoo_dag.settings.results import Agreement
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order

_TASK = [*POOLED.task]
_EVENT = [*_TASK, "event_id"]
_CHOICE = [*_EVENT, "choice_id"]
_UNIT = POOLED.unit


def event_consensus(
    named: pl.LazyFrame, events: pl.DataFrame, retired: pl.Series, settings: Events, agreement: Agreement
) -> pl.LazyFrame:
    """Aggregate subjects to `event_consensus`, with the columns of `zoo_dag.tables`.

    Takes what `winners.named_choices` returns, the events of all subjects of the workflow (`assigning.events_of`),
    and the ids of the retired ones. Subjects that were shown together count where they are all of one event.
    """
    rows = named.collect()
    rows = rows.join(units_in_events(rows["subject_ids"], events), on="subject_ids", how="inner")
    of_event = _measured(rows, events, retired, agreement)
    found = _choices(rows, settings)
    both = of_event.join(found, on=_EVENT, how="left", nulls_equal=True)
    without = {"n_subjects_won": 0, "votes": 0, "present": False}
    both = both.with_columns(pl.col(name).fill_null(value) for name, value in without.items())
    both = both.with_columns(share=pl.when(pl.col("n_asked") > 0).then(pl.col("votes") / pl.col("n_asked")))
    order = [*_TASK, "deployment", "event_start", "event_id", "rank"]
    return TABLES["event_consensus"].conform(both.sort(order, nulls_last=True).lazy())


def units_in_events(subject_ids: pl.Series, events: pl.DataFrame) -> pl.DataFrame:
    """`subject_ids, event_id` of the units whose subjects are all of one event."""
    units = _members_of(subject_ids.unique().to_frame("subject_ids"))
    known = units.join(events.select("subject_id", "event_id"), on="subject_id", how="left")
    event = pl.col("event_id")
    together = known.group_by("subject_ids").agg(event.first(), n=event.n_unique())
    return together.filter(pl.col("n") == 1, event.is_not_null()).drop("n")


def _members_of(units: pl.DataFrame) -> pl.DataFrame:
    """A row with `subject_id` for each subject of the `subject_ids` of units."""
    ids = pl.col("subject_ids").str.split(";").cast(pl.List(pl.Int64))
    return units.with_columns(subject_id=ids).explode("subject_id")


def _measured(rows: pl.DataFrame, events: pl.DataFrame, retired: pl.Series, agreement: Agreement) -> pl.DataFrame:
    """What is measured of each event and task, whatever was chosen."""
    units = rows.group_by(_UNIT).agg(
        pl.col("event_id", "task_label", "n_classifications", "versions", "is_blank").first(),
        has_winner=pl.col("won").any(),
    )
    asked = pl.when(~pl.col("is_blank")).then("n_classifications")
    of_task = units.group_by(_EVENT).agg(
        pl.col("task_label").max(),
        has_winner=pl.col("has_winner").any(),
        n_asked=asked.sum(),
        versions=pl.col("versions").explode(empty_as_null=False).unique(),
    )
    size = events.group_by("event_id").agg(
        pl.col("deployment", "event_start", "event_end").first(),
        n_subjects=pl.col("event_size").first(),
        n_retired=pl.col("subject_id").is_in(retired.implode()).sum().cast(pl.Int64),
    )
    versions = pl.col("versions").list.eval(pl.element().sort_by(version_order(pl.element())))
    numbers = _subject_numbers(units, retired, agreement)
    of_task = of_task.join(numbers, on=_EVENT, how="left", nulls_equal=True)
    return of_task.join(size, on="event_id", how="left").with_columns(
        versions,
        complete=pl.col("n_enough") + pl.col("n_retired") >= pl.col("n_subjects"),
        is_blank=pl.when("has_winner").then(False).when(pl.col("n_blank_subjects") > 0).then(True),
    )


def _subject_numbers(units: pl.DataFrame, retired: pl.Series, agreement: Agreement) -> pl.DataFrame:
    """How many subjects were asked, are blank, and have enough classifications and are not retired.

    A subject that was shown alone and together with others is one subject, and blank where nothing of it is not.
    """
    has_enough = pl.col("n_classifications") >= agreement.min_classifications
    subjects = (
        _members_of(units.select(*_UNIT, "event_id", "is_blank", has_enough=has_enough))
        .group_by(*_EVENT, "subject_id")
        .agg(pl.col("is_blank").min(), pl.col("has_enough").any())
    )
    is_retired = pl.col("subject_id").is_in(retired.implode())
    return subjects.group_by(_EVENT).agg(
        n_classified=pl.len().cast(pl.Int64),
        n_blank_subjects=pl.col("is_blank").sum().cast(pl.Int64),
        n_enough=(pl.col("has_enough") & ~is_retired).sum().cast(pl.Int64),
    )


def _choices(rows: pl.DataFrame, settings: Events) -> pl.DataFrame:
    """The choices of each event that won a subject, with their votes, their rank, and whether they are present."""
    won = pl.col("won")
    named = rows.filter(pl.col("choice_id").is_not_null(), ~pl.col("is_blank"))
    in_order = (
        pl.col("count")
        .filter(won & pl.col("count").is_not_null())
        .sort_by(pl.col("bin").filter(won & pl.col("count").is_not_null()), nulls_last=True)
    )
    choices = named.group_by(_CHOICE).agg(
        pl.col("choice_label").max(),
        pl.col("place").min(),
        votes=pl.col("votes").sum(),
        best_fraction=pl.col("fraction").filter(won).max(),
        best_low=pl.col("low").filter(won).max(),
        count_min=in_order.first(),
        count_median=in_order.get(in_order.len() // 2, null_on_oob=True),
        count_max=in_order.last(),
    )
    ranked = choices.sort([*_EVENT, pl.col("votes").neg(), "place", "choice_id"], nulls_last=True)
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(_EVENT))
    subjects_won = pl.col("subject_id").n_unique().cast(pl.Int64)
    n_won = (
        _members_of(named.filter(won).select(*_CHOICE, "subject_ids"))
        .group_by(_CHOICE)
        .agg(n_subjects_won=subjects_won)
    )
    winners = ranked.join(n_won, on=_CHOICE, how="inner", nulls_equal=True)
    # What has the most votes may have won no subject; of those that did, one is there.
    is_first = pl.col("rank") == pl.col("rank").min().over(_EVENT)
    is_certain = pl.col("best_low") >= settings.min_fraction_low
    return winners.with_columns(present=is_first | is_certain).drop("place")
