"""The rows of the table `votes`, task by task, and as votes again."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from zoo_dag.consensus.answer_sets import bits_of, texts_of
from zoo_dag.consensus.units import POOLED
from zoo_dag.volunteers.ballots import VOTER, YES
from zoo_dag.volunteers.posteriors import Coded, code

# What stands for the answer of somebody who chose none of several.
NOTHING = "nothing"
TOGETHER = " + "
_TASK = list(POOLED.task)
_VOTE = ["subject_ids", "classification_id"]
# Votes that are put together at a time.
_AT_ONCE = 1_000_000
_TEXTS = ["subject_ids", "option", "option_label", "user_key", "label", "gold", "workflow_version"]


def by_task(votes: pl.LazyFrame) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """The columns that identify a task, with its label, and the votes of the task; texts are categories."""
    tasks = votes.group_by(_TASK, maintain_order=True).agg(pl.col("task_label").first())
    for task in tasks.collect(engine="streaming").to_dicts():
        rows = votes.filter(pl.col(name).eq_missing(task[name]) for name in _TASK).drop(*_TASK, "task_label")
        yield task, rows.with_columns(pl.col(_TEXTS).cast(pl.Categorical)).collect(engine="streaming")


def by_question(rows: pl.DataFrame) -> Iterator[tuple[str | None, str | None, pl.DataFrame]]:
    """The questions of which a task consists, such as the selects of a dropdown, with `option` and `option_label`.

    Of a task of which several answers may be given it is one, and the answers of each volunteer together are a
    vote: joined by TOGETHER, or NOTHING.
    """
    if rows["of_several"].any():
        yield None, None, together(rows)
        return
    for part in (
        [rows] if rows["option"].null_count() == rows.height else rows.partition_by("option", maintain_order=True)
    ):
        option, name = part.select(pl.col("option", "option_label").cast(pl.String)).row(0)
        yield option, name, part


def together(rows: pl.DataFrame, at_once: int = _AT_ONCE) -> pl.DataFrame:
    """Votes of which each is all answers of a volunteer, from the yes and no to each of several answers.

    Takes rows in the order of time: all answers of a vote follow each other. About `at_once` of them are put
    together at a time.
    """
    name = pl.coalesce(pl.col("option_label", "option").cast(pl.String))
    # Texts only of the few that differ.
    options = rows.select("option", "option_label").unique().select("option", name=name).unique()
    options = options.sort("name", pl.col("option").cast(pl.String))
    words = bits_of(range(options.height), options.height)
    bits, names = options.select("option").hstack(words), options["name"].to_list()
    return pl.concat(_together(part, bits, names) for part in _parts(rows, at_once))


def _parts(rows: pl.DataFrame, at_once: int) -> Iterator[pl.DataFrame]:
    """The rows in parts of about `at_once`, all of a classification in one."""
    ids, start = rows["classification_id"], 0
    while start < rows.height or start == 0:
        end = min(start + at_once, rows.height)
        while 0 < end < rows.height and ids[end] == ids[end - 1]:
            end += 1
        yield rows.slice(start, end - start)
        start = max(end, 1)


def _together(rows: pl.DataFrame, bits: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Some votes. `bits` are those of each `option`, in the order of the `names`."""
    of_votes = bits.columns[1:]
    of_gold = [f"{word} of gold" for word in of_votes]
    sets = (
        rows.lazy()
        .join(bits.lazy(), on="option", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            *(
                pl.when(pl.col("gold") == YES).then(word).alias(of)
                for word, of in zip(of_votes, of_gold, strict=True)
            ),
            pl.when(pl.col("label") == YES).then(pl.col(of_votes)),
        )
        .group_by(_VOTE, maintain_order=True)
        .agg(
            pl.col("user_key", "created_at", "workflow_version").first(),
            pl.col(*of_votes, *of_gold).bitwise_or().fill_null(0),
            is_known=pl.col("gold").is_not_null().any(),
        )
        .collect(engine="streaming")
    )
    label, gold = (
        texts_of(sets.select(which), names, TOGETHER, NOTHING).cast(pl.Categorical)
        for which in (of_votes, of_gold)
    )
    return sets.select(
        *_VOTE,
        *("user_key", "created_at", "workflow_version"),
        label=label,
        gold=pl.when("is_known").then(gold),
        option=pl.lit(None, pl.Categorical),
    )


def coded(rows: pl.DataFrame) -> Coded:
    """Votes of a task, or of one of its questions, as numbers, with what is right where that is known."""
    ballots = ["subject_ids", "option", "label", *VOTER]
    known = rows.filter(pl.col("gold").is_not_null()).unique(["subject_ids", "option"], maintain_order=True)
    votes = rows.with_columns(pl.col("label").cast(pl.Categorical), gold=pl.lit(False))
    right = known.with_columns(label=pl.col("gold").cast(pl.Categorical), gold=pl.lit(True))
    together = pl.concat([votes.select(ballots), right.select(ballots)])
    return code(together.with_columns(group=pl.col("option"), weight=pl.lit(None, pl.Float64)))
