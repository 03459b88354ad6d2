"""The IO manager of zoo_dag: tables as Parquet files, LazyFrames in and out, published whole.

A partitioned asset hands over `{partition key: frame}` for all keys of its run, be it one or a range; an
unpartitioned one hands over a frame. None keeps the table as it is. dagster-polars is not used, because its reader
does not work with Polars 2 and its writer neither keeps the previous table when a query fails nor knows ranges.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
import polars as pl

from zoo_dag.dagster.data_versions import combine, input_versions
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.runs.lost_runs import tell_process
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, Table

_DATA_VERSION_TAG = "dagster/data_version"
_CODE_VERSION_TAG = "dagster/code_version"
_INPUT_VERSION_TAG = "dagster/input_data_version/"
_INPUT_POINTER_TAG = "dagster/input_event_pointer/"


class Stored(NamedTuple):
    """A frame with what is to be stored beside it, such as a data version of its own."""

    frame: pl.LazyFrame
    metadata: dict[str, str]


Frames = dict[str, pl.LazyFrame]
Value = pl.LazyFrame | pl.DataFrame | Stored | None


class Project(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data folder of the project."""

    data: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Let the run say which process executes it."""
        tell_process(context, self.folder.dagster_home)

    @property
    def folder(self) -> DataFolder:
        """Where everything lies."""
        return DataFolder(Path(self.data))


class TableIOManager(dg.ConfigurableIOManager):
    """Writes what assets hand over, and gives tables to the assets that ask for them."""

    data: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Let the run say which process executes it."""
        tell_process(context, DataFolder(Path(self.data)).dagster_home)

    @property
    def _files(self) -> TableFiles:
        return DataFolder(Path(self.data)).tables

    def handle_output(self, context: dg.OutputContext, obj: Value | Mapping[str, Value]) -> None:
        """Publish a table, or the given partitions of it, and describe them to Dagster."""
        table = TABLES[context.asset_key.path[-1]]
        if not isinstance(obj, Mapping):
            self._publish_unpartitioned(context, table, obj)
            return
        for key, value in obj.items():
            _publish(self._files, context.asset_spec, table, value, key)
        if not context.has_asset_partitions:
            # The raw stage: one asset, a file for each version.
            context.add_output_metadata(describe(self._files, table, None))
            version = combine(None, {key: self._files.data_version(table, key) for key in self._files.keys(table)})
            context.step_context.set_data_version(context.asset_key, dg.DataVersion(version))
        elif len(obj) == 1:
            (key,) = obj
            context.add_output_metadata(describe(self._files, table, key))
            version = self._files.data_version(table, key)
            context.step_context.set_data_version(context.asset_key, dg.DataVersion(version))

    def load_input(self, context: dg.InputContext) -> pl.LazyFrame | Frames:
        """A table as LazyFrame, or `{partition key: LazyFrame}` for the partitions of the run."""
        table = TABLES[context.asset_key.path[-1]]
        if not table.partition:
            return self._files.scan(table)
        return {key: self._files.scan(table, key) for key in context.asset_partition_keys}

    def _publish_unpartitioned(self, context: dg.OutputContext, table: Table, value: Value) -> None:
        if value is None and not self._files.exists(table):
            value = table.empty().lazy()
        if value is not None:
            _publish(self._files, context.asset_spec, table, value, None)
        context.add_output_metadata(describe(self._files, table, None))
        version = dg.DataVersion(self._files.data_version(table))
        context.step_context.set_data_version(context.asset_key, version)


def outputs(
    context: dg.AssetExecutionContext,
    project: Project,
    name: str,
    frames: Mapping[str, Value],
    metadata: Mapping[str, Any] | None = None,
) -> Iterator[dg.Output[Mapping[str, Value]] | dg.AssetMaterialization]:
    """Hand the partitions of a table to Dagster, with metadata that all of them share.

    Dagster stamps one data version on all partitions of a run over a range. So a range is followed by one more
    event for each partition, with the version and the row count that are its own.
    """
    files, table = project.folder.tables, TABLES[name]
    spec = context.assets_def.specs_by_key[dg.AssetKey(name)]
    # To Dagster a workflow depends on the versions of all workflows. So that it does not call the tables of one
    # unsynced when there is news of another, it is not told up to which event they have seen the versions.
    deps = [dep.asset_key.to_user_string() for dep in spec.deps]
    unseen = {f"{_INPUT_POINTER_TAG}{dep}": "NULL" for dep in deps if table.partition == "workflow"}
    yield dg.Output(frames, output_name=name, metadata=metadata, tags=unseen)
    if len(frames) == 1:
        return
    pointers = unseen or _event_pointers(context.instance, spec)
    for key in frames:
        inputs = {f"{_INPUT_VERSION_TAG}{each}": v for each, v in input_versions(spec, files, key).items()}
        tags = {
            _DATA_VERSION_TAG: files.data_version(table, key),
            _CODE_VERSION_TAG: spec.code_version or "",
            **inputs,
            **pointers,
        }
        yield dg.AssetMaterialization(
            asset_key=name, partition=key, tags=tags, metadata={**describe(files, table, key), **(metadata or {})}
        )


def _event_pointers(instance: dg.DagsterInstance, spec: dg.AssetSpec) -> dict[str, str]:
    """Up to which event of each input the asset has seen it: where Dagster looks for newer ones."""
    pointers = {}
    for dep in spec.deps:
        newest = instance.fetch_materializations(dep.asset_key, limit=1).records
        tag = f"{_INPUT_POINTER_TAG}{dep.asset_key.to_user_string()}"
        pointers[tag] = str(newest[0].storage_id) if newest else "NULL"
    return pointers


def _publish(files: TableFiles, spec: dg.AssetSpec, table: Table, value: Any, key: str | None) -> None:
    frame, metadata = value if isinstance(value, Stored) else (value, {})
    if DATA_VERSION not in metadata:
        metadata = {**metadata, DATA_VERSION: combine(spec.code_version, input_versions(spec, files, key))}
    files.publish(table, table.conform(frame.lazy()), metadata, key)
