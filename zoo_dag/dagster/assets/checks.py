"""The checks of tables as asset checks: declared on, and reported by, the step that writes the table.

A separate asset check would be a separate step, which costs more than the check itself. A run over several
partitions has one result for all of them: Dagster records a result with a partition only for a run over one.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from zoo_dag.checks.evaluation import EmptyFindings, Frames, StoredTables
from zoo_dag.checks.examples import markdown
from zoo_dag.checks.finding import Check, CheckInput, CheckResult, Finding, combine
from zoo_dag.checks.registry import checks_of
from zoo_dag.checks.standing import keep
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.project import Project
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


def specs(names: Names, *tables: str) -> list[dg.AssetCheckSpec]:
    """The checks of tables, for the step that writes them to declare."""
    return [
        dg.AssetCheckSpec(check.name, asset=names.asset(check.table), description=check.description)
        for check in checks_of(tables)
    ]


def selected(context: dg.AssetExecutionContext, tables: Iterable[str]) -> list[str]:
    """The tables of a step that the run selects; none where it selects checks only."""
    selected = {key.path[-1] for key in context.selected_asset_keys}
    return [name for name in tables if name in selected]


def results(
    context: dg.AssetExecutionContext,
    project: Project,
    tables: Iterable[str],
    in_memory: Mapping[str, Frames] | None = None,
) -> Iterator[dg.AssetCheckResult]:
    """The results of those checks of tables that the run selects; to be yielded after the tables themselves.

    `in_memory` holds, by partition, tables that the step passes to the checks instead of the stored ones.
    """
    folder, now, empty = project.folder, datetime.now(UTC), EmptyFindings()
    of_run = _partitions_of_run(context)
    selected = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
    for check in checks_of(tables):
        if (check.table, check.name) in selected:
            findings: dict[str | None, Finding] = {}
            for key in folder.tables.current_keys(TABLES[check.table]) if of_run is None else of_run:
                frames = StoredTables(folder.tables, key, in_memory.get(key, {}) if in_memory and key else {})
                inputs = CheckInput(frames, folder.settings, key, now)
                findings[key] = empty.evaluate(check, frames, inputs, context.log.exception)
            keep(folder.tables, folder.settings, check, findings)
            yield _result(project.names, check, combine(findings))


def partitions(context: dg.AssetExecutionContext, folder: DataFolder, table: str) -> list[str]:
    """The partitions of a run; all stored ones of a table where the run has checks only."""
    of_run = _partitions_of_run(context)
    keys = folder.tables.current_keys(TABLES[table]) if of_run is None else of_run
    return [key for key in keys if key is not None]


def _partitions_of_run(context: dg.AssetExecutionContext) -> list[str | None] | None:
    """The partitions of a run, [None] where its assets have none; None where the run has checks only."""
    if context.assets_def.partitions_def is None:
        return [None]
    with_keys = context.has_partition_key or context.has_partition_key_range
    return [*context.partition_keys] if with_keys else None


def _result(names: Names, check: Check, result: CheckResult) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = dict(result.numbers)
    if result.failing:
        metadata["partitions that do not pass"] = dg.MetadataValue.text(", ".join(result.failing))
    if result.examples is not None and result.examples.height:
        metadata["examples"] = dg.MetadataValue.md(markdown(result.examples))
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=names.asset(check.table),
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.is_error else dg.AssetCheckSeverity.WARN,
        description=result.description,
        metadata=metadata,
    )
