"""The summary that a run prints: where the rows went, what needs attention, and what to do next."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.revisions import SPLITS, questions_stay_the_same
from zoo_dag.dagster.runs.requests import FailedCheck, Outcome
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS
from zoo_dag.tables.versions import VersionKey, damaged, parse_key
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.wording.sentences import counted

_WARNINGS_SHOWN = 12
# Matches of a definition that are not exact, and what they mean.
_NOT_EXACT = (
    ("none", "no definition in a workflows export: labels as exported, options not known"),
    ("fallback", "not in the workflows export: options are those of the version the server used instead"),
)


@dataclass
class VersionSummary:
    """The row accounting of one workflow version."""

    workflow_id: int
    workflow_version: str
    rows_read: int
    merged: int
    quarantined: int
    excluded: dict[str, int]
    counted: int
    elements_quarantined: int
    definition: str
    recomputed: bool


@dataclass
class Summary:
    """The summary of a run, for people and (as JSON) for machines."""

    data: str
    files: list[dict[str, Any]]
    versions: list[VersionSummary]
    rows_without_version: int
    balanced: bool
    notes: list[str] = field(default_factory=list)
    warnings: list[FailedCheck] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return asdict(self)


def summarise(folder: DataFolder, outcome: Outcome) -> Summary:
    """Read the summary of a run from the ledger."""
    files = folder.tables
    accounting = files.scan_all(TABLES["accounting"]).collect() if files.is_current(TABLES["accounting"]) else None
    exports = [
        {"file": str(export.path), "kind": export.kind, "columns": export.n_known_columns}
        for export in outcome.findings.exports
    ]
    summary = Summary(str(folder.root), exports, [], 0, True, failures=outcome.failures, stages=outcome.stages)
    summary.warnings = [check for check in outcome.checks if not check.is_error]
    if accounting is None:
        return summary
    definitions = _definitions(folder, outcome.versions)
    summary.balanced = bool(accounting["balanced"].all())
    without = accounting.filter(
        pl.col("workflow_version").is_null() & pl.col("unit").str.starts_with("classifications")
    )
    summary.rows_without_version = int(without["quarantined"].sum())
    for key in outcome.versions:
        version = parse_key(key)
        rows = accounting.filter(workflow_id=version.workflow_id, workflow_version=version.version)
        stages = {row["stage"]: row for row in rows.to_dicts()}
        if "parsed" in stages:
            definition = definitions.get(key, "none")
            summary.versions.append(
                _version_summary(version, stages, definition, recomputed=key in outcome.changed)
            )
    summary.notes = _notes(folder, outcome, definitions)
    return summary


def _version_summary(
    version: VersionKey, stages: dict[str, dict[str, Any]], definition: str, *, recomputed: bool
) -> VersionSummary:
    raw, parsed = stages["raw"], stages["parsed"]
    reasons = {reason: parsed[f"excluded_{reason}"] for reason in EXCLUSION_REASONS}
    return VersionSummary(
        version.workflow_id,
        version.version,
        rows_read=raw["rows_in"],
        merged=raw["merged"],
        quarantined=parsed["quarantined"],
        excluded={reason: count for reason, count in reasons.items() if count},
        counted=parsed["rows_out"] - parsed["excluded"],
        elements_quarantined=stages["flattened"]["quarantined"],
        definition=definition,
        recomputed=recomputed,
    )


def _definitions(folder: DataFolder, keys: list[str]) -> dict[str, str]:
    """How the definition of each version was matched; versions that could not be built are absent."""
    table = TABLES["tasks"]
    definitions = {}
    for key in keys:
        if not folder.tables.is_current(table, key):
            continue
        matches = folder.tables.scan(table, key).select("version_match").head(1).collect()
        definitions[key] = matches.item() if matches.height else "none"
    return definitions


def _notes(folder: DataFolder, outcome: Outcome, definitions: dict[str, str]) -> list[str]:
    notes = [*outcome.notes, *(f"Ignored {problem}" for problem in outcome.findings.ignored)]
    table = TABLES["classifications"]
    live = (
        folder.tables.scan_all(table, [key for key in outcome.versions if folder.tables.is_current(table, key)])
        .group_by("workflow_id")
        .agg(pl.col("live_project").any().alias("launched"), (~pl.col("live_project")).sum().alias("before"))
    )
    for workflow, launched, before in live.sort("workflow_id").collect().iter_rows():
        if before and not launched:
            notes.append(f"Workflow {workflow} was never live: its {before:,} classifications count.")
    notes.extend(_splits(folder, sorted({parse_key(key).workflow_id for key in outcome.versions})))
    definitions_table = TABLES["workflow_versions"]
    if not folder.tables.is_current(definitions_table):
        return notes
    stored = folder.tables.scan(definitions_table).drop_nulls("version_minor")
    known = [
        VersionKey(*row)
        for row in stored.select("workflow_id", "version_major", "version_minor").collect().iter_rows()
    ]
    for version, candidates in damaged([parse_key(key) for key in outcome.versions], known).items():
        likely = " or ".join(candidate.version for candidate in candidates)
        notes.append(
            f"Version {version.version} of workflow {version.workflow_id} may be {likely}, damaged by a float."
        )
    reported = any(check.check == "version_is_defined" for check in outcome.checks)
    for match, meaning in () if reported else _NOT_EXACT:
        keys = [key for key, definition in definitions.items() if definition == match]
        if keys:
            notes.append(f"{', '.join(keys[:6])}{' …' if len(keys) > 6 else ''}: {meaning}.")
    if any(parse_key(key).workflow_id == 0 for key in outcome.versions):
        notes.append("A file has no column workflow_id: its rows are filed under workflow 0.")
    return notes


def _splits(folder: DataFolder, workflows: list[int]) -> Iterator[str]:
    """Tasks whose votes are counted apart though their text is the same; a check warns of other texts."""
    files, pooled = folder.tables, [each.pooled_table for each in consensus_types()]
    for workflow in map(str, workflows):
        if all(files.is_current(TABLES[name], workflow) for name in pooled):
            tables = {name: files.scan(TABLES[name], workflow) for name in pooled}
            inputs = CheckInput({**tables, "tasks": TABLES["tasks"].empty().lazy()}, folder.settings, workflow)
            finding = questions_stay_the_same(inputs)
            if finding.passed and finding.numbers[SPLITS]:
                yield f"Workflow {workflow}: {finding.message}"


def show(summary: Summary, console: Console) -> None:
    """Print a summary for people."""
    table = RichTable(title="Classifications by workflow version", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("version", "read", "merged", "quarantined", "left out", "counted"):
        table.add_column(name, justify="left" if name == "version" else "right")
    for version in summary.versions:
        table.add_row(
            f"{version.workflow_id}-v{version.workflow_version}",
            f"{version.rows_read:,}",
            f"{version.merged:,}",
            f"{version.quarantined:,}",
            f"{sum(version.excluded.values()):,}",
            f"{version.counted:,}",
        )
    console.print(table)
    for version in summary.versions:
        if version.excluded:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in version.excluded.items())
            console.print(f"Left out of {version.workflow_id}-v{version.workflow_version}: {reasons}")
    rebuilt = sum(version.recomputed for version in summary.versions)
    console.print(f"{counted(rebuilt, 'versions')} rebuilt, {len(summary.versions) - rebuilt:,} unchanged.")
    if summary.rows_without_version:
        console.print(
            f"{summary.rows_without_version:,} rows without a readable workflow or version: quarantined."
        )
    elements = sum(version.elements_quarantined for version in summary.versions)
    if elements:
        console.print(f"{elements:,} elements of annotations quarantined.")
    console.print(f"{_sums(summary)} Where each row went: zoo-dag export accounting, quarantine.")
    _show_messages(summary, console)
    console.print(f"Tables: {summary.data}/tables", markup=False, soft_wrap=True)
    console.print(f"Inspect them: zoo-dag ui --data {summary.data}", markup=False, soft_wrap=True)


def _sums(summary: Summary) -> str:
    if not summary.balanced:
        return "[red]The sums do not match: see the table accounting.[/red]"
    # Tables of an earlier run may be stored, or none.
    return "Not everything could be built: see below." if summary.failures else "All sums match."


def _show_messages(summary: Summary, console: Console) -> None:
    for note in summary.notes:
        console.print(f"Note: {note}", markup=False)
    for warning in summary.warnings[:_WARNINGS_SHOWN]:
        console.print(f"Warning: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if len(summary.warnings) > _WARNINGS_SHOWN:
        more = f"{len(summary.warnings) - _WARNINGS_SHOWN:,} more warnings: see the checks in Dagster's pages."
        console.print(more, style="yellow", markup=False)
    for failure in summary.failures:
        console.print(f"Failed: {failure}", style="red", markup=False, soft_wrap=True)
