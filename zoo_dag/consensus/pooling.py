"""Pooling the versions of a workflow: votes on one task revision count together.

A task revision is one task under the labels of its newest version. So before the functions of a single version
can aggregate several, three things are decided again over all of them: which classifications count, which revision
a task without a definition belongs to, and which option of the newest version an option of an older one is.
"""

from collections.abc import Callable, Iterable

import polars as pl

from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.exports.exclusion import ORDER, SCOPE_COLUMNS, excluded_alone, exclusions
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables.flattened import LEFT_BRANCH
from zoo_dag.tables.lookup import looked_up
from zoo_dag.tables.versions import version_order

_TASK = ("workflow_version", "task", "task_revision")
_PERSON_COLUMNS = ("user_key", "workflow_id", "subject_ids")
_PERSON = pl.struct(_PERSON_COLUMNS)
# Takes flattened rows of a pool, and what `renamings` returns.
Rename = Callable[[pl.LazyFrame, pl.DataFrame], pl.LazyFrame]


def decide(
    classifications: pl.LazyFrame,
    tasks: pl.LazyFrame,
    rules: Exclusion,
    reached: Iterable[pl.LazyFrame],
    at_once: int | None = None,
) -> pl.DataFrame:
    """Which classifications of a workflow are excluded, decided over all of its versions.

    Takes `classifications` and `tasks` of all versions, and the flattened tables with their revisions. Returns
    those of which anything differs from the decision within the version: `classification_id, excluded, repeated`.
    `repeated` are the task revisions that the volunteer answered for the same subjects in another version that
    counts. An answer to another question repeats nothing: a classification is a `repeat` where all of its tasks
    are. About `at_once` (see `subject_ranges`) of those that may differ are in memory at a time.
    """
    is_launched = bool(classifications.select(pl.col("live_project").any()).collect().item())
    scope = _with_tutorials(classifications, tasks)
    ids = _may_differ(scope, rules, is_launched)
    undecided = scope.filter(pl.col("classification_id").is_in(ids.implode()))
    # Texts as numbers, since only their equality counts.
    narrow = undecided.select(*SCOPE_COLUMNS, "excluded").with_columns(pl.col("user_key", "annotations").hash())
    ranges = subject_ranges([undecided], at_once)
    parts = [_decide_again(subjects.of(narrow).collect(), rules, is_launched) for subjects in ranges]
    decided = pl.concat(decided for decided, _ in parts)
    repeated = _repeated_tasks(pl.concat(again for _, again in parts), reached, rules)
    none = pl.lit([], pl.List(pl.String()))
    of_tasks = decided.join(repeated, on="classification_id", how="left", maintain_order="left")
    counts = pl.col("some_count").fill_null(False)
    in_pool = of_tasks.select(
        "classification_id",
        "before",
        excluded=pl.when(~counts).then("excluded"),
        repeated=pl.when(counts).then("repeated").otherwise(none),
    )
    differs = pl.col("excluded").ne_missing(pl.col("before")) | (pl.col("repeated").list.len() > 0)
    return in_pool.filter(differs).drop("before")


def _with_tutorials(classifications: pl.LazyFrame, tasks: pl.LazyFrame) -> pl.LazyFrame:
    """The classifications with the `tutorial_subject_id` of their version."""
    tutorials = (
        tasks.select("workflow_version", "tutorial_subject_id").drop_nulls().unique("workflow_version").collect()
    )
    of_version = looked_up(pl.col("workflow_version"), *tutorials.get_columns())
    none = pl.lit(None, tutorials.schema["tutorial_subject_id"])
    return classifications.with_columns(tutorial_subject_id=none if tutorials.is_empty() else of_version)


def _may_differ(scope: pl.LazyFrame, rules: Exclusion, is_launched: bool) -> pl.Series:
    """The classifications that may be decided otherwise than within their version.

    Those of people who classified the same subjects several times, and those that would be decided otherwise if
    nobody had: their version was never launched although the workflow was, or was built with other settings.
    """
    differs = pl.col("excluded").ne_missing(excluded_alone(rules, is_launched))
    each = scope.select("classification_id", differs=differs, person=_PERSON.hash()).collect()
    return each.filter(pl.col("person").is_duplicated() | pl.col("differs"))["classification_id"]


