"""The ledger group: where every row of the exports went, and the check that the sums match."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import StepCheck, step
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.project import Project
from zoo_dag.exports.cells import integer
from zoo_dag.exports.reads import quarantine_part
from zoo_dag.exports.subjects import parse_subjects
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.ledger.accounting import ElementCounts, RawPart, total_accounting, version_accounting
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import N_ELEMENTS, N_MERGED
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import LAYOUTS
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flattened_rows import QUARANTINE
from zoo_dag.wording.sentences import counted

_SUMS_MATCH = StepCheck(
    "sums_match",
    "version_accounting",
    "Every row and every element of an annotation is in a table or in the quarantine.",
    is_blocking=True,
)
_COUNTED = ("classifications", "parsed_quarantine", *flattened_tables(), QUARANTINE)
_SHARED = ("imports", "raw_quarantine", "raw_subjects", "raw_workflows")


@step("version_accounting", partition="workflow_version", more_checks=[_SUMS_MATCH])
def account_for_version(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Count the rows in and out of each stage, and stop the consensus of a version whose sums do not match."""
    folder = project.folder
    files = folder.tables
    publisher = Publisher(context, project, context.partition_keys)
    counted_tables = [(name, TABLES[name]) for name in _COUNTED]
    accounts = {
        key: version_accounting(
            parse_key(key),
            files.scan(TABLES["raw_classifications"], key),
            # Most have no rows, and a query without rows costs as much as one with some.
            {
                name: None if files.are_empty(table, [key]) else files.scan(table, key)
                for name, table in counted_tables
            },
            ElementCounts(
                int(files.metadata(TABLES["classifications"], key)[N_ELEMENTS]),
                int(files.metadata(TABLES[QUARANTINE], key)[N_MERGED]),
            ),
        )
        for key in context.partition_keys
    }
    yield from publisher.publish("version_accounting", accounts)
    wrong = {key: account.filter(~pl.col("balanced")).to_dicts() for key, account in accounts.items()}
    unbalanced = {key: rows for key, rows in wrong.items() if rows}
    yield dg.AssetCheckResult(
        check_name=_SUMS_MATCH.name,
        asset_key=project.names.asset(_SUMS_MATCH.table),
        passed=not unbalanced,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_result(unbalanced, len(accounts)),
        metadata={"versions": len(accounts), "unbalanced": ", ".join(unbalanced) or "none"},
    )


def _result(unbalanced: dict[str, list[dict[str, Any]]], versions: int) -> str:
    if not unbalanced:
        return f"The sums of {counted(versions, 'versions')} match."
    lines = [
        f"{key}, {row['stage']}: {row['rows_in']} {row['unit']} in, but {row['rows_out']} out, "
        f"{row['quarantined']} quarantined, {row['merged']} merged."
        for key, rows in unbalanced.items()
        for row in rows
    ]
    return f"{' '.join(lines)} This is a fault of zoo_dag: please report it; the consensus was not computed."


_GATHERED = ("accounting", "quarantine")


@step(*_GATHERED, can_subset=True)
def gather_accounting(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Gather the row accounting and the quarantine of all versions that are built and can be read."""
    folder = project.folder
    publisher = Publisher(context, project)
    tables = {name: folder.tables.scan(TABLES[name]) for name in _SHARED}
    gather = {"accounting": _accounting, "quarantine": _quarantine}
    with folder.staging() as staging:
        for name in checks.selected(context, _GATHERED):
            yield from publisher.publish(name, {None: gather[name](folder, tables, staging)})
    yield from checks.results(context, project, _GATHERED)


def _quarantine(folder: DataFolder, tables: dict[str, pl.LazyFrame], staging: Path) -> pl.LazyFrame:
    _, bad_subjects = parse_subjects(tables["raw_subjects"], staging)
    _, bad_workflows = parse_workflows(tables["raw_workflows"].collect())
    return pl.concat(
        [
            tables["raw_quarantine"],
            bad_subjects,
            bad_workflows.lazy(),
            _current(folder, "parsed_quarantine"),
            *_elements(folder),
        ]
    )


def _accounting(folder: DataFolder, tables: dict[str, pl.LazyFrame], _staging: Path) -> pl.LazyFrame:
    files, raw = folder.tables, TABLES["raw_classifications"]
    n_rows = {key: row_count(files.scan(raw, key)) for key in files.keys(raw)}
    n_rows |= {kind: row_count(tables[f"raw_{kind}"]) for kind in ("subjects", "workflows")}
    rejected = Counter(tables["raw_quarantine"].select("kind").collect()["kind"])
    n_rows |= {quarantine_part(kind): rejected[kind] for kind in LAYOUTS}
    return total_accounting(
        {part: RawPart(n_rows[part], reads) for part, reads in folder.reads().items()},
        _current(folder, "version_accounting").collect(),
        tables["imports"].collect(),
        folder.forgotten(),
    ).lazy()


def _current(folder: DataFolder, name: str) -> pl.LazyFrame:
    """All partitions of a table but those that another version of zoo_dag wrote, until they are rebuilt."""
    table = TABLES[name]
    return folder.tables.scan_all(table, folder.tables.current_keys(table))


def _elements(folder: DataFolder) -> Iterator[pl.LazyFrame]:
    """Rejected elements, with the file and the row of their classification."""
    table, raw = TABLES[QUARANTINE], TABLES["raw_classifications"]
    current = [key for key in folder.tables.current_keys(table) if not folder.tables.are_empty(table, [key])]
    for key in sorted({*current} & {*folder.tables.keys(raw)}, key=parse_key):
        rejected = folder.tables.scan(table, key)
        source = folder.tables.scan(raw, key).select(
            integer(pl.col("classification_id")), "source_file", "source_row"
        )
        located = rejected.drop("source_file", "source_row").join(
            source, on="classification_id", how="left", maintain_order="left"
        )
        yield located.select(table.dtypes.names())
