"""From flattened tables to the consensus of a task type: the rows that count, and what the type makes of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from zoo_dag.consensus.parents import told_apart
from zoo_dag.consensus.repeats import without_repeats
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.subject_ranges import EVERY_SUBJECT, SubjectRange, in_order
from zoo_dag.consensus.units import Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus

_FLATTENING = {each.flattening.table: each.flattening for each in TASK_TYPES}


def aggregate(
    consensus: Consensus, annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """The consensus table of a scope, all subjects at once; takes what `Aggregation.prepare` takes."""
    return Aggregation.prepare(consensus, annotations, tasks, scope, settings).whole()


@dataclass(frozen=True)
class Aggregation:
    """A consensus table that is to be computed, when everything is decided that concerns all subjects.

    `rows` are its sources, and those tables by name that `Consensus.aggregate` gets beside them.
    """

    consensus: Consensus
    rows: Annotations
    seen: pl.LazyFrame
    tasks: pl.LazyFrame
    scope: Scope
    settings: Settings

    @classmethod
    def prepare(
        cls,
        consensus: Consensus,
        annotations: Annotations,
        tasks: pl.LazyFrame,
        scope: Scope,
        settings: Settings,
    ) -> "Aggregation":
        """Take all rows of the flattened tables of a consensus, and `tasks`.

        By the name SEEN, `annotations` say how many saw each subject (`zoo_dag.consensus.seen`). In a pool, what
        is the same in all versions (`over_versions`) is computed here.
        """
        over_versions = {
            name: annotations[name] if name in annotations else decide(annotations)
            for name, decide in consensus.over_versions.items()
        }
        beside = {
            name: annotations[name].filter(pl.col("excluded").is_null())
            for name in consensus.seen
            if name in annotations
        }
        sources = {name: counted(name, annotations[name], tasks, scope, settings) for name in consensus.sources}
        outside = {name: annotations[name] for name in consensus.from_outside if name in annotations}
        rows = {**beside, **sources, **over_versions, **outside}
        decided = consensus.decide(rows, tasks, scope, settings)
        return cls(consensus, {**rows, **decided}, annotations[SEEN], tasks, scope, settings)

    def whole(self) -> Aggregated:
        """The table with the columns of `zoo_dag.tables`."""
        return self._of(self.rows)

    def parts(self, ranges: Sequence[SubjectRange]) -> Iterator[Aggregated]:
        """The table of one of the `ranges` of subjects after the other."""
        if tuple(ranges) == EVERY_SUBJECT:
            yield self.whole()
            return
        of_subjects = (*self.consensus.inputs, *self.consensus.from_outside)
        names = [name for name in self.rows if name not in of_subjects]
        decided = dict(zip(names, pl.collect_all([self.rows[name] for name in names]), strict=True))
        for subjects in ranges:
            yield self._of(
                {
                    name: decided[name].lazy() if name in decided else subjects.of(rows)
                    for name, rows in self.rows.items()
                }
            )

    def by_ranges(self, ranges: Sequence[SubjectRange], staging: Path) -> Aggregated:
        """The same table, of the subjects of all `ranges`; the rows of one of them are in memory at a time.

        Unless it is of every subject, a file for each is written to the folder `staging`, which is made. The table
        is read from these.
        """
        if tuple(ranges) == EVERY_SUBJECT:
            return self.whole()
        staging.mkdir()
        paths: list[Path] = []
        used: list[Mapping[str, Any]] = []
        for table, parameters in self.parts(ranges):
            paths.append(staging / f"{len(paths)}.parquet")
            # Read soon, and once.
            table.sink_parquet(paths[-1], compression="lz4")
            used += parameters
        scans = [pl.scan_parquet(path, glob=False) for path in paths]
        return Aggregated(in_order(scans, self.scope.task), different(used))

    def _of(self, rows: Annotations) -> Aggregated:
        table, parameters = self.consensus.aggregate(rows, self.tasks, self.scope, self.settings)
        return Aggregated(complete(table, self.consensus.table, self.seen, self.scope), parameters)


def different(parameters: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each record once, in the order of their values; unknown ones come first."""
    records = {tuple((value is not None, value) for value in record.values()): record for record in parameters}
    return [records[values] for values in sorted(records)]


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

    Takes all rows of its flattened tables. What is decided over all subjects is in the result as well.
    """
    is_gold = pl.col("excluded") == "gold_standard"
    voting = {
        name: told_apart(rows, tasks, scope)
        .filter(pl.col("excluded").is_null() | is_gold)
        .with_columns(gold=is_gold.fill_null(False))
        for name, rows in annotations.items()
    }
    rows = {
        name: _of_elements(name, each, settings) if name in consensus.sources else each
        for name, each in voting.items()
    }
    return {**rows, **consensus.decide(rows, tasks, scope, settings)}


def _of_elements(table: str, rows: pl.LazyFrame, settings: Settings) -> pl.LazyFrame:
    flattening = _FLATTENING[table]
    return without_repeats(rows, settings.consensus.of_repeated_task, flattening.one, flattening.questions)
