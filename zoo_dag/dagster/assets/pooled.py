"""The pooled group: consensus over all versions of a workflow, and one row for each of its subjects."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.consensus.pooling import decide, pool
from zoo_dag.consensus.subject_summary import subject_summary
from zoo_dag.consensus.units import POOLED
from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.consensus import parameters_of
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.io_manager import Project, outputs
from zoo_dag.dagster.partitions import workflow
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.catalogue import TASK_TYPES, consensus_types

_TYPES = {each.pooled_table: each for each in consensus_types()}
_SOURCES = sorted({source for each in _TYPES.values() for source in each.sources})
_OPTIONS = {each.flattening.table: each.flattening.options for each in TASK_TYPES}
_SHARED = ("classifications", "tasks", "version_accounting")
_SUMMARY = "subject_summary"
_ALL_VERSIONS = dg.AllPartitionMapping()
_DEPENDENCIES = {
    **{name: {*_SHARED, *each.sources} for name, each in _TYPES.items()},
    _SUMMARY: {"classifications", "tasks", "subjects", *_TYPES},
}


@dg.multi_asset(
    name="pool_versions",
    outs=outs(*_TYPES, _SUMMARY),
    # Dagster knows no mapping from versions to their workflow: a workflow waits for all versions that are made.
    deps=["subjects", *(dg.AssetDep(each, partition_mapping=_ALL_VERSIONS) for each in (*_SHARED, *_SOURCES))],
    internal_asset_deps={name: {dg.AssetKey(each) for each in given} for name, given in _DEPENDENCIES.items()},
    partitions_def=workflow,
    check_specs=checking.specs(*_TYPES, _SUMMARY),
    can_subset=True,
)
def pooled(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Make the consensus of each task revision from the versions of a workflow that are there, and the summary.

    What is decided over all versions is decided once for all tables, so they are made in one step.
    """
    folder = project.folder
    selected = context.op_execution_context.selected_output_names
    keys = checking.partitions(context, project, _SUMMARY)
    versions = {key: _Versions(folder, int(key)) for key in keys}
    missing = ", ".join(key for workflow_versions in versions.values() for key in workflow_versions.missing)
    for name, consensus_type in _TYPES.items():
        if name not in selected:
            continue
        made = {}
        for key, own in versions.items():
            annotations = {source: own.pooled(source) for source in consensus_type.sources}
            made[key] = consensus_type.aggregate(annotations, own.tasks, POOLED, folder.settings)
        metadata = {"versions not made yet": missing or "none", **parameters_of(made)}
        yield from outputs(context, project, name, {key: each.table for key, each in made.items()}, metadata)
    if _SUMMARY in selected:
        frames = {key: _summarise(folder, key, own) for key, own in versions.items()}
        yield from outputs(context, project, _SUMMARY, frames)
    own_tables = {key: own.for_checks for key, own in versions.items()}
    yield from checking.results(context, project, [*_TYPES, _SUMMARY], own_tables)


class _Versions:
    """The tables of all versions of a workflow that are complete, with what is decided over all of them."""

    def __init__(self, folder: DataFolder, workflow_id: int) -> None:
        self._files = folder.tables
        known = [key for key in folder.versions() if parse_key(key).workflow_id == workflow_id]
        needed = [TABLES[name] for name in (*_SHARED, *_SOURCES)]
        made = {key for key in known if all(folder.tables.is_current(table, key) for table in needed)}
        self._keys = [key for key in known if key in made]
        self.missing = [key for key in known if key not in made]
        self.tasks = self._scan("tasks")
        self.classifications = self._scan("classifications")
        each = [folder.tables.scan(TABLES["classifications"], key) for key in self._keys]
        self.decided = decide(each or [self.classifications], self.tasks, folder.settings.exclusion)

    def pooled(self, name: str) -> pl.LazyFrame:
        """A flattened table of all versions, as if they were one."""
        return pool(self._scan(name), self.tasks, self.decided, _OPTIONS[name])

    @property
    def for_checks(self) -> checking.Frames:
        """The tables that checks look at as they are in the pool."""
        source = "question_annotations"
        return {"classifications": lambda: self.classifications, source: lambda: self.pooled(source)}

    def _scan(self, name: str) -> pl.LazyFrame:
        return self._files.scan_all(TABLES[name], self._keys)


def _summarise(folder: DataFolder, workflow_id: str, versions: _Versions) -> pl.LazyFrame:
    subjects = folder.tables.scan(TABLES["subjects"]).filter(workflow_id=int(workflow_id))
    tasks = [(folder.tables.scan(TABLES[name], workflow_id), each.task_columns) for name, each in _TYPES.items()]
    return subject_summary(versions.classifications, versions.decided, subjects, tasks, folder.settings.agreement)
