"""How often the demo's questions are answered right: by most votes, by skill, and with fewer votes."""

from typing import NamedTuple

import polars as pl

from zoo_dag.demo import WorkflowTruth
from zoo_dag.demo.recovery import Recovered, read_table
from zoo_dag.settings.retirement import Rule
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.retirements import replay_rules

QUESTIONS = "pooled_question_consensus"
POSTERIORS = "question_posteriors"
_SUBJECT = ["task", "task_revision", "subject_id"]
# The question that allows several answers.
_MULTIPLE = "T1"
# How sure a decision is, by the columns of posteriors.
_SURE = {"fraction": "fraction", "posterior": "posterior", "calibrated": "posterior_calibrated"}


def recovered_questions(folder: DataFolder, truth: WorkflowTruth) -> list[Recovered]:
    """How often the consensus of a question is the truth, by task; `n` counts subjects, once for each revision.

    A single question is right where its winner is the truth, a multiple one where the answers of more than half of
    the volunteers are.
    """
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    multiple = pl.col("task") == _MULTIPLE
    chosen = pl.when(multiple).then(pl.col("fraction") > 0.5).otherwise(pl.col("rank") == 1)
    tasks = (
        read_table(folder, QUESTIONS, truth)
        .filter(pl.col("n_answered") > 0)
        .group_by(_SUBJECT)
        .agg(
            pl.col("task_label").first(),
            found=pl.col("answer").filter(chosen),
            tied=(pl.col("tied") & (pl.col("rank") == 1) & ~multiple).any(),
        )
        .join(true, on=["task", "subject_id"])
        .with_columns(right=_in_order("found") == _in_order("answers"))
        .group_by("task")
        .agg(
            pl.col("task_label").max(),
            pl.len(),
            (pl.col("right") & ~pl.col("tied")).sum(),
            pl.col("tied").sum(),
        )
        .sort("task")
    )
    return [Recovered(task, label, n, right, tied=tied) for task, label, n, right, tied in tasks.iter_rows()]


def _in_order(answers: str) -> pl.Expr:
    return pl.col(answers).list.eval(_plain(pl.element()).sort())


def _plain(answer: pl.Expr) -> pl.Expr:
    """One version of the demo has a slip of case and punctuation in a label. The truth has its picture."""
    picture = r" ?!\[[^\[\]]*\]\([^()]*\)"
    return answer.str.to_lowercase().str.replace_all(picture, "").str.replace_all(",", "")


class Weighed(NamedTuple):
    """Of `n` decisions on subjects that are not gold, how many are right by most votes, and by skill.

    `fraction`, `posterior` and `calibrated` are how sure they are on average: the share of the votes, and the
    probability before and after calibration.
    """

    task: str
    what: str
    n: int
    by_votes: float
    by_skill: float
    fraction: float
    posterior: float
    calibrated: float


def weighed_questions(folder: DataFolder, truth: WorkflowTruth) -> list[Weighed]:
    """How often posteriors are right and how sure they are, by task, in task revisions that are calibrated.

    A decision is the answer to a single question; of a multiple question, a yes or no to each answer that somebody
    gave. Where several answers have most votes, each counts for its part.
    """
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    multiple = pl.col("task") == _MULTIPLE
    rows = read_table(folder, POSTERIORS, truth).join(true, on=["task", "subject_id"])
    rows = rows.filter(pl.col("posterior_calibrated").is_not_null(), ~pl.col("is_gold"))
    is_true = _in_order("answers").list.contains(_plain(pl.col("answer")))
    each = rows.filter(multiple).select(
        "task",
        "task_label",
        by_votes=((pl.col("fraction") > 0.5) == is_true).cast(pl.Float64),
        by_skill=(pl.col("wins") == is_true).cast(pl.Float64),
        **{name: pl.max_horizontal(column, 1 - pl.col(column)) for name, column in _SURE.items()},
    )
    most = pl.col("votes") == pl.col("votes").max()
    one = (
        rows.filter(~multiple)
        .with_columns(is_true=is_true.cast(pl.Float64))
        .group_by(_SUBJECT, maintain_order=True)
        .agg(
            pl.col("task_label").first(),
            by_votes=pl.col("is_true").filter(most).mean(),
            by_skill=pl.col("is_true").filter(pl.col("wins")).first(),
            **{name: pl.col(column).max() for name, column in _SURE.items()},
        )
    )
    measures = ["by_votes", "by_skill", *_SURE]
    decisions = pl.concat([one.select(each.columns), each])
    tasks = decisions.group_by("task").agg(
        pl.col("task_label").max(),
        pl.len().alias("n"),
        pl.col("by_votes", "by_skill").sum(),
        pl.col(list(_SURE)).mean(),
    )
    return [Weighed(*row) for row in tasks.select("task", "task_label", "n", *measures).sort("task").iter_rows()]


class WithFewer(NamedTuple):
    """What a rule saves: the share of votes, and of `n` answers how many are right then, and with all votes."""

    saved: float
    n: int
    right: int
    right_of_all: int


def recovered_with_fewer(folder: DataFolder, truth: WorkflowTruth, rule: Rule) -> WithFewer:
    """The answers of questions with one answer under a rule that retires subjects, against the truth."""
    true = pl.DataFrame([{"task": task, **row} for task, rows in truth.answers.items() for row in rows])
    votes = read_table(folder, "votes", truth).filter(~pl.col("of_several")).lazy()
    table = replay_rules(by_task(votes), [rule]).table.join(true, on=["task", "subject_id"])
    answers, right = pl.col("answers").list.eval(_plain(pl.element())), pl.col("answer", "answer_of_all")
    found = table.with_columns(_plain(right)).with_columns(answers=answers)
    counts = found.select(pl.col(name).is_in("answers").sum() for name in ("answer", "answer_of_all")).row(0)
    saved = 1 - int(table["n_used"].sum()) / int(table["n_votes"].sum())
    return WithFewer(saved, table.height, *counts)
