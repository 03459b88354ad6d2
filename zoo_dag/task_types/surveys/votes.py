"""Votes on surveys: whether a choice is there, by everybody who answered."""

import polars as pl

from zoo_dag.consensus.units import POOLED, Scope, offered
from zoo_dag.task_types.codebook import Naming
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.task_types.surveys.summary import POSTERIOR_COLUMNS
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
    several=pl.lit(value=True),
    task_columns=POSTERIOR_COLUMNS,
    fraction="fraction_of_all",
    option_label=pl.col("choice_label"),
    naming=Naming(
        columns=("choice_id", "choice_label"),
        names=(pl.col("choice_label"), _CHOICE),
        offered=lambda tasks: offered(tasks, POOLED, "choice").rename(
            {"option_id": "choice_id", "option_label": "choice_label"}
        ),
    ),
)
