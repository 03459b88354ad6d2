"""Inspecting exports without importing them: what they contain, and what would be quarantined."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zoo_dag.events.suggesting import Suggestion, suggest
from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.files import ExportFiles, find_exports
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import RawTables
from zoo_dag.exports.limits import Limits
from zoo_dag.exports.subjects import parse_subjects
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.settings.loading import Settings
from zoo_dag.store.working_files import temporary_folder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.flatten_all import flatten
from zoo_dag.task_types.flattened_rows import QUARANTINE


@dataclass(frozen=True)
class Inspection:
    """The content of exports: files, rows of each workflow version, the quarantine, and what may become events."""

    files: ExportFiles
    imports: pl.DataFrame
    versions: dict[str, int]
    quarantine: pl.DataFrame
    events: Suggestion | None = None


def inspect_exports(paths: Sequence[Path], settings: Settings) -> Inspection:
    """Read exports as an import would, into a temporary folder. Raises ExportError as `find_exports` does."""
    records = [TABLES[name].empty() for name in ("raw_quarantine", "imports", "forgotten")]
    nothing = RawTables({}, None, None, {}, *records)
    with temporary_folder() as staging:
        files = find_exports(paths, Limits(settings.importing, staging))
        imported = import_exports(files.exports, nothing, staging)
        quarantine = [imported.quarantine.lazy()] if imported.quarantine is not None else []
        metadata: list[pl.LazyFrame] = []
        workflow_versions = TABLES["workflow_versions"].empty()
        if imported.workflows is not None:
            workflow_versions, rejected = parse_workflows(imported.workflows.collect())
            quarantine.append(rejected.lazy())
        if imported.subjects is not None:
            subjects, unreadable = parse_subjects(imported.subjects, staging / "subjects")
            quarantine.append(unreadable)
            metadata.append(subjects.select("metadata"))
        tasks = task_tables([parse_key(key) for key in imported.classifications], workflow_versions)
        for key, version in imported.classifications.items():
            (staging / key).mkdir()
            if imported.subjects is None:
                metadata.append(version.shown_subjects.select("metadata"))
            definition = tasks[parse_key(key)].lazy()
            parsed = parse_classifications(version.frame, definition, settings, staging / key)
            quarantine.append(parsed.quarantine)
            flattened = flatten(parsed.classifications, definition, staging / key / "flattened")
            quarantine.append(flattened.tables[QUARANTINE])
        return Inspection(
            files,
            TABLES["imports"].empty() if imported.imports is None else imported.imports,
            {key: version.n_rows for key, version in imported.classifications.items()},
            pl.concat(quarantine).collect() if quarantine else TABLES["quarantine"].empty(),
            suggest(pl.concat(metadata).collect()["metadata"]) if metadata else None,
        )
