"""The rows of the table `votes`, task by task, and as votes again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.consensus.answer_sets import bits_of, texts_of
from zoo_dag.consensus.units import POOLED
from zoo_dag.volunteers.ballots import VOTER, YES
from zoo_dag.volunteers.numbering import numbered
from zoo_dag.volunteers.posteriors import Coded, code
from zoo_dag.volunteers.votes import Integers

# What stands for the answer of somebody who chose none of several.
NOTHING = "nothing"
TOGETHER = " + "
_TASK = list(POOLED.task)
_VOTE = ["subject_ids", "classification_id"]
_NUMBERS = ["classification_id", "created_at", "of_several"]
_TEXTS = ["subject_ids", "option", "option_label", "user_key", "label", "gold", "workflow_version"]

# The columns that identify a task, with its label, and its votes in the order of time: _NUMBERS and _TEXTS, the
# latter as categories. The votes of one task are in memory at a time.
VotesByTask = Iterable[tuple[dict[str, Any], pl.DataFrame]]


def by_task(votes: pl.LazyFrame) -> VotesByTask:
    """The votes of the table `votes`, one task after the other."""
    tasks = votes.group_by(_TASK, maintain_order=True).agg(pl.col("task_label").first())
    for task in tasks.collect(engine="streaming").to_dicts():
        rows = votes.filter(pl.col(name).eq_missing(task[name]) for name in _TASK)
        yield task, of_task(rows)


def of_task(votes: pl.LazyFrame) -> pl.DataFrame:
    """The votes of a task from rows of the table `votes`."""
    narrow = votes.select(*_NUMBERS, *(pl.col(name).cast(pl.Categorical) for name in _TEXTS))
    rows = narrow.collect(engine="streaming")
    # Of a task without a definition the votes of one type follow those of another, of the same time.
    if rows["created_at"].is_sorted():
        return rows
    return rows.sort("created_at", "classification_id", pl.col("subject_ids").to_physical(), maintain_order=True)


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


def together(rows: pl.DataFrame) -> pl.DataFrame:
    """Votes of which each is all answers of a volunteer, from the yes and no to each of several answers.

    Takes rows in the order of time: all answers of a vote follow each other.
    """
    ends = [rows[name].to_physical().to_numpy() for name in _VOTE]
    is_first = np.ones(rows.height, bool)
    is_first[1:] = np.any([of_rows[1:] != of_rows[:-1] for of_rows in ends], axis=0)
    starts = np.flatnonzero(is_first)
    names, answer = _names(rows)
    label, gold = (_sets(rows[said], answer, starts, names) for said in ("label", "gold"))
    votes = rows.select(*_VOTE, "user_key", "created_at", "workflow_version")[starts]
    return votes.with_columns(label=label, gold=gold, option=pl.lit(None, pl.Categorical))


def _names(rows: pl.DataFrame) -> tuple[list[str], Integers]:
    """The names of all answers, in their order, and by row the place of its own."""
    options, option = numbered(rows.select("option"))
    labels = rows.select("option", "option_label").unique()
    name = pl.coalesce(pl.col("option_label", "option").cast(pl.String))
    named = (
        options.with_row_index("option number").join(labels, on="option", nulls_equal=True).with_columns(name=name)
    )
    # Of equal names the options are in their order.
    in_order = named.sort("name", "option number")
    place = np.empty(options.height, np.int64)
    place[in_order["option number"].to_numpy()] = np.arange(options.height)
    return in_order["name"].to_list(), place[option]


def _sets(said: pl.Series, answer: Integers, starts: Integers, names: Sequence[str]) -> pl.Series:
    """The names of all answers of each vote to which `said` is YES, together; null where it is null for all.

    Votes begin at `starts`.
    """
    if said.null_count() == len(said):
        return pl.repeat(None, len(starts), dtype=pl.Categorical(), eager=True)
    is_in = (said == YES).fill_null(False).to_numpy()
    words = bits_of(range(len(names)), len(names))
    chosen = (np.where(is_in, bits.to_numpy()[answer], 0) for bits in words)
    sets = {bits.name: np.bitwise_or.reduceat(of, starts) for bits, of in zip(words, chosen, strict=True)}
    texts = texts_of(pl.DataFrame(sets), names, TOGETHER, NOTHING).cast(pl.Categorical)
    is_known = np.logical_or.reduceat(said.is_not_null().to_numpy(), starts)
    return texts.set(pl.Series(~is_known), None)


def coded(rows: pl.DataFrame) -> Coded:
    """Votes of a task, or of one of its questions, as numbers, with what is right where that is known."""
    ballots = ["subject_ids", "option", "label", *VOTER]
    known = rows.filter(pl.col("gold").is_not_null()).unique(["subject_ids", "option"], maintain_order=True)
    votes = rows.with_columns(pl.col("label").cast(pl.Categorical), gold=pl.lit(False))
    right = known.with_columns(label=pl.col("gold").cast(pl.Categorical), gold=pl.lit(True))
    together = pl.concat([votes.select(ballots), right.select(ballots)])
    return code(together.with_columns(group=pl.col("option"), weight=pl.lit(None, pl.Float64)))
