"""From flattened tables to the consensus of a task type: the rows that count, and what the type makes of them."""

import polars as pl

from zoo_dag.consensus.parents import told_apart
from zoo_dag.consensus.repeats import without_repeats
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus

_FLATTENING = {each.flattening.table: each.flattening for each in TASK_TYPES}


def aggregate(
    consensus: Consensus, annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """The consensus table of a scope, with the columns of `zoo_dag.tables`.

    Takes all rows of its flattened tables and, by the name SEEN, how many saw each subject
    (`zoo_dag.consensus.seen`); and `tasks`. In a pool, what is the same in all versions (`over_versions`) is
    computed here.
    """
    rows = {name: counted(name, annotations[name], tasks, scope, settings) for name in consensus.sources}
    shared = {
        name: annotations[name] if name in annotations else decide(annotations)
        for name, decide in consensus.over_versions.items()
    }
    beside = {
        name: annotations[name].filter(pl.col("excluded").is_null())
        for name in consensus.seen
        if name in annotations
    }
    table, parameters = consensus.aggregate({**beside, **rows, **shared}, tasks, scope, settings)
    return Aggregated(complete(table, consensus.table, annotations[SEEN], scope), parameters)


def complete(table: pl.LazyFrame, name: str, seen: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """What a task type made of its rows, as the consensus table `name` of a scope: with `n_seen` and `asked`."""
    unit = [column for column in seen.collect_schema() if column != "n_seen"]
    joined = table.join(seen, on=unit, how="left", nulls_equal=True, maintain_order="left")
    asked = pl.col("n_classifications") / pl.col("n_seen")
    return TABLES[scope.table(name)].conform(joined.with_columns(asked=asked))


def counted(
    table: str, annotations: pl.LazyFrame, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> pl.LazyFrame:
    """The rows of a flattened table that count in a consensus: not excluded, and of elements that count.

    Takes all rows of the scope. `parent_task` is null where it tells no tasks apart (`parents.told_apart`).
    """
    return _of_elements(
        table, told_apart(annotations, tasks, scope).filter(pl.col("excluded").is_null()), settings
    )


def voting(
    consensus: Consensus, annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Annotations:
    """The rows that count, and those that experts made in gold-standard mode: these have true `gold: Boolean`.

    Takes all rows of its flattened tables.
    """
    is_gold = pl.col("excluded") == "gold_standard"
    voting = {
        name: told_apart(rows, tasks, scope)
        .filter(pl.col("excluded").is_null() | is_gold)
        .with_columns(gold=is_gold.fill_null(False))
        for name, rows in annotations.items()
    }
    return {
        name: _of_elements(name, rows, settings) if name in consensus.sources else rows
        for name, rows in voting.items()
    }


def _of_elements(table: str, rows: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    flattening = _FLATTENING[table]
    return without_repeats(rows, settings.consensus.of_repeated_task, flattening.one, flattening.questions)
