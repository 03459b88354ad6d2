"""The checks of tables as asset checks: declared on, and reported by, the step that writes the table.

A separate asset check would be a separate step, which costs more than the check itself. A run over several
partitions has one result for all of them: Dagster records a result with a partition only for a run over one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from zoo_dag.checks.evaluation import EmptyFindings, Frames, StoredTables
from zoo_dag.checks.examples import markdown
from zoo_dag.checks.finding import PASSED, Check, CheckInput, CheckResult, Finding, combine
from zoo_dag.checks.registry import checks_of
from zoo_dag.checks.standing import keep
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.small_versions import small_together
from zoo_dag.dagster.version_builds import are_apart
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import is_key


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
    folder = project.folder
    of_run = _partitions_of_run(context)
    evaluated = _Findings(context, folder, in_memory or {})
    selected = {(key.asset_key.path[-1], key.name) for key in context.selected_asset_check_keys}
    for check in checks_of(tables):
        if (check.table, check.name) in selected:
            findings = evaluated.of(
                check, folder.tables.current_keys(TABLES[check.table]) if of_run is None else of_run
            )
            keep(folder.tables, folder.settings, check, findings)
            yield _result(project.names, check, combine(findings))


class _Findings:
    """Evaluates checks; small versions together where that says the same of each.

    A query costs as much for one of them as for all.
    """

    def __init__(
        self, context: dg.AssetExecutionContext, folder: DataFolder, in_memory: Mapping[str, Frames]
    ) -> None:
        self._log, self._folder, self._in_memory = context.log.exception, folder, in_memory
        self._now, self._empty = datetime.now(UTC), EmptyFindings()
        self._together: dict[tuple[str, ...], list[list[str]]] = {}

    def of(self, check: Check, keys: Sequence[str | None]) -> dict[str | None, Finding]:
        """The findings by partition."""
        findings: dict[str | None, Finding] = {}
        for together in self._apart(keys) if check.adds_up and not self._in_memory else []:
            found = self._evaluate(check, together)
            if found.is_of_nothing:
                findings |= {**dict.fromkeys(together, PASSED), together[0]: found}
        return {key: findings[key] if key in findings else self._evaluate(check, [key]) for key in keys}

    def _apart(self, keys: Sequence[str | None]) -> list[list[str]]:
        """Those that can be evaluated together."""
        versions = tuple(key for key in keys if key and is_key(key))
        if versions not in self._together:
            several = (each for each in small_together(self._folder, versions) if len(each) > 1)
            self._together[versions] = [each for each in several if are_apart(self._folder.tables, each)]
        return self._together[versions]

    def _evaluate(self, check: Check, keys: Sequence[str | None]) -> Finding:
        in_memory = self._in_memory.get(keys[0] or "", {})
        frames = StoredTables(self._folder.tables, keys, in_memory)
        inputs = CheckInput(frames, self._folder.settings, keys[0] if len(keys) == 1 else None, self._now)
        return self._empty.evaluate(check, frames, inputs, self._log)


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
