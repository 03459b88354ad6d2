"""Votes on questions: one answer, or a yes or no to each of several."""

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.task_types.questions.consensus import SEVERAL, with_shortcuts
from zoo_dag.volunteers.ballots import YES, one_of_several, yes_or_no

# What tells answers apart: a label, or the position of one without.
_ANSWER = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
_ALLOWS_SEVERAL = pl.col("answer_set_votes").is_not_null()


def ballots(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Who gave which answer, from `question_annotations` and all other flattened tables.

    An empty answer is a no to each where several are allowed, and no vote elsewhere.
    """
    rows = with_shortcuts(annotations, tasks).with_columns(pl.col("gold").fill_null(False))
    several, answered = pl.col("task_type").is_in(SEVERAL), pl.col("status") == "answered"
    readable = answered | (pl.col("status") == "blank")
    one = one_of_several(rows.filter(~several & answered), scope.unit, pl.lit(None), _ANSWER)
    each = yes_or_no(rows.filter(several & readable), scope.unit, _ANSWER, named=answered)
    columns = one.collect_schema().names()
    return pl.concat([one, each.select(columns)])


POSTERIORS = Posteriors(
    table="question_posteriors",
    ballots=ballots,
    option=pl.when(_ALLOWS_SEVERAL).then(_ANSWER),
    label=pl.when(_ALLOWS_SEVERAL).then(pl.lit(YES)).otherwise(_ANSWER),
    option_label=pl.when(_ALLOWS_SEVERAL).then(_ANSWER),
)
