"""The summary of a run: where the rows went, what needs attention, and what to do next."""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.revisions import SPLITS, questions_stay_the_same
from zoo_dag.dagster.runs.requests import FailedCheck, Outcome
from zoo_dag.exports.exclusion import is_listed
from zoo_dag.settings.results import Exclusion
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS
from zoo_dag.tables.versions import VersionKey, damaged, is_key, parse_key
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.wording.printable import printable
from zoo_dag.wording.sentences import counted, listed

# Where the tasks of a workflow are found, whether they are defined or not.
_WITH_TASKS = ("tasks", *(each.pooled_table for each in consensus_types()))


@dataclass
class VersionSummary:
    """The row accounting of one workflow version.

    `rows_read` and `merged` are those of all imports, `read_in_run` and `new_rows` those of this run. New rows are
    negative where `--replace` removed more than it brought.
    """

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
    read_in_run: int = 0
    new_rows: int = 0

    @property
    def key(self) -> str:
        """The partition key of the version."""
        return f"{self.workflow_id}-v{self.workflow_version}"

    @property
    def left_out(self) -> int:
        """Classifications that do not count, for any reason."""
        return sum(self.excluded.values())

    @property
    def is_changed(self) -> bool:
        """Whether the run built its tables, or brought or removed rows."""
        return self.recomputed or self.new_rows != 0


@dataclass
class Summary:
    """The summary of a run, for people and (as JSON) for machines.

    `warnings` are those of the checks of this run, by partition; `standing` all that do not pass after it, one for
    all partitions. `files` are the exports that were named, `files_read` those of them that were not imported
    before. `removed` are the versions of which the run left no rows, with the number of rows that they had.
    """

    data: str
    files: list[dict[str, Any]]
    versions: list[VersionSummary]
    rows_without_version: int
    balanced: bool
    notes: list[str] = field(default_factory=list)
    warnings: list[FailedCheck] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    standing: list[FailedCheck] = field(default_factory=list)
    files_read: list[dict[str, Any]] = field(default_factory=list)
    removed: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return asdict(self)

    def command(self, arguments: str) -> str:
        """A `zoo-dag` command on this data folder, to be pasted into a shell."""
        return f"zoo-dag {arguments} --data {shlex.quote(self.data)}"


def summarise(folder: DataFolder, outcome: Outcome) -> Summary:
    """Read the summary of a run from the ledger."""
    files = folder.tables
    accounting = files.scan_all(TABLES["accounting"]).collect() if files.is_current(TABLES["accounting"]) else None
    exports = [
        {"file": str(export.path), "kind": export.kind, "columns": export.n_known_columns}
        for export in outcome.findings.exports
    ]
    summary = Summary(folder.address, exports, [], 0, True, failures=outcome.failures, stages=outcome.stages)
    summary.warnings = [check for check in outcome.checks if not check.is_error]
    summary.standing = outcome.standing
    summary.files_read = [file._asdict() for file in outcome.brought.files]
    fewer = {key: -rows for key, rows in outcome.brought.new.items() if rows < 0 and is_key(key)}
    summary.removed = {key: fewer[key] for key in sorted(fewer.keys() - set(folder.versions()), key=parse_key)}
    if accounting is None:
        return summary
    definitions = _definitions(folder, outcome.versions)
    summary.balanced = bool(accounting["balanced"].all())
    without = accounting.filter(
        pl.col("workflow_version").is_null() & pl.col("unit").str.starts_with("classifications")
    )
    summary.rows_without_version = int(without["quarantined"].sum())
    stages: dict[tuple[int, str], dict[str, dict[str, Any]]] = {}
    for row in accounting.drop_nulls("workflow_version").to_dicts():
        stages.setdefault((row["workflow_id"], row["workflow_version"]), {})[row["stage"]] = row
    for key in outcome.versions:
        version = parse_key(key)
        of_version = stages.get((version.workflow_id, version.version), {})
        if "parsed" in of_version:
            each = _version_summary(
                version, of_version, definitions.get(key, "none"), recomputed=key in outcome.changed
            )
            each.read_in_run = outcome.brought.read.get(key, 0)
            each.new_rows = outcome.brought.new.get(key, 0)
            summary.versions.append(each)
    summary.notes = _notes(folder, outcome, summary)
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


def _notes(folder: DataFolder, outcome: Outcome, summary: Summary) -> list[str]:
    notes = [*outcome.notes, *(f"Ignored {problem}" for problem in outcome.findings.ignored)]
    notes.extend(_projects(folder))
    notes.extend(_listing_nothing(folder, outcome.versions))
    notes.extend(_pooling_nothing(folder))
    table = TABLES["classifications"]
    live = (
        folder.tables.scan_all(table, [key for key in outcome.versions if folder.tables.is_current(table, key)])
        .group_by("workflow_id")
        .agg(pl.col("live_project").any().alias("launched"), (~pl.col("live_project")).sum().alias("before"))
    )
    never_live = [
        f"{workflow} ({counted(before, 'classifications')})"
        for workflow, launched, before in live.sort("workflow_id").collect().iter_rows()
        if before and not launched
    ]
    if never_live:
        notes.append(f"Never live, so that nothing is left out as pre_launch: workflow {listed(never_live)}.")
    notes.extend(_splits(folder, sorted({parse_key(key).workflow_id for key in outcome.versions})))
    if any(parse_key(key).workflow_id == 0 for key in outcome.versions):
        notes.append("A file has no column workflow_id: its rows are filed under workflow 0.")
    # Only what is ours may have more than one line.
    return [*map(printable, notes), *_of_definitions(folder, outcome, summary)]


