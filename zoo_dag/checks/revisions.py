"""Is a task still the same question in all versions of a workflow? Where it is not, its votes are counted apart.

A split is seen here and a setting joins what belongs together, while a silent mixture of two questions could not
be undone (docs/consensus.md, Task revisions).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.exports.question_texts import ASKING, asks_the_same
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.volunteers.drift import compare
from zoo_dag.wording.markdown import code
from zoo_dag.wording.sentences import counted, percent

_LONGEST_TEXT = 120
_NAMED = 12
_QUESTIONS = "pooled_question_consensus"
_COLUMNS = ["task", "task_revision", "task_label"]
# The number of splits, of a finding.
SPLITS = "times that a task became another"


def questions_stay_the_same(inputs: CheckInput) -> Finding:
    """Whether each task asks the same in all versions of the workflow, so that all its votes are pooled.

    Takes the pooled consensus tables. A task that starts a revision is named with its text before and after, the
    setting that joins both, and how the answers differ on the subjects that have votes of both. A revision that
    the setting `pooling.new` starts is wanted, and not named. Other options under the same text are named too, and
    so are other instructions of drawings, surveys and dropdowns, which go on; neither is a reason to warn.
    """
    tables = [inputs.tables[each.pooled_table] for each in consensus_types()]
    every = pl.concat(rows.select(*_COLUMNS).unique() for rows in tables).drop_nulls("task_revision")
    revisions = every.group_by("task", "task_revision").agg(pl.col("task_label").drop_nulls().sort().first())
    first = version_order(pl.col("task_revision").str.extract("([0-9.]+)$"))
    in_order = revisions.sort("task", first).collect()
    splits, instructions = list(_splits(in_order, inputs)), list(_instructions(inputs.tables["tasks"]))
    numbers = {"tasks": in_order["task"].n_unique(), SPLITS: len(splits), "other instructions": len(instructions)}
    if not splits:
        same = f"{counted(numbers['tasks'], 'tasks')}, each the same in all versions."
        return Finding(_listed([same, *instructions]), numbers)
    settings = ", ".join(f'"{split["setting"]}"' for split in splits)
    return Finding(
        _listed([*(split["message"] for split in splits), *instructions]),
        numbers,
        passed=all(asks_the_same(split["before"], split["after"]) for split in splits),
        advice="Votes before and after are counted apart. To join those that mean the same in spite of their "
        f"texts, write into zoo_dag.toml, below a line [pooling]: same = [{settings}]. Those in new = [...] "
        "there are right as they are, and no longer named.",
        examples=pl.DataFrame(splits).drop("message"),
    )


def _listed(sentences: Sequence[str]) -> str:
    more = [f"And {len(sentences) - _NAMED:,} more."] if len(sentences) > _NAMED else []
    return " ".join([*sentences[:_NAMED], *more])


def _instructions(tasks: pl.LazyFrame) -> Iterator[str]:
    """Sentences about other texts of drawings, surveys and dropdowns, whose labels carry the meaning."""
    columns = ["task", "task_revision", "workflow_version", "task_label"]
    others = tasks.filter(~pl.col("task_type").is_in(sorted(ASKING))).select(columns).unique()
    in_order = others.drop_nulls().sort("task", "task_revision", version_order()).collect()
    for (task, _), rows in in_order.group_by("task", "task_revision", maintain_order=True):
        for before, after in pairwise(rows.to_dicts()):
            if not asks_the_same(before["task_label"], after["task_label"]):
                texts = [code(each["task_label"], _LONGEST_TEXT) for each in (before, after)]
                since = after["workflow_version"]
                yield (
                    f"Task {code(task)} has another text since version {since}, but the same options, and its "
                    f"votes are pooled: {texts[0]} became {texts[1]}."
                )


def _splits(revisions: pl.DataFrame, inputs: CheckInput) -> Iterator[dict[str, Any]]:
    for (task,), rows in revisions.group_by("task", maintain_order=True):
        for before, after in pairwise(rows.to_dicts()):
            setting = f"{inputs.key} {after['task_revision']}"
            if setting in inputs.settings.pooling.new:
                continue
            texts = [code(each["task_label"] or "no text", _LONGEST_TEXT) for each in (before, after)]
            became = (
                f"{texts[0]} became {texts[1]}"
                if texts[0] != texts[1]
                else f"{texts[0]} has another type, scale or options"
            )
            since = str(after["task_revision"]).removeprefix(f"{task}@")
            difference = _difference(before["task_revision"], after["task_revision"], inputs)
            yield {
                "task": str(task),
                "before": before["task_label"],
                "after": after["task_label"],
                "setting": setting,
                "answers": difference.strip(),
                "message": f"Task {code(task)} is another one since version {since}: {became}. {difference}"
                f'"{setting}" in pooling.same joins them.',
            }


def _difference(before: str, after: str, inputs: CheckInput) -> str:
    """How the answers to a question differ between two revisions, on the subjects that have votes of both.

    A sentence with a space behind it; nothing for other tasks.
    """
    revision = pl.col("task_revision")
    answered = pl.col("votes") > 0
    votes = inputs.tables[_QUESTIONS].filter(revision.is_in([before, after]), answered)
    rows = votes.select(
        "task_revision", "subject_ids", "votes", answer=pl.coalesce("answer", pl.format("{}", "answer_index"))
    ).collect()
    if rows.is_empty():
        return ""
    table = rows.pivot(
        "answer", index=["subject_ids", "task_revision"], values="votes", aggregate_function="sum"
    ).fill_null(0)
    both = table.filter(pl.len().over("subject_ids") > 1).sort("subject_ids")
    first, second = (
        both.filter(task_revision=each).drop("subject_ids", "task_revision").to_numpy().astype(np.float64)
        for each in (before, after)
    )
    difference = compare(first, second) if len(first) else None
    needed = inputs.limits.drift_votes
    if difference is None or min(first.sum(), second.sum()) < needed:
        return f"Too few votes on the same subjects to compare the answers (checks.drift_votes is {needed}). "
    return (
        f"With votes of both on {counted(len(first), 'subjects')}, the answers differ by "
        f"{percent(difference.distance)} (p = {difference.p_value:.2g}). "
    )
