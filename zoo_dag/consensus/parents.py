"""The combo that an answer belongs to, where that makes it another task: docs/consensus.md.

One child in several combos of a workflow version is several tasks, and so is a child that is a task by itself as
well. Elsewhere the combo says nothing: a child of one combo is the same task whatever the combo is called, and in
the second generation of the classifier children have no combo.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from zoo_dag.consensus.units import VERSION, Scope

_PARENT = pl.col("parent_task")
# A task of a version, a combo that holds it or null for the task by itself.
_HELD = pl.Schema(
    {**dict.fromkeys(VERSION.defined, pl.String()), "workflow_id": pl.Int64(), "parent_task": pl.String()}
)


def told_apart(rows: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """Rows of a flattened table with `parent_task` where it tells tasks apart, and null elsewhere.

    Takes all rows of the scope, and `tasks`. Where the workflow version has a definition of its own, the combos
    are those that its tasks lead to; those that rows name count everywhere. Without a definition a task is one by
    itself as well where one classification has it in a combo and outside. In a pool a task revision that is told
    apart in any version is told apart in all.
    """
    if not rows.select(_PARENT.is_not_null().any()).collect().item():
        return rows
    held = pl.concat([_of_rows(rows), _of_definitions(tasks)]).unique()
    several = held.group_by(VERSION.defined).agg(n=pl.len()).filter(pl.col("n") > 1)
    apart = several.select(scope.defined).unique()
    if apart.is_empty():
        return rows.with_columns(parent_task=pl.lit(None, pl.String))
    marked = rows.join(
        apart.lazy().with_columns(_apart=True),
        on=scope.defined,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return marked.with_columns(parent_task=pl.when("_apart").then(_PARENT)).drop("_apart")


def _of_rows(rows: pl.LazyFrame) -> pl.DataFrame:
    """The combos that rows name, and null for a task that one classification has in a combo and by itself."""
    task = list(VERSION.defined)
    named = rows.filter(_PARENT.is_not_null()).select(*task, "parent_task").unique()
    # Over several classifications this says nothing: those of the second generation have no combos.
    alone = (
        rows.group_by("classification_id", *task)
        .agg(both=_PARENT.is_null().any() & _PARENT.is_not_null().any())
        .filter("both")
        .select(*task, parent_task=pl.lit(None, pl.String))
        .unique()
    )
    return pl.concat([each.select(_HELD.names()).cast(_HELD) for each in pl.collect_all([named, alone])])


def reached(tasks: pl.LazyFrame) -> pl.DataFrame:
    """The tasks that the first task of a version leads to, and the children of combos among them.

    Takes `tasks` of several versions. Returns the columns of `VERSION.defined`, and `parent_task`: the combo that
    holds the task, or null for the task by itself.
    """
    defined = tasks.filter(pl.col("task").is_not_null())
    steps = defined.select(*VERSION.defined, "next", "option_kind", "option_id", "option_next").collect()
    versions = steps.partition_by("workflow_id", "workflow_version", maintain_order=True)
    held = [pair for version in versions for pair in _reached(version.to_dicts())]
    return pl.DataFrame(held, schema=_HELD, orient="row")


def _of_definitions(tasks: pl.LazyFrame) -> pl.DataFrame:
    """The same by the definitions of the versions themselves: another version may have other combos."""
    version = ["workflow_id", "workflow_version"]
    exact = tasks.filter(pl.col("version_match") == "exact")
    with_combos = exact.filter(option_kind="task").select(version).unique()
    return reached(exact.join(with_combos, on=version, how="semi", maintain_order="left"))


def _reached(steps: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The tasks that the first task leads to by themselves, and the children of combos among them.

    The editor keeps combos that nothing leads to any more.
    """
    following: defaultdict[str, list[str | None]] = defaultdict(list)
    children: defaultdict[str, list[str]] = defaultdict(list)
    known: dict[str, list[Any]] = {}
    for step in steps:
        known.setdefault(step["task"], [step[name] for name in VERSION.defined])
        following[step["task"]] += [step["next"], step["option_next"]]
        if step["option_kind"] == "task":
            children[step["task"]].append(step["option_id"])
    waiting: list[str | None] = [steps[0]["task"]]
    seen: set[str] = set()
    while waiting:
        task = waiting.pop()
        if task in known and task not in seen:
            seen.add(task)
            waiting += following[task]
            yield *known[task], None
            yield from ((*known[child], task) for child in children[task] if child in known)
