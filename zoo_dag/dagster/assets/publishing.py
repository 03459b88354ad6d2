"""Publishing: a step stores its tables and reports each to Dagster.

The tables on disk are published one complete file at a time, and contain their data versions. No IO manager
is used: a step may write a range of partitions, and dagster-polars neither keeps the previous table when a
query fails nor supports ranges.
"""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster import event_tags
from zoo_dag.dagster.assets.declaration import name_of
from zoo_dag.dagster.data_versions import (
    PartitionKey,
    StoredVersions,
    Versioned,
    Versions,
    combine,
    input_versions,
    wanted_versions,
)
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.partition_events import report_together
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.small_versions import are_few, small_together
from zoo_dag.dagster.version_builds import Build, BuiltFile, Compute
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.versions import is_key

Frame = pl.LazyFrame | pl.DataFrame | Versioned | BuiltFile
# By partition.
Metadata = Mapping[str, dict[str, Any]] | Mapping[None, dict[str, Any]]
Reported = dg.MaterializeResult[Any]


class Publisher:
    """Stores and reports the tables of a step.

    The data versions are taken when it is made, before the step reads anything: if an import changes the inputs
    meanwhile, the tables keep the version of what was there at the start, and are stale.
    """

    def __init__(
        self, context: dg.AssetExecutionContext, project: Project, keys: Collection[PartitionKey] = (None,)
    ) -> None:
        """Publish the selected tables of a step, for these partitions; an unpartitioned table has the key None."""
        folder = project.folder
        self._context, self._folder, self._names, self._keys = context, folder, project.names, keys
        # With the current settings: those with which the code location was loaded may be older.
        names = [name_of(spec) for spec in context.assets_def.specs if spec.key in context.selected_asset_keys]
        self._recipes = {each.name: each for each in recipes(folder.settings, names)}
        self._pointers = _EventPointers(context.instance, project.names)
        # What the reported tables were made from.
        self._inputs = StoredVersions(folder.tables)
        self._versions: dict[str, Versions] = {}
        stored = StoredVersions(folder.tables)
        for name, each in self._recipes.items():
            self._versions[name] = wanted_versions(each, folder, keys, self._versions, stored)

    def builds(self, compute: Compute, names: Iterable[str], staging: Path) -> list[Build]:
        """The builds of tables of the versions, for `side_by_side.built`; their files are for `publish`."""
        return [
            Build(
                compute,
                self._folder,
                {key: {name: self._metadata(name, key) for name in names} for key in together},
                staging,
                self._are_few,
            )
            for together in self._together
        ]

    @functools.cached_property
    def _together(self) -> list[list[str]]:
        return small_together(self._folder, [key for key in self._keys if key])

    @functools.cached_property
    def _are_few(self) -> bool:
        """Whether it publishes versions, and the tables of all of them may be in memory."""
        versions = [key for key in self._keys if key and is_key(key)]
        return bool(versions) and are_few(self._folder, versions)

    def publish(
        self,
        name: str,
        frames: Mapping[str, Frame] | Mapping[None, Frame],
        metadata: Metadata | None = None,
    ) -> Iterator[Reported]:
        """Store a table, or the partitions of it in a run, and report them; `metadata` is by partition."""
        table, at_hand = TABLES[name], dict[PartitionKey, pl.DataFrame]()
        for key, frame in frames.items():
            if isinstance(frame, BuiltFile):
                self._folder.tables.put_in_place(table, frame.path, key)
                at_hand |= {} if frame.rows is None else {key: frame.rows}
                continue
            rows, stored = frame if isinstance(frame, Versioned) else (frame, {})
            stored = self._metadata(name, key) | stored
            conformed = table.conform(rows)
            if isinstance(conformed, pl.DataFrame):
                at_hand[key] = conformed
            self._folder.tables.publish(table, conformed.lazy(), stored, key)
        if table.partition == "workflow_version":
            # What the tables were made from, or would have been.
            published = {*frames}
            self._folder.tables.remove_parts(table, lambda version: version in published)
        yield from self.report(name, [*frames], metadata, at_hand)

    def report(
        self,
        name: str,
        keys: list[PartitionKey],
        metadata: Metadata | None = None,
        at_hand: Mapping[PartitionKey, pl.DataFrame] | None = None,
    ) -> Iterator[Reported]:
        """Report a table, or partitions of it, that are stored; `metadata` is by partition.

        `at_hand` are the rows of those that need not be read.

        Each partition has a data version and a row count of its own. Dagster stamps one data version on all
        partitions of a run over a range. So a range is followed by one more event for each partition.
        """
        context, files, recipe, names = self._context, self._folder.tables, self._recipes[name], self._names
        table, rows, asset = TABLES[name], at_hand or {}, names.asset(name)
        besides = dict[PartitionKey, dict[str, Any]]((metadata or {}).items())
        # For Dagster a workflow depends on the versions of all workflows. Without a pointer to the last event
        # seen, new versions of workflow B do not mark workflow A as stale.
        unseen = {
            f"{event_tags.INPUT_EVENT_POINTER}{names.path(each)}": event_tags.NO_EVENT
            for each in recipe.inputs
            if table.partition == "workflow"
        }
        if len(keys) == 1:
            (key,) = keys
            described = describe(files, table, key, rows.get(key), names=names) | besides.get(key, {})
            _add_metadata(context, asset, described)
            version = dg.DataVersion(files.data_version(table, key))
            yield dg.MaterializeResult(asset, data_version=version, tags=unseen)
            return
        yield dg.MaterializeResult(asset, tags=unseen)
        seen = unseen or self._pointers.of(recipe.inputs)
        materializations = []
        for key, described in self._described(table, keys, rows).items():
            tags = {
                event_tags.DATA_VERSION: files.data_version(table, key),
                event_tags.CODE_VERSION: recipe.code_version,
                **{
                    f"{event_tags.INPUT_DATA_VERSION}{names.path(each)}": version
                    for each, version in input_versions(recipe, self._inputs, key).items()
                },
                **seen,
            }
            shown = described | besides.get(key, {})
            materializations.append(dg.AssetMaterialization(asset, partition=key, tags=tags, metadata=shown))
        report_together(context, materializations)
        self._pointers.forget(name)
        self._inputs.forget(name)

    def _described(
        self, table: Table, keys: Iterable[PartitionKey], rows: Mapping[PartitionKey, pl.DataFrame]
    ) -> dict[PartitionKey, dict[str, Any]]:
        """What the pages show of partitions of a table."""
        # For few rows the threads of the streaming engine cost more than the query. A name in place of an engine
        # would be a variable of the environment, which processes that start meanwhile get.
        with pl.Config(set_engine_affinity=pl.InMemoryEngine()) if self._are_few else nullcontext():
            return {
                key: describe(self._folder.tables, table, key, rows.get(key), names=self._names) for key in keys
            }

    def _metadata(self, name: str, key: PartitionKey) -> dict[str, str]:
        """What is stored with a table, or a partition of it: its data version, and how it is built."""
        return {DATA_VERSION: self._versions[name][key], **self._recipes[name].provenance}


