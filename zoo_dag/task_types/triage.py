"""Which subjects need an expert or more votes: those on which a wrong answer is to be expected."""

from collections.abc import Iterable

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.volunteers.cast import NOTHING, TOGETHER

MORE_VOTES, EXPERT = "more votes", "an expert"
_TASK = list(POOLED.task)
_SUBJECT = [*_TASK, "task_label", "subject_id", "subject_ids"]
TRIAGE = {
    "select_label": pl.String(),
    "answer": pl.String(),
    "posterior": pl.Float64(),
    "expected_loss": pl.Float64(),
    "n_votes": pl.Int64(),
    "differs_from_plurality": pl.Boolean(),
    "needs": pl.String(),
}
# What names an answer, by the columns that tables of posteriors have.
_NAMES = ("free_text", "option_label", "option_value", "answer", "answer_index", "choice_label", "choice_id")
_SELECT = {"select_index": pl.Int32(), "select_label": pl.String()}


def triage(posteriors: Iterable[pl.LazyFrame], votes: pl.LazyFrame) -> pl.LazyFrame:
    """Subjects by the loss that is to be expected if the winning answer is taken, the largest first.

    Takes tables of posteriors, and `votes`, which say where several answers may be given. The loss of a wrong
    answer is 1; where several may be given it is 1 for each that is wrongly taken or left. So the expected loss is
    1 - posterior of the winner, or the sum of the posteriors against what is taken (J. O. Berger 1985, Statistical
    Decision Theory and Bayesian Analysis, section 4.4). Posteriors are calibrated where there is enough gold. What
    an expert said is left out. Returns the columns of the subject and TRIAGE: a subject with fewer votes than half
    of the subjects of the task have `needs` more, another one an expert.
    """
    several = votes.filter("of_several").select(*_TASK, several=pl.lit(True)).unique()
    losses = pl.concat([_losses(rows, several) for rows in posteriors])
    question = [*_TASK, "select_index"]
    few = pl.col("n_votes") < pl.col("n_votes").median().over(question)
    needs = pl.when(few).then(pl.lit(MORE_VOTES)).otherwise(pl.lit(EXPERT))
    rows = losses.with_columns(needs=needs).filter(pl.col("expected_loss") > 0)
    rows = rows.sort("expected_loss", *question, "subject_ids", descending=[True, *[False] * 6])
    return rows.select(*_SUBJECT, *(pl.col(name).cast(dtype) for name, dtype in TRIAGE.items()))


def _losses(rows: pl.LazyFrame, several: pl.LazyFrame) -> pl.LazyFrame:
    columns = rows.collect_schema().names()
    names = [pl.col(name).cast(pl.String) for name in _NAMES if name in columns]
    fraction = "fraction" if "fraction" in columns else "fraction_of_all"
    known = (
        rows.filter(~pl.col("is_gold"))
        .join(several, on=_TASK, how="left", nulls_equal=True)
        .with_columns(
            *(pl.lit(None, dtype).alias(name) for name, dtype in _SELECT.items() if name not in columns),
            text=pl.coalesce(*names, pl.lit("")),
            chance=pl.coalesce("posterior_calibrated", "posterior"),
        )
    )
    chance, is_several = pl.col("chance"), pl.col("several").first().fill_null(False)
    against = pl.when("wins").then(1 - chance).otherwise(chance).sum()
    by_all = (pl.col("votes") / pl.col(fraction)).filter(pl.col("votes") > 0).max().round()
    return known.group_by(*_SUBJECT, "select_index").agg(
        pl.col("select_label").first(),
        answer=pl.when(pl.col("wins").any())
        .then(pl.col("text").filter("wins").sort().str.join(TOGETHER))
        .otherwise(pl.lit(NOTHING)),
        posterior=pl.when(~is_several).then(chance.max()),
        expected_loss=pl.when(is_several).then(against).otherwise(1 - chance.max()),
        n_votes=by_all.cast(pl.Int64),
        differs_from_plurality=pl.col("differs_from_plurality").any(),
    )
