"""Votes on surveys: whether a choice is there, by everybody who answered."""

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.volunteers.ballots import YES, yes_or_no

_CHOICE = pl.col("choice_id")


def ballots(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Who named which choice, from `survey_annotations`; a blank survey is a no to each."""
    rows = annotations["survey_annotations"]
    named = pl.col("status") == "answered"
    return yes_or_no(rows.filter(named | (pl.col("status") == "blank")), scope.unit, _CHOICE, named=named)


POSTERIORS = Posteriors(
    table="survey_posteriors",
    ballots=ballots,
    option=_CHOICE,
    label=pl.lit(YES),
    fraction="fraction_of_all",
    option_label=pl.col("choice_label"),
)
