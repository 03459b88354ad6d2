"""The columns of surveys in `subject_summary`: as many animals as volunteers named on the median, ties included.

This is the rule of Snapshot Serengeti (Swanson et al. 2015, Sci. Data 2:150026), after blank or not was decided.
"""

from dataclasses import replace

import polars as pl

from zoo_dag.consensus.task_columns import (
    FRACTION_BLANK,
    REACHED,
    SUBJECT,
    TaskColumn,
    TaskColumns,
    is_reached,
    joined,
    likeliest_answers,
    posterior_columns,
)
from zoo_dag.settings.results import Agreement

# Stands for a choice about which nobody answered.
_NONE = "-"


def _of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    is_blank, votes, chosen = pl.col("is_blank"), pl.col("votes"), chosen_of_subject()
    label = pl.coalesce("choice_label", "choice_id")
    n_answered = pl.col("n_answered").first()
    share = pl.when(n_answered > 0).then(votes.first() / n_answered)
    by_subject = rows.sort("rank", nulls_last=True).group_by(SUBJECT, maintain_order=True)
    return by_subject.agg(
        choices=joined(label.filter(chosen)),
        fraction=share,
        **_counts(rows, chosen),
        answers=_joined_in_order(_told().filter(chosen)),
        evenness=pl.col("evenness").first(),
        n_answered=n_answered,
        fraction_blank=pl.col("fraction_blank").first(),
        is_blank=is_blank.first(),
        reached=is_reached(n_answered, pl.coalesce(_share_of_blanks(), share), agreement),
    )


def chosen_of_subject() -> pl.Expr:
    """Of the rows of one subject in the consensus of a survey, those whose choices are found on it.

    Takes `votes, rank, n_choices, is_blank, is_blank_choice`. Of a blank subject they are choices that say so.
    """
    is_blank, votes = pl.col("is_blank"), pl.col("votes")
    decided_for = pl.col("is_blank_choice") == is_blank
    number = pl.when(is_blank).then(1.0).otherwise(pl.col("n_choices").ceil())
    # Choices that tie with the last one that is listed are listed too.
    return decided_for & (votes >= votes.filter(decided_for & (pl.col("rank") <= number)).min())


def _share_of_blanks() -> pl.Expr:
    """An aggregation: of a blank subject, the share of those who answered that named blank choices only.

    Such choices may be several, all of which say the same.
    """
    n_classifications, n_blank = pl.col("n_classifications").first(), pl.col("n_blank").first()
    only_blank = (pl.col("fraction_blank").first() * n_classifications).round() - n_blank
    return pl.when(pl.col("is_blank").first()).then(only_blank / pl.col("n_answered").first())


def _counts(rows: pl.DataFrame, chosen: pl.Expr) -> dict[str, pl.Expr]:
    """Aggregations: the median counts of the listed choices, by name of the column.

    It is `counts` where one question counts, and `counts_<question>` for each of several.
    """
    counts = rows["counts"].explode(empty_as_null=False, keep_nulls=False)
    questions = counts.struct.field("question_id").unique(maintain_order=True).to_list()
    medians = {
        question: pl.col("counts")
        .list.filter(pl.element().struct.field("question_id") == question)
        .list.first()
        .struct.field("median")
        for question in questions
    }
    names = {question: f"counts_{question}" if len(questions) > 1 else "counts" for question in questions}
    return {names[question]: _joined_in_order(median.filter(chosen)) for question, median in medians.items()}


def _joined_in_order(texts: pl.Expr) -> pl.Expr:
    """An aggregation: the texts of the listed choices, a dash for a choice without; null if all are without."""
    return pl.when(texts.is_not_null().any()).then(texts.fill_null(_NONE).str.join("; "))


def _told() -> pl.Expr:
    """The answers about a choice, as `How many? 1 (3), 2 (1) | Young? Yes (2)`; null where there are none."""
    told = pl.element().struct
    question = pl.coalesce(told.field("question_label"), told.field("question_id"))
    answer = pl.coalesce(told.field("answer_label"), told.field("answer_id"))
    given = pl.format("{} ({})", answer.fill_null(""), told.field("votes"))
    # Answers are in the order of the questions: the first one of each question names it.
    is_first = question.ne_missing(question.shift())
    text = (
        pl.when(is_first)
        .then(pl.format(" | {} {}", question.fill_null(""), given))
        .otherwise(pl.format(", {}", given))
    )
    return pl.when(pl.col("answers").list.len() > 0).then(
        pl.col("answers").list.eval(text).list.join("").str.strip_prefix(" | ")
    )


def _question_labels(pooled: pl.LazyFrame) -> pl.LazyFrame:
    counts = pooled.select("parent_task", "task", "task_revision", "counts")
    each = counts.explode("counts", empty_as_null=False, keep_nulls=False).unnest("counts")
    return each.select(
        "parent_task", "task", "task_revision", part=pl.col("question_id"), part_label=pl.col("question_label")
    )


TASK_COLUMNS = TaskColumns(
    {
        "choices": TaskColumn(
            pl.String(),
            "As many animals as named on the median, most common first, and those that tie with the last of them; "
            "of a blank subject the choice that says so",
            ("choice_label", "choice_id", "is_blank_choice", "is_blank", "votes", "rank", "n_choices"),
        ),
        "fraction": TaskColumn(
            pl.Float64(),
            "Share of those who answered that named the first choice",
            ("votes", "n_answered", "rank"),
            is_share=True,
        ),
        "counts": TaskColumn(
            pl.String(), "Median number of each choice, in the order of the choices", ("counts", "rank")
        ),
        "counts_{id}": TaskColumn(
            pl.String(),
            "Median number of each choice by the question {id}, in the order of the choices",
            ("counts", "rank"),
        ),
        "answers": TaskColumn(
            pl.String(),
            "Answers about each choice and their votes, in the order of the choices",
            ("answers", "rank"),
        ),
        "evenness": TaskColumn(
            pl.Float64(), "Pielou's evenness of the votes: 0 unanimous, 1 even", ("evenness",), is_share=True
        ),
        "n_answered": TaskColumn(pl.Int64(), "Classifications that named anything", ("n_answered",)),
        "fraction_blank": replace(
            FRACTION_BLANK,
            description="Share of the classifications that left it blank or named only choices that stand for an "
            "empty subject",
            sources=("fraction_blank",),
        ),
        "is_blank": TaskColumn(
            pl.Boolean(), "Whether at most half of those who answered named an animal", ("is_blank",)
        ),
        "reached": TaskColumn(
            pl.Boolean(),
            REACHED,
            ("votes", "n_answered", "n_blank", "n_classifications", "fraction_blank", "is_blank", "asked"),
        ),
    },
    _of_task,
    _question_labels,
)

POSTERIOR_COLUMNS = TaskColumns(
    posterior_columns(
        "likeliest_choices", "Choices that are there more probably than not", ("choice_label", "choice_id")
    ),
    lambda rows, _agreement: likeliest_answers(
        rows, "likeliest_choices", pl.coalesce("choice_label", "choice_id")
    ),
    of_posteriors=True,
)
