"""The checks of tables as asset checks: declared on, and reported by, the step that writes the table.

A check of its own would be a step of its own, which costs more than what it reads. A run is over one partition or
several, and has one result for all of them: Dagster records a result with a partition only for a run over one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.checks.examples import markdown
from zoo_dag.checks.finding import Check, Finding, Given, Verdict, verdict
from zoo_dag.checks.registry import checks_of
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import quoted

# Tables by name, each made when it is asked for.
Frames = Mapping[str, Callable[[], pl.LazyFrame]]


def specs(*tables: str) -> list[dg.AssetCheckSpec]:
    """The checks of tables, as the step that writes them declares them."""
    return [
        dg.AssetCheckSpec(check.name, asset=check.table, description=check.description)
        for check in checks_of(tables)
    ]


def selected(context: dg.AssetExecutionContext, tables: Iterable[str]) -> list[str]:
    """Those of the tables of a step that the run selects; none where it selects checks only."""
    return [name for name in tables if dg.AssetKey(name) in context.selected_asset_keys]


def results(
    context: dg.AssetExecutionContext,
    folder: DataFolder,
    tables: Iterable[str],
    own: Mapping[str, Frames] | None = None,
) -> Iterator[dg.AssetCheckResult]:
    """The results of those checks of tables that the run selects; to be yielded after the tables themselves.

    `own` gives, by partition, tables that the step has in another form than they are stored in.
    """
    now = datetime.now(UTC)
    of_run = _partitions_of_run(context)
    selected = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
    for check in checks_of(tables):
        if (check.table, check.name) in selected:
            found: dict[str | None, Finding] = {}
            for key in folder.tables.current_keys(TABLES[check.table]) if of_run is None else of_run:
                given = _Tables(folder.tables, key, own.get(key, {}) if own and key else {})
                found[key] = _look(context, check, Given(given, folder.settings, key, now))
            yield _result(check, verdict(found))


def _look(context: dg.AssetExecutionContext, check: Check, given: Given) -> Finding:
    """What a check finds. The tables are stored: a fault in a check must not stop what is made of them."""
    try:
        return check.look(given)
    except Exception as error:
        context.log.exception(f"The check {check.name} of {check.table} failed")
        told = f"The check itself failed ({type(error).__name__}: {quoted(error)})."
        return Finding(told, passed=False, grave=True, advice="Please report it; the log of the run has more.")


def partitions(context: dg.AssetExecutionContext, folder: DataFolder, table: str) -> list[str]:
    """The partitions that a run is over; all that are stored of a table where checks alone are run."""
    of_run = _partitions_of_run(context)
    keys = folder.tables.current_keys(TABLES[table]) if of_run is None else of_run
    return [key for key in keys if key is not None]


def _partitions_of_run(context: dg.AssetExecutionContext) -> list[str | None] | None:
    """The partitions of a run, [None] where its assets have none; None where checks alone are run."""
    if context.assets_def.partitions_def is None:
        return [None]
    with_keys = context.has_partition_key or context.has_partition_key_range
    return [*context.partition_keys] if with_keys else None


class _Tables(Mapping[str, pl.LazyFrame]):
    """The stored tables that belong to a partition, each looked up when it is asked for.

    Of a table with other partitions these are the versions of the workflow. A table that is not stored, or not as
    it is declared today, is empty.
    """

    def __init__(self, files: TableFiles, key: str | None, own: Frames) -> None:
        self._files = files
        self._key = key
        self._own = own

    def __getitem__(self, name: str) -> pl.LazyFrame:
        if name in self._own:
            return self._own[name]()
        table = TABLES[name]
        related = self._files.related_keys(table, self._key)
        keys = [key for key in related if self._files.is_current(table, key)]
        return self._files.scan_all(table, keys) if keys else table.empty().lazy()

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def _result(check: Check, found: Verdict) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = dict(found.numbers)
    if found.failing:
        metadata["partitions that do not pass"] = dg.MetadataValue.text(", ".join(found.failing))
    if found.examples is not None and found.examples.height:
        metadata["examples"] = dg.MetadataValue.md(markdown(found.examples))
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=check.table,
        passed=found.passed,
        severity=dg.AssetCheckSeverity.ERROR if found.grave else dg.AssetCheckSeverity.WARN,
        description=found.description,
        metadata=metadata,
    )
