"""What a run is asked for, and what came of it: without Dagster, for the commands that may not need it."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo_dag.checks.standing import standing
from zoo_dag.dagster.known_answers import require_answer_files
from zoo_dag.dagster.runs.brought import Brought
from zoo_dag.errors import ExportError, ZooDagError
from zoo_dag.exports.files import ExportFiles, find_exports
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import wanted_version
from zoo_dag.tables import TABLES, Partition
from zoo_dag.tables.versions import parse_key

Progress = Callable[[str, int, int], None]
ERROR = "ERROR"


@dataclass(frozen=True)
class Request:
    """What to run: exports, and which of the versions in them."""

    exports: tuple[Path, ...]
    workflow: int | None = None
    version: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class FailedCheck:
    """An asset check that did not pass in a run: its asset, partition, severity and description.

    `advice` is the end of the description that says what to do, where it is known.
    """

    asset: str
    check: str
    partition: str | None
    severity: str
    description: str
    advice: str = ""

    def __str__(self) -> str:
        """The asset, the check and the description."""
        of = f" of {self.partition}" if self.partition else ""
        return f"{self.asset}{of}, check {self.check}: {self.description}"

    @property
    def is_error(self) -> bool:
        """Whether it is an error, not a warning."""
        return self.severity == ERROR


@dataclass
class Outcome:
    """The outcome of a run. `checks` are those that did not pass, `stages` the CPU seconds by stage.

    `standing` are the checks that do not pass after it, also those of earlier runs: one for all partitions.
    """

    findings: ExportFiles
    versions: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[FailedCheck] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    brought: Brought = field(default_factory=Brought)
    standing: list[FailedCheck] = field(default_factory=list)

    def fail_on_errors(self) -> None:
        """Make failures of the checks of severity ERROR: of this run, and of those that stand besides."""
        of_run = [check for check in self.checks if check.is_error]
        named = {(check.asset, check.check) for check in of_run}
        before = [check for check in self.standing if check.is_error and (check.asset, check.check) not in named]
        # Several runs may fail for the same reason.
        self.failures = list(dict.fromkeys([*self.failures, *map(str, of_run), *map(str, before)]))


def requested_exports(folder: DataFolder, request: Request) -> ExportFiles:
    """The exports that a request names.

    Raises ZooDagError where they, or the settings, have a problem, and where there are no classifications, neither
    in them nor from earlier imports.
    """
    # A problem in the settings and their files is reported before anything is written.
    require_answer_files(folder)
    wanted_version(request.version)
    findings = find_exports(request.exports, folder.limits) if request.exports else ExportFiles(())
    kinds = {export.kind for export in findings.exports}
    if "classifications" in kinds or folder.tables.keys(TABLES["raw_classifications"]):
        return findings
    if not kinds:
        raise ZooDagError(
            f"Nothing was imported into {folder.address} yet. Name the exports: "
            f"zoo-dag run EXPORT… --data {shlex.quote(folder.address)}"
        )
    named = ", ".join(f"{export.path} is a {export.kind} export" for export in findings.exports)
    raise ExportError(f"No classifications: {named}. Name the classifications export too.")


def requested_versions(order: Sequence[str], request: Request) -> list[str]:
    """Those of these workflow versions that a request is about. Raises ZooDagError where it names others only."""
    wanted = wanted_version(request.version)
    versions = [key for key in order if parse_key(key).matches(request.workflow, wanted)]
    if versions or (request.workflow, wanted) == (None, None):
        return versions
    known = [parse_key(key) for key in order]
    of_workflow = [each.version for each in known if each.workflow_id == request.workflow]
    if of_workflow:
        raise ZooDagError(
            f"There is no version {wanted} of workflow {request.workflow}; there is {', '.join(of_workflow)}."
        )
    if request.workflow is not None:
        workflows = dict.fromkeys(str(each.workflow_id) for each in known)
        raise ZooDagError(f"There is no workflow {request.workflow}; there is {', '.join(workflows) or 'none'}.")
    raise ZooDagError(f"There is no version {wanted}; there is {', '.join(order) or 'none'}.")


def partitions_of(versions: Sequence[str]) -> dict[Partition | None, Sequence[str | None]]:
    """The partitions of all tables that belong to these versions, by kind."""
    workflows = list(dict.fromkeys(str(parse_key(key).workflow_id) for key in versions))
    return {None: [None], "workflow_version": versions, "workflow": workflows}


def standing_checks(folder: DataFolder, versions: Sequence[str]) -> list[FailedCheck]:
    """The checks of the tables of these versions that did not pass when they were written, by any run."""
    return [
        FailedCheck(
            each.check.table,
            each.check.name,
            each.keys[0] if len(each.keys) == 1 else None,
            ERROR if each.result.is_error else "WARN",
            each.result.description,
            each.result.advice,
        )
        for each in standing(folder.tables, folder.settings, partitions_of(versions))
    ]
