"""Do volunteers answer the newest version of a task as they did the earlier ones? Then its votes may be pooled.

Only subjects that were classified in both are compared (`zoo_dag.volunteers.drift`), since other subjects may have
other answers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.tables.versions import version_order
from zoo_dag.volunteers.drift import Difference, compare
from zoo_dag.volunteers.votes import Floats
from zoo_dag.wording.sentences import counted, percent, quoted

# The significance level of all tasks of a workflow together: a false alarm in one of a hundred workflows.
_SIGNIFICANCE = 0.01
_TASKS_NAMED = 3
_CHANGES_NAMED = 2
_REVISION = ["parent_task", "task", "task_revision"]


def answers_do_not_drift(inputs: CheckInput) -> Finding:
    """Whether the newest version of each task is answered like the earlier ones, on the subjects that both have.

    Takes `pooled_question_consensus`, and the rows of `question_annotations` that it counts.
    A task warns where the distance is at least `checks.drift`, the difference is significant (0.01, divided by the
    number of tasks), and newest and earlier versions have at least `checks.drift_votes` votes each. In a task that
    takes several answers, each chosen answer is a vote.
    """
    shared = _shared_units(inputs.tables["pooled_question_consensus"])
    if shared.is_empty():
        return Finding(
            "Not compared: no subject was classified in several versions of a task.", _numbers(0, 0, 0.0)
        )
    votes = _votes(inputs.tables["question_annotations"], shared)
    tasks = votes.partition_by(_REVISION, maintain_order=True)
    compared = [drift for rows in tasks if (drift := _of_task(rows, inputs)) is not None]
    compared.sort(key=lambda drift: -drift.difference.distance)
    significant = _SIGNIFICANCE / max(len(tasks), 1)
    drifting = [
        drift
        for drift in compared
        if drift.difference.distance >= inputs.limits.drift and drift.difference.p_value < significant
    ]
    distance = compared[0].difference.distance if compared else 0.0
    numbers = _numbers(len(compared), len(drifting), distance)
    if drifting:
        return _finding(drifting, numbers)
    if compared:
        message = (
            f"{counted(len(compared), 'tasks')} compared: the largest distance between newest and earlier "
            f"versions is {percent(distance)}."
        )
        return Finding(message, numbers)
    votes_needed = f"checks.drift_votes is {inputs.limits.drift_votes}"
    return Finding(f"Not compared: too few subjects have votes of several versions ({votes_needed}).", numbers)


class _Drift(NamedTuple):
    difference: Difference
    message: str
    setting: str
    changes: pl.DataFrame


def _finding(drifting: Sequence[_Drift], numbers: dict[str, int | float]) -> Finding:
    """The finding for tasks with different answers, the largest distance first."""
    messages = [drift.message for drift in drifting[:_TASKS_NAMED]]
    if len(drifting) > _TASKS_NAMED:
        messages.append(f"And {counted(len(drifting) - _TASKS_NAMED, 'tasks')} more.")
    revisions = ", ".join(dict.fromkeys(quoted(drift.setting) for drift in drifting[:_TASKS_NAMED]))
    return Finding(
        " ".join(messages),
        numbers,
        passed=False,
        advice="The task may mean something else now: its help, its examples or the tasks around it may have "
        f"changed. If so, let it start a new revision: {revisions} in pooling.new of the settings.",
        examples=pl.concat(drift.changes for drift in drifting),
    )


def _shared_units(consensus: pl.LazyFrame) -> pl.DataFrame:
    """The units that have votes of several versions, with the newest version of each revision among them."""
    several = consensus.filter(pl.col("versions").list.len() > 1).select(*_REVISION, "subject_ids", "versions")
    newest = several.select(*_REVISION, workflow_version="versions").explode("workflow_version").unique()
    latest = newest.sort(version_order()).group_by(_REVISION).agg(newest=pl.col("workflow_version").last())
    units = several.select(*_REVISION, "subject_ids").unique()
    return units.join(latest, on=_REVISION, nulls_equal=True).collect()


def _votes(annotations: pl.LazyFrame, shared: pl.DataFrame) -> pl.DataFrame:
    """`votes` by unit, `answer`, `is_newest` (whether they are of the newest version) and `workflow_version`."""
    answered = annotations.filter(pl.col("excluded").is_null(), pl.col("status") == "answered")
    unit = [*_REVISION, "subject_ids"]
    answer = pl.coalesce("answer", pl.format("answer {}", "answer_index"))
    rows = answered.join(shared.lazy(), on=unit, how="inner", nulls_equal=True)
    is_newest = pl.col("workflow_version") == pl.col("newest")
    by = [*unit, answer.alias("answer"), is_newest.alias("is_newest"), "workflow_version"]
    return (
        rows.group_by(by).agg(votes=pl.len()).sort(*unit, "answer", "workflow_version", nulls_last=True).collect()
    )


def _of_task(rows: pl.DataFrame, inputs: CheckInput) -> _Drift | None:
    """The comparison of one task; None where there are too few votes on the same subjects."""
    both = pl.col("is_newest").any() & ~pl.col("is_newest").all()
    rows = rows.filter(both.over("subject_ids"))
    newest = rows.filter("is_newest")
    earlier = rows.filter(~pl.col("is_newest"))
    if min(int(newest["votes"].sum()), int(earlier["votes"].sum())) < inputs.limits.drift_votes:
        return None
    subjects, answers = rows["subject_ids"].unique().sort(), rows["answer"].unique().sort()
    difference = compare(_table(newest, subjects, answers), _table(earlier, subjects, answers))
    if difference is None:
        return None
    parent, task, version = newest.select("parent_task", "task", "workflow_version").row(0)
    name = task if parent is None else f"{parent}.{task}"
    changes = pl.DataFrame(
        {"task": [name] * len(answers), "answer": answers, "before": difference.second, "now": difference.first}
    )
    # The largest change first; rounded, so that equal ones stay in the order of the answers.
    change = (pl.col("now") - pl.col("before")).abs().round(9)
    changes = changes.sort(change, "answer", descending=[True, False])
    old = earlier.select("workflow_version").unique().sort(version_order())["workflow_version"]
    each = [
        f"{quoted(row['answer'])} from {percent(row['before'])} to {percent(row['now'])}"
        for row in changes.head(_CHANGES_NAMED).to_dicts()
    ]
    message = (
        f"Task {quoted(name)} is answered differently in {version} than in {', '.join(old)} on the same "
        f"{counted(len(subjects), 'subjects')}: {', '.join(each)} (distance {percent(difference.distance)})."
    )
    shares = [pl.col(name).round(3) for name in ("before", "now")]
    return _Drift(difference, message, f"{inputs.key} {task}@{version}", changes.with_columns(shares))


def _table(rows: pl.DataFrame, subjects: pl.Series, answers: pl.Series) -> Floats:
    """Votes by subject and answer."""
    table = np.zeros((len(subjects), len(answers)))
    place = (subjects.search_sorted(rows["subject_ids"]), answers.search_sorted(rows["answer"]))
    np.add.at(table, (place[0].to_numpy(), place[1].to_numpy()), rows["votes"].to_numpy())
    return table


def _numbers(compared: int, drifting: int, distance: float) -> dict[str, int | float]:
    return {"tasks compared": compared, "tasks that differ": drifting, "largest distance": distance}
