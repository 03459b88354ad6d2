"""Runs that have nothing to import and nothing to build: recognised without Dagster, which is slow to load."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from zoo_dag.checks.evaluation import StoredTables, evaluate
from zoo_dag.checks.finding import CheckInput, combine
from zoo_dag.checks.registry import checks_of
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.recipes import IMPORTED, recipes
from zoo_dag.dagster.runs.requests import (
    ERROR,
    FailedCheck,
    Outcome,
    Request,
    partitions_of,
    requested_versions,
    standing_checks,
)
from zoo_dag.errors import BusyError, TableError
from zoo_dag.exports.files import ExportFiles
from zoo_dag.exports.reads import stored_files
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.raw_versions import changed_raw_versions
from zoo_dag.tables import TABLES


def unchanged(folder: DataFolder, request: Request, findings: ExportFiles) -> Outcome | None:
    """The outcome of a run that finds every row imported and every table current; None where there is work.

    The checks of what was imported are evaluated again: some of them depend on the time. Nothing is written, and
    Dagster's history gets no run, since it would tell nothing. What other checks found still stands.
    """
    # In a new history the versions have to be registered.
    if request.replace or not folder.history_lock.exists():
        return None
    before = time.process_time()
    try:
        with folder.import_lock(wait=0):
            if not _is_imported(folder, findings) or not _follows_raw_files(folder):
                return None
            versions = requested_versions(folder.versions(), request)
            if stale_tables(recipes(folder.settings), folder, partitions_of(versions)):
                return None
            checks = list(_failed_checks(folder))
            others = [check for check in standing_checks(folder, versions) if check.asset not in IMPORTED]
    # A raw file that is damaged, or an import that is running, is the matter of a run.
    except (BusyError, TableError):
        return None
    stages = {"compare": round(time.process_time() - before, 3)}
    outcome = Outcome(findings, versions, checks=checks, stages=stages, standing=[*checks, *others])
    outcome.fail_on_errors()
    return outcome


def _is_imported(folder: DataFolder, findings: ExportFiles) -> bool:
    """Whether all rows of the exports are stored. A file is read only where one of its size was imported."""
    files = folder.tables
    if not all(
        files.keys(TABLES[name]) if TABLES[name].partition else files.exists(TABLES[name]) for name in IMPORTED
    ):
        return False
    imports = files.scan(TABLES["imports"]).collect()
    sizes = set(imports["n_bytes"])
    if not all(export.path.stat().st_size in sizes for export in findings.exports):
        return False
    stored = stored_files(imports, folder.reads())
    return all(export.sha256() in stored for export in findings.exports)


def _follows_raw_files(folder: DataFolder) -> bool:
    """Whether what follows from the raw files of classifications is stored, of them as they are."""
    shown = TABLES["shown_subjects"]
    return not changed_raw_versions(folder.tables) and all(
        folder.tables.is_current(shown, key) for key in folder.versions()
    )


def _failed_checks(folder: DataFolder) -> Iterator[FailedCheck]:
    inputs = CheckInput(StoredTables(folder.tables, [None], {}), folder.settings, None, datetime.now(UTC))
    for check in checks_of(IMPORTED):
        result = combine({None: evaluate(check, inputs, lambda _: None)})
        if not result.passed:
            severity = ERROR if result.is_error else "WARN"
            yield FailedCheck(check.table, check.name, None, severity, result.description, result.advice)
