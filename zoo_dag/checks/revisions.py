"""Is a task still the same question in all versions of a workflow? Where it is not, its votes are counted apart.

A split is seen here and a setting joins what belongs together, while a silent mixture of two questions could not
be undone (docs/consensus.md, Task revisions).
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from zoo_dag.checks.drift import compare
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.wording.markdown import code
from zoo_dag.wording.sentences import counted, percent

_LONGEST_TEXT = 120
_SPLITS_NAMED = 12
_QUESTIONS = "pooled_question_consensus"
_COLUMNS = ["task", "task_revision", "task_label", "versions"]


def tasks_stay_the_same(inputs: CheckInput) -> Finding:
    """Whether each task is one task in all versions of the workflow, so that all its votes are pooled.

    Takes the pooled consensus tables. A task that starts a revision is named with its text before and after, the
    setting that joins both, and how the answers differ on the subjects that have votes of both. A revision that
    the setting `pooling.new` starts is wanted, and not named.
    """
    tables = {each.pooled_table: inputs.tables[each.pooled_table] for each in consensus_types()}
    every = pl.concat(rows.select(*_COLUMNS).unique() for rows in tables.values())
    revisions = every.group_by("task", "task_revision").agg(
        pl.col("task_label").drop_nulls().sort().first(),
        last=pl.col("versions").explode().sort_by(version_order(pl.col("versions").explode())).last(),
    )
    first = version_order(pl.col("task_revision").str.extract("([0-9.]+)$"))
    in_order = revisions.drop_nulls("task_revision").sort("task", first).collect()
    splits = list(_splits(in_order, inputs))
    numbers = {"tasks": in_order["task"].n_unique(), "times that a task became another": len(splits)}
    if not splits:
        return Finding(f"{counted(numbers['tasks'], 'tasks')}, each the same in all versions.", numbers)
    more = [f"And {len(splits) - _SPLITS_NAMED:,} more."] if len(splits) > _SPLITS_NAMED else []
    return Finding(
        " ".join([*(split["message"] for split in splits[:_SPLITS_NAMED]), *more]),
        numbers,
        passed=False,
        advice="Votes before and after are counted apart. Where a task means the same all the same, join it with "
        "pooling.same in the settings; where it does not, the same text in pooling.new says that this is right.",
        examples=pl.DataFrame(splits).drop("message"),
    )


def _splits(revisions: pl.DataFrame, inputs: CheckInput) -> Iterator[dict[str, str]]:
    for (task,), rows in revisions.group_by("task", maintain_order=True):
        for before, after in pairwise(rows.to_dicts()):
            setting = f"{inputs.key} {after['task_revision']}"
            if setting in inputs.settings.pooling.new:
                continue
            texts = [code(each["task_label"] or "no text", _LONGEST_TEXT) for each in (before, after)]
            became = f"{texts[0]} became {texts[1]}" if texts[0] != texts[1] else f"{texts[0]} has other options"
            since = str(after["task_revision"]).removeprefix(f"{task}@")
            difference = _difference(before["task_revision"], after["task_revision"], inputs)
            yield {
                "task": str(task),
                "before": before["task_label"],
                "after": after["task_label"],
                "setting": setting,
                "answers": difference.strip(),
                "message": f"Task {code(task)} is another one since version {since}: {became}. {difference}"
                f'pooling.same = ["{setting}"] joins them.',
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
