"""What a run is asked for, and what came of it: without Dagster, for the commands that may not need it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo_dag.errors import ExportError, ZooDagError
from zoo_dag.exports.files import ExportFiles, find_exports
from zoo_dag.store.data_folder import DataFolder
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
    """An asset check that did not pass in a run: its asset, partition, severity and description."""

    asset: str
    check: str
    partition: str | None
    severity: str
    description: str

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
    """The outcome of a run. `checks` are those that did not pass, `stages` the CPU seconds by stage."""

    findings: ExportFiles
    versions: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[FailedCheck] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)


def requested_exports(folder: DataFolder, request: Request) -> ExportFiles:
    """The exports that a request names.

    Raises ZooDagError where they, or the settings, have a problem, and where there are no classifications, neither
    in them nor from earlier imports.
    """
    folder.settings  # noqa: B018  (a problem in the settings is reported before anything is written)
    findings = find_exports(request.exports) if request.exports else ExportFiles(())
    kinds = {export.kind for export in findings.exports}
    if "classifications" in kinds or folder.tables.keys(TABLES["raw_classifications"]):
        return findings
    if not kinds:
        raise ZooDagError(f"Nothing was imported into {folder.root} yet. Name the exports: zoo-dag run EXPORT…")
    named = ", ".join(f"{export.path} is a {export.kind} export" for export in findings.exports)
    raise ExportError(f"No classifications: {named}. Name the classifications export too.")


def requested_versions(order: Sequence[str], request: Request) -> list[str]:
    """Those of these workflow versions that a request is about. Raises ZooDagError where it names others only."""
    versions = [key for key in order if parse_key(key).matches(request.workflow, request.version)]
    if not versions and (request.workflow, request.version) != (None, None):
        named = [("version", request.version), ("workflow", request.workflow)]
        wanted = " of ".join(f"{kind} {name}" for kind, name in named if name is not None)
        raise ZooDagError(f"There is no {wanted}; there is {', '.join(order) or 'nothing at all'}.")
    return versions


def partitions_of(versions: Sequence[str]) -> dict[Partition | None, Sequence[str | None]]:
    """The partitions of all tables that belong to these versions, by kind."""
    workflows = list(dict.fromkeys(str(parse_key(key).workflow_id) for key in versions))
    return {None: [None], "workflow_version": versions, "workflow": workflows}
