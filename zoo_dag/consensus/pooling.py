"""Pooling the versions of a workflow: votes on one task revision count together.

A task revision is one task under the labels of its newest version. So before the functions of a single version can
aggregate several, three things are decided again over all of them: which classifications count, which revision a
task without a definition belongs to, and which option of the newest version an option of an older one is.
"""

from collections.abc import Iterable
from typing import Any

import polars as pl

from zoo_dag.consensus.units import version_order
from zoo_dag.exports.exclusion import SCOPE_COLUMNS, exclusions
from zoo_dag.settings.results import Exclusion

# The part of an option that a column contains.
_FOUND_BY = {
    "answer": "old_label",
    "tool_index": "old_index",
    "select_index": "old_index",
    "choice_id": "old_id",
    "option_label": "old_label",
    "option_value": "old_id",
}


def decide(versions: Iterable[pl.LazyFrame], tasks: pl.LazyFrame, rules: Exclusion) -> pl.DataFrame:
    """Which classifications of a workflow are left out, decided over all of its versions.

    Takes `classifications` of each version and `tasks` of all; returns `classification_id, excluded, changed`:
    changed where it differs from what was decided within the version. The texts of one version at a time are read;
    only numbers are kept of all versions.
    """
    tutorials = tasks.select("workflow_version", "tutorial_subject_id").unique()
    narrow = [
        version.with_columns(pl.col("user_key", "annotations").hash())
        .join(tutorials, on="workflow_version", how="left", maintain_order="left")
        .select(*SCOPE_COLUMNS, "excluded")
        .collect()
        for version in versions
    ]
    scope = pl.concat(narrow)
    decided = exclusions(scope.lazy(), rules).collect()
    return decided.with_columns(changed=decided["excluded"].ne_missing(scope["excluded"]))


def pool(annotations: pl.LazyFrame, tasks: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    """Flattened rows of all versions of a workflow, as if they were of one version.

    Takes a flattened table and `tasks` of all versions, and what `decide` returns. `excluded`, `task_revision`,
    and labels and positions of options are those of the pool.
    """
    rows = _with_revisions(_with_decisions(annotations, decided))
    present = rows.collect_schema().names()
    renamed = renamings(tasks.collect())
    if "answer" in present:
        rows = _rename(rows, renamed, "answer", by="answer", index="answer_index", label="answer")
    if "tool_index" in present:
        rows = _rename(rows, renamed, "tool", by="tool_index", index="tool_index", label="tool_label")
    if "choice_id" in present:
        rows = _rename(rows, renamed, "choice", by="choice_id", id="choice_id", label="choice_label")
    if "select_index" in present:
        rows = _rename(rows, renamed, "select", by="select_index", index="select_index", label="select_label")
        # Options of a dropdown-simple task have no values: those go by their labels.
        option = {"index": "option_index", "label": "option_label"}
        rows = _rename(rows, renamed, "select option", by="option_label", **option)
        rows = _rename(rows, renamed, "select option", by="option_value", id="option_value", **option)
    return rows.select(annotations.collect_schema().names())


def renamings(tasks: pl.DataFrame) -> pl.DataFrame:
    """For each option of each version of a task revision, what it is called in the newest version.

    Takes `tasks` of all versions. Returns `workflow_version, task, kind` and of the option `old_index, old_id,
    old_label, new_index, new_id, new_label`.
    """
    option = ["task_revision", "option_origin"]
    defined = tasks.filter(pl.col("option_origin").is_not_null()).sort(version_order(), maintain_order=True)
    parts = ("index", "id", "label")
    newest = defined.group_by(option).agg(pl.col(f"option_{part}").last().alias(f"new_{part}") for part in parts)
    return defined.join(newest, on=option).select(
        "workflow_version",
        "task",
        *(pl.col(f"option_{part}").alias(f"old_{part}") for part in parts),
        *(f"new_{part}" for part in parts),
        kind="option_kind",
    )


def _with_decisions(rows: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    # Few decisions change, so only these are joined.
    changed = decided.filter("changed").rename({"excluded": "in pool"})
    excluded = pl.when(pl.col("changed")).then("in pool").otherwise("excluded").alias("excluded")
    return (
        rows.join(changed.lazy(), on="classification_id", how="left", maintain_order="left")
        .with_columns(excluded)
        .drop("in pool", "changed")
    )


def _rename(rows: pl.LazyFrame, renamed: pl.DataFrame, kind: str, by: str, **columns: str) -> pl.LazyFrame:
    """Put the newest `index`, `id` and `label` of an option in the place of the older ones; `by` finds it."""
    old = _FOUND_BY[by]
    of_kind = renamed.filter(pl.col("kind") == kind, pl.col(old).is_not_null())
    key = ["workflow_version", "task", old]
    known = of_kind.unique(key, keep="none").select(
        "workflow_version", "task", pl.col(old).alias(by), *(f"new_{part}" for part in columns)
    )
    if known.is_empty():
        return rows
    joined = rows.join(
        known.lazy().with_columns(_known=pl.lit(True)),
        on=["workflow_version", "task", by],
        how="left",
        maintain_order="left",
    )
    found = pl.col("_known").fill_null(False)
    return joined.with_columns(
        pl.when(found).then(f"new_{part}").otherwise(name).alias(name) for part, name in columns.items()
    ).drop("_known", *(f"new_{part}" for part in columns))


def _with_revisions(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Revisions of tasks without a definition: runs of versions in which type and label stay the same."""
    undefined = rows.filter(pl.col("task_revision").is_null())
    seen = (
        undefined.group_by("workflow_version", "task")
        .agg(
            pl.col("task_type").drop_nulls().mode().sort().first(), pl.col("task_label").drop_nulls().sort().last()
        )
        .sort(version_order(), "task")
        .collect()
    )
    current: dict[str, tuple[str, Any]] = {}
    learned = []
    for version, task, task_type, label in seen.iter_rows():
        name, before = current.get(task, ("", None))
        if before != (task_type, label):
            name = f"{task}@{version}"
        current[task] = (name, (task_type, label))
        learned.append((version, task, name))
    names = pl.DataFrame(learned, schema=["workflow_version", "task", "learned"], orient="row").cast(pl.String)
    filled = pl.coalesce("task_revision", "learned").alias("task_revision")
    return (
        rows.join(names.lazy(), on=["workflow_version", "task"], how="left", maintain_order="left")
        .with_columns(filled)
        .drop("learned")
    )