def _of_definitions(folder: DataFolder, outcome: Outcome, summary: Summary) -> Iterator[str]:
    """Versions that a float may have damaged; and where to get the definitions, if there are none."""
    table = TABLES["workflow_versions"]
    if not folder.tables.is_current(table):
        return
    stored = folder.tables.scan(table).collect()
    in_full = stored.drop_nulls("version_minor").select("workflow_id", "version_major", "version_minor")
    known = [VersionKey(*row) for row in in_full.iter_rows()]
    for version, candidates in damaged([parse_key(key) for key in outcome.versions], known).items():
        likely = " or ".join(candidate.version for candidate in candidates)
        yield f"Version {version.version} of workflow {version.workflow_id} may be {likely}, damaged by a float."
    if stored.is_empty() and outcome.versions:
        yield (
            "No workflows export is imported: labels are those in the classifications or missing, and options "
            "that nobody chose are not known. Get it from Zooniverse (Lab, your project, Data Exports, "
            f'"Request new workflow export"), and import it:\n  {summary.command("run workflows.csv")}'
        )


def _listing_nothing(folder: DataFolder, keys: list[str]) -> Iterator[str]:
    """Volunteers and versions that the settings exclude and no classification has: a typo would exclude nobody."""
    rules, table = folder.settings.exclusion, TABLES["classifications"]
    alone = {f'the volunteer "{user}"': Exclusion(users=(user,)) for user in rules.users}
    alone |= {f'the version "{version}"': Exclusion(versions=(version,)) for version in rules.versions}
    if not alone:
        return
    rows = folder.tables.scan_all(table, [key for key in keys if folder.tables.is_current(table, key)])
    found = rows.select(is_listed(rule).any().alias(entry) for entry, rule in alone.items()).collect()
    if missing := [entry for entry in alone if not found[entry].item()]:
        yield f"zoo_dag.toml excludes what no classification has: {listed(missing)}."


def _pooling_nothing(folder: DataFolder) -> Iterator[str]:
    """Entries of [pooling] that name no task of a version: a typo would join or divide nothing."""
    rules, files = folder.settings.pooling, folder.tables
    entries = dict.fromkeys((*rules.same, *rules.new))
    if not entries:
        return
    known = {f"{key.workflow_id} {key.version}" for key in map(parse_key, folder.versions())}
    if files.is_current(TABLES["workflow_versions"]):
        stored = files.scan(TABLES["workflow_versions"]).select("workflow_id", "version_major", "version_minor")
        known |= {f"{workflow} {major}.{minor or 0}" for workflow, major, minor in stored.collect().iter_rows()}
    tables = [(TABLES[name], key) for name in _WITH_TASKS for key in files.current_keys(TABLES[name])]
    rows = [files.scan(table, key).select("workflow_id", "task").unique() for table, key in tables]
    tasks = {f"{workflow} {task}" for frame in pl.collect_all(rows) for workflow, task in frame.iter_rows()}
    missing = []
    for entry in entries:
        task, _, version = entry.partition("@")
        if task not in tasks or f"{task.partition(' ')[0]} {version}" not in known:
            missing.append(f'"{entry}"')
    if missing:
        yield (
            f"zoo_dag.toml pools what no workflow has: {listed(missing)}. An entry is workflow, task and version, "
            'such as "3141 T0@4.11".'
        )


def _projects(folder: DataFolder) -> Iterator[str]:
    """The projects of the subjects exports, if there are several: no other export names its project."""
    table = TABLES["subjects"]
    if not folder.tables.is_current(table):
        return
    projects = (
        folder.tables.scan(table)
        .drop_nulls("project_id")
        .group_by("project_id")
        .agg(
            pl.col("subject_id").n_unique(),
            pl.col("workflow_id").filter(pl.col("workflow_id") > 0).unique().sort(),
        )
        .sort("project_id")
        .collect()
    )
    if projects.height > 1:
        each = [
            f"{project} ({counted(n_subjects, 'subjects')}, {_workflows(workflows)})"
            for project, n_subjects, workflows in projects.iter_rows()
        ]
        yield (
            f"The subjects are of {projects.height} projects: {' and '.join(each)}. All of them are built; a data "
            "folder for each project keeps them apart."
        )


def _workflows(ids: list[int]) -> str:
    return f"workflow{'s' if len(ids) > 1 else ''} {listed(map(str, ids))}" if ids else "in no workflow"


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


def left_out_by_workflow(versions: list[VersionSummary]) -> dict[int, Counter[str]]:
    """The classifications that do not count, by workflow and reason, in the order of the reasons."""
    reasons: dict[int, Counter[str]] = {}
    for version in versions:
        reasons.setdefault(version.workflow_id, Counter()).update(version.excluded)
    return {
        workflow: Counter({reason: counts[reason] for reason in EXCLUSION_REASONS if counts[reason]})
        for workflow, counts in reasons.items()
        if counts.total()
    }
