"""The ledger group: where every row of the exports went, and the check that the sums match."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.automation import OnlyWithItsAsset
from zoo_dag.dagster.io_manager import Project, outputs
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.exports.subjects import parse_subjects
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.ledger.accounting import Unversioned, total_accounting, version_accounting
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flatten_all import QUARANTINE

SUMS_MATCH = "sums_match"


_BOOKED = ("tasks", "classifications", "parsed_quarantine", *flattened_tables(), QUARANTINE)


@dg.multi_asset(
    name="balance_version",
    outs=outs("version_accounting"),
    deps=["raw_versions", *_BOOKED],
    partitions_def=workflow_version,
    check_specs=[
        dg.AssetCheckSpec(
            SUMS_MATCH,
            asset="version_accounting",
            blocking=True,
            automation_condition=OnlyWithItsAsset(),
            description="Every row and every element of an annotation is in a table or in the quarantine.",
        )
    ],
)
def books_of_version(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Count what entered and what left each stage, and stop the consensus of a version that does not add up."""
    files = project.folder.tables
    books = {
        key: version_accounting(
            parse_key(key),
            files.scan(TABLES["raw_classifications"], key),
            {name: files.scan(TABLES[name], key) for name in _BOOKED},
        )
        for key in context.partition_keys
    }
    yield from outputs(context, project, "version_accounting", {key: book.lazy() for key, book in books.items()})
    wrong = {key: book.filter(~pl.col("balanced")).to_dicts() for key, book in books.items()}
    unbalanced = {key: rows for key, rows in wrong.items() if rows}
    yield dg.AssetCheckResult(
        check_name=SUMS_MATCH,
        asset_key="version_accounting",
        passed=not unbalanced,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_verdict(unbalanced, len(books)),
        metadata={"versions": len(books), "unbalanced": ", ".join(unbalanced) or "none"},
    )


def _verdict(unbalanced: dict[str, list[dict[str, Any]]], versions: int) -> str:
    if not unbalanced:
        return f"The sums of {versions} version{'s' if versions > 1 else ''} match."
    lines = [
        f"{key}, {row['stage']}: {row['rows_in']} {row['unit']} in, but {row['rows_out']} out, "
        f"{row['quarantined']} quarantined, {row['merged']} merged."
        for key, rows in unbalanced.items()
        for row in rows
    ]
    return f"{' '.join(lines)} This is a fault of zoo_dag: please report it; the consensus was not made."


_UNVERSIONED = ("imports", "raw_quarantine", "raw_subjects", "raw_workflows")


@dg.multi_asset(
    name="gather_books",
    outs=outs("accounting", "quarantine"),
    deps=["raw_versions", *_UNVERSIONED, "version_accounting", "parsed_quarantine", QUARANTINE],
    check_specs=checking.specs("accounting", "quarantine"),
)
def all_books(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Gather the books and the quarantine of all versions that are made, and not before an upgrade."""
    files, books, parsed = project.folder.tables, TABLES["version_accounting"], TABLES["parsed_quarantine"]
    tables = {name: files.scan(TABLES[name]) for name in _UNVERSIONED}
    rows_out = {
        kind: tables[f"raw_{kind}"].select(pl.len()).collect().item() for kind in ("subjects", "workflows")
    }
    imports, quarantine = tables["imports"].collect(), tables["raw_quarantine"].collect()
    yield dg.Output(
        total_accounting(
            files.scan_all(TABLES["raw_versions"]).collect(),
            files.scan_all(books, files.current_keys(books)).collect(),
            Unversioned(imports, quarantine, project.folder.forgotten(), rows_out),
        ),
        output_name="accounting",
    )
    with project.folder.spool() as spool:
        _, bad_subjects = parse_subjects(tables["raw_subjects"], spool)
        _, bad_workflows = parse_workflows(tables["raw_workflows"].collect())
        rows = [
            tables["raw_quarantine"],
            bad_subjects,
            bad_workflows.lazy(),
            files.scan_all(parsed, files.current_keys(parsed)),
        ]
        yield dg.Output(pl.concat([*rows, *_elements(project.folder)]), output_name="quarantine")
    yield from checking.results(context, project, ["accounting", "quarantine"])


def _elements(folder: DataFolder) -> Iterator[pl.LazyFrame]:
    """Rejected elements, with the file and the row of their classification."""
    table, raw = TABLES[QUARANTINE], TABLES["raw_classifications"]
    for key in folder.tables.current_keys(table):
        rejected = folder.tables.scan(table, key)
        source = folder.tables.scan(raw, key).select(
            pl.col("classification_id").cast(pl.Int64, strict=False), "source_file", "source_row"
        )
        found = rejected.drop("source_file", "source_row").join(
            source, on="classification_id", how="left", maintain_order="left"
        )
        yield found.select(table.dtypes.names())