def with_decisions(classifications: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    """`classifications` of all versions, `excluded` as `decide` says, and `repeated`, null where nothing is.

    In any order.
    """
    in_pool = decided.lazy().rename({"excluded": "in_pool"}).with_columns(is_decided=True)
    joined = classifications.join(in_pool, on="classification_id", how="left")
    excluded = pl.when("is_decided").then("in_pool").otherwise("excluded").alias("excluded")
    return joined.with_columns(excluded).drop("in_pool", "is_decided")


def _decide_again(scope: pl.DataFrame, rules: Exclusion, is_launched: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of some subjects, what may differ from the decision within the version, and what counts there several times.

    Returns `classification_id, excluded, before`, and the columns that `_repeated_tasks` takes.
    """
    reason = exclusions(scope.lazy(), rules, is_launched).collect()["excluded"]
    again = scope.filter((reason.is_null() | (reason == "repeat")) & scope["excluded"].ne_missing("repeat"))
    again = again.filter(_PERSON.is_duplicated()).select(*_PERSON_COLUMNS, *ORDER)
    decided = scope.select("classification_id", excluded=reason, before="excluded")
    several = pl.col("classification_id").is_in(again["classification_id"].implode())
    return decided.filter(several | pl.col("excluded").ne_missing(pl.col("before"))), again


def _repeated_tasks(again: pl.DataFrame, reached: Iterable[pl.LazyFrame], rules: Exclusion) -> pl.DataFrame:
    """For each repeat in another version, which task revisions are repeated, and whether any is not.

    Takes what counts within its version, of those who do several times. Returns `classification_id, repeated,
    some_count`.
    """
    in_order = again.sort(ORDER)
    in_order = in_order.reverse() if rules.repeat == "last" else in_order
    several = in_order.select("classification_id", same=_PERSON.rank("dense"))
    ids = several["classification_id"].implode()
    rows = [
        table.filter(pl.col("classification_id").is_in(ids), pl.col("excluded").ne_missing(LEFT_BRANCH))
        .select("classification_id", "task_revision")
        .unique()
        for table in reached
        if several.height and rules.repeat != "all"
    ]
    empty = pl.LazyFrame(schema={"classification_id": pl.Int64(), "task_revision": pl.String()})
    tasks = pl.concat(rows or [empty]).unique().collect()
    joined = several.join(tasks.sort("task_revision"), on="classification_id", maintain_order="left_right")
    first = pl.struct("same", "task_revision").is_first_distinct()
    return (
        joined.with_columns(first=first)
        .group_by("classification_id", maintain_order=True)
        .agg(repeated=pl.col("task_revision").filter(~pl.col("first")), some_count=pl.col("first").any())
    )


def pool(
    annotations: pl.LazyFrame,
    tasks: pl.LazyFrame,
    decided: pl.DataFrame,
    options: Iterable[OptionColumns],
    rename: Rename | None = None,
) -> pl.LazyFrame:
    """Flattened rows of all versions of a workflow, as if they were of one version.

    Takes a flattened table of all versions with the revisions of `with_revisions`, `tasks`, what `decide` returns,
    and the columns of the table that name options; `rename` renames what is inside of lists. `excluded`, and
    labels and positions of options are those of the pool.
    """
    rows = _with_decisions(annotations, decided)
    renamed = renamings(tasks.collect())
    if rename:
        rows = rename(rows, renamed)
    own = renamed.filter("is_own")
    for each in options:
        rows = _rename(rows, own, each)
    others = renamed.filter(~pl.col("is_own"))
    for each in options:
        # By a definition of another version the position of a tool is not known, but its label.
        rows = _rename(rows, others, each.by_label if each.key_part == "index" else each)
    return rows.select(annotations.collect_schema().names())


def renamings(tasks: pl.DataFrame) -> pl.DataFrame:
    """For each option of each version of a task revision, its counterpart in the newest version.

    Takes `tasks` of all versions. Returns `workflow_version, task, task_revision, kind`, of the option `old_path,
    old_index, old_id, old_label, new_index, new_id, new_label`, and `is_own`: whether the definition is that of
    the version.
    """
    option = ["task_revision", "option_origin"]
    defined = tasks.filter(pl.col("option_origin").is_not_null()).sort(version_order(), maintain_order=True)
    parts = ("index", "id", "label")
    newest = defined.group_by(option).agg(pl.col(f"option_{part}").last().alias(f"new_{part}") for part in parts)
    return defined.join(newest, on=option).select(
        *_TASK,
        *(pl.col(f"option_{part}").alias(f"old_{part}") for part in parts),
        *(f"new_{part}" for part in parts),
        kind="option_kind",
        old_path="option_path",
        is_own=pl.col("version_match") == "exact",
    )


def _with_decisions(rows: pl.LazyFrame, decided: pl.DataFrame) -> pl.LazyFrame:
    """Flattened rows, `excluded` as `decide` says."""
    number, of_task = pl.col("classification_id"), pl.struct("classification_id", "task_revision").hash()
    ids = decided["classification_id"]
    repeated = decided.explode("repeated", empty_as_null=False).select(
        "classification_id", task_revision="repeated"
    )
    in_pool = pl.coalesce(
        looked_up(number, ids, decided["excluded"]),
        pl.when(of_task.is_in(repeated.select(of_task).to_series().implode())).then(pl.lit("repeat")),
    )
    decided_anew = number.is_in(ids.implode()) & pl.col("excluded").ne_missing(LEFT_BRANCH)
    return rows.with_columns(pl.when(decided_anew).then(in_pool).otherwise("excluded").alias("excluded"))


def _rename(rows: pl.LazyFrame, renamed: pl.DataFrame, option: OptionColumns) -> pl.LazyFrame:
    """Replace the parts of an option by those of the newest version."""
    old = f"old_{option.key_part}"
    of_kind = renamed.filter(pl.col("kind") == option.kind, pl.col(old).is_not_null())
    known = of_kind.unique([*_TASK, old], keep="none").rename({old: option.key})
    if known.is_empty():
        return rows
    # Few different options, many rows: no join, which would move all columns of the rows.
    of_option = pl.struct(*_TASK, option.key).hash()
    numbers = known.select(of_option).to_series()
    is_known = pl.col(option.key).is_not_null() & of_option.is_in(numbers.implode())
    new = {name: looked_up(of_option, numbers, known[f"new_{part}"]) for part, name in option.columns.items()}
    return rows.with_columns(
        pl.when(is_known).then(each).otherwise(name).alias(name) for name, each in new.items()
    )
