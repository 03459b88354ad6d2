"""Votes on questions: one answer, or a yes or no to each of several."""

import polars as pl

from zoo_dag.consensus.units import POOLED, Scope, offered
from zoo_dag.task_types.codebook import Naming
from zoo_dag.task_types.declaration import Annotations, Posteriors
from zoo_dag.task_types.questions.consensus import SEVERAL, with_shortcuts
from zoo_dag.task_types.questions.summary import POSTERIOR_COLUMNS
from zoo_dag.volunteers.ballots import YES, one_of_several, yes_or_no

# What tells answers apart: a label, or the position of one without.
_ANSWER = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
_SEVERAL = pl.col("several")


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
    option=pl.when(_SEVERAL).then(_ANSWER),
    label=pl.when(_SEVERAL).then(pl.lit(YES)).otherwise(_ANSWER),
    option_label=pl.when(_SEVERAL).then(_ANSWER),
    several=pl.col("answer_set_votes").is_not_null(),
    task_columns=POSTERIOR_COLUMNS,
    naming=Naming(
        columns=("answer_index", "answer"),
        names=(_ANSWER, pl.col("answer_index")),
        offered=lambda tasks: offered(tasks, POOLED, "answer").rename(
            {"option_index": "answer_index", "option_label": "answer"}
        ),
    ),
)