def raw_version(files: TableFiles, name: str) -> str:
    """The data version of a table that an import writes: of all its files."""
    table = TABLES[name]
    if not table.partition:
        return files.data_version(table)
    return combine(None, {key: files.data_version(table, key) for key in files.keys(table)})


def report_raw(
    context: dg.AssetExecutionContext, project: Project, name: str, metadata: Mapping[str, Any]
) -> Iterator[Reported]:
    """Report a raw table that is stored as one file for each version; for Dagster they are one asset."""
    files, table, asset = project.folder.tables, TABLES[name], project.names.asset(name)
    version = raw_version(files, name)
    _add_metadata(context, asset, {**describe(files, table, None, names=project.names), **metadata})
    yield dg.MaterializeResult(asset, data_version=dg.DataVersion(version))


def _add_metadata(context: dg.AssetExecutionContext, asset: dg.AssetKey, metadata: Mapping[str, Any]) -> None:
    # As part of the result, Dagster would store it a second time, with the output of the step.
    context.add_asset_metadata(metadata, asset_key=asset)


class _EventPointers:
    """The last event of each input that an asset has seen; Dagster searches for newer ones after it.

    Most tables of a step have the same inputs: each is looked up once, until the step reports it itself.
    """

    def __init__(self, instance: dg.DagsterInstance, names: Names) -> None:
        self._instance, self._names = instance, names
        self._known: dict[str, str] = {}

    def of(self, inputs: Iterable[str]) -> dict[str, str]:
        """The tags with the pointers to these inputs."""
        for name in inputs:
            if name not in self._known:
                newest = self._instance.fetch_materializations(self._names.asset(name), limit=1).records
                self._known[name] = str(newest[0].storage_id) if newest else event_tags.NO_EVENT
        return {f"{event_tags.INPUT_EVENT_POINTER}{self._names.path(name)}": self._known[name] for name in inputs}

    def forget(self, name: str) -> None:
        """Look an asset up again."""
        self._known.pop(name, None)
