"""The combined answers to sub-tasks of the volunteers of a cluster.

A volunteer has one mark in a cluster. Fractions are of the volunteers who answered the sub-task at all; where
several answers may be chosen they need not add up to 1. Typed texts are aligned to one, as in `text_consensus`,
and who wrote the same words votes for it; of numbers the median is taken.
"""

import polars as pl

from zoo_dag.tables import TABLES
from zoo_dag.task_types.texts.alignment import consensus_of
from zoo_dag.task_types.texts.words import words_of

_SUB_TASK = ["cluster", "detail_index"]
_DETAILS = TABLES["drawing_consensus"].dtypes["details"]
_FIELDS = ("detail_index", "answer_label", "votes", "fraction", "text", "number")


def details_of(marks: pl.DataFrame) -> pl.DataFrame:
    """`cluster` and `details` of clusters with answers; takes `cluster`, `volunteer` and `details` of marks."""
    answers = _answers(marks)
    n_answered = answers.group_by(_SUB_TASK).agg(n_answered=pl.col("volunteer").n_unique())
    kinds = [_chosen(answers), _written(answers), _measured(answers)]
    details = pl.concat(kinds, how="diagonal").join(n_answered, on=_SUB_TASK)
    details = details.with_columns(fraction=pl.col("votes") / pl.col("n_answered"))
    order = [*_SUB_TASK, pl.col("votes").neg(), "answer_index", "answer_label", "text"]
    by_cluster = details.sort(order, nulls_last=True).group_by("cluster", maintain_order=True)
    return by_cluster.agg(details=pl.struct(_FIELDS)).with_columns(pl.col("details").cast(_DETAILS))


def _answers(marks: pl.DataFrame) -> pl.DataFrame:
    """One row for each answer; a sub-task left blank has none."""
    answered = marks.filter(pl.col("details").list.len() > 0).select("cluster", "volunteer", "details")
    rows = answered.explode("details").unnest("details")
    text = pl.col("text").str.normalize("NFC").str.strip_chars()
    rows = rows.with_columns(text=pl.when(text != "").then(text))
    # An answer with an unknown label has its position as a label.
    label = pl.coalesce("answer_label", pl.col("answer_index").cast(pl.String))
    rows = rows.with_columns(answer_label=label)
    return rows.filter(pl.any_horizontal(pl.col("answer_label", "text", "number").is_not_null()))


def _votes() -> pl.Expr:
    return pl.col("volunteer").n_unique().cast(pl.Int64).alias("votes")


def _chosen(answers: pl.DataFrame) -> pl.DataFrame:
    chosen = answers.filter(pl.col("answer_label").is_not_null())
    return chosen.group_by([*_SUB_TASK, "answer_label"]).agg(_votes(), pl.col("answer_index").min())


def _written(answers: pl.DataFrame) -> pl.DataFrame:
    written = answers.filter(pl.col("text").is_not_null())
    # What is typed in place of an option is a choice, and every one is listed.
    listed = pl.col("detail_type").max().over(_SUB_TASK).str.starts_with("dropdown").fill_null(False)
    choices = written.filter(listed).group_by([*_SUB_TASK, "text"]).agg(_votes())
    # In a fixed order, which the names of volunteers do not change.
    in_order = [*_SUB_TASK, "text", "volunteer"]
    texts = written.filter(~listed).unique(in_order).sort(in_order)
    by_sub_task = texts.group_by(_SUB_TASK, maintain_order=True).agg("volunteer", "text")
    aligned = [(*sub_task, *_aligned(volunteers, own)) for *sub_task, volunteers, own in by_sub_task.iter_rows()]
    return pl.concat([choices, pl.DataFrame(aligned, schema=choices.schema, orient="row")])


def _aligned(volunteers: list[int], texts: list[str]) -> tuple[str, int]:
    """The consensus of texts, and how many volunteers wrote the same words; takes a text for each volunteer."""
    consensus = consensus_of(texts)
    text = consensus.text if consensus else min(texts)
    same = {volunteer for volunteer, own in zip(volunteers, texts, strict=True) if _words(own) == _words(text)}
    return text, len(same)


def _words(text: str) -> list[str]:
    return [word.folded for word in words_of(text)]


def _measured(answers: pl.DataFrame) -> pl.DataFrame:
    numbers = answers.filter(pl.col("number").is_not_null())
    return numbers.group_by(_SUB_TASK).agg(_votes(), pl.col("number").median())
