"""Publishing: a step stores its tables and reports each to Dagster.

The tables on disk are published one complete file at a time, and contain their data versions. No IO manager
is used: a step may write a range of partitions, and dagster-polars neither keeps the previous table when a
query fails nor supports ranges.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster import event_tags
from zoo_dag.dagster.assets.declaration import with_code_version
from zoo_dag.dagster.data_versions import (
    PartitionKey,
    Versioned,
    Versions,
    combine,
    in_order,
    input_versions,
    name_of,
    wanted_versions,
)
from zoo_dag.dagster.metadata import describe
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES

Frame = pl.LazyFrame | pl.DataFrame | Versioned
Reported = dg.MaterializeResult[Any] | dg.AssetMaterialization


class Publisher:
    """Stores and reports the tables of a step.

    The data versions are taken when it is made, before the step reads anything: if an import changes the inputs
    meanwhile, the tables keep the version of what was there at the start, and are stale.
    """

    def __init__(
        self, context: dg.AssetExecutionContext, folder: DataFolder, keys: Collection[PartitionKey] = (None,)
    ) -> None:
        """Publish the selected tables of a step, for these partitions; an unpartitioned table has the key None."""
        self._context, self._folder = context, folder
        # With the current settings: those with which the code location was loaded may be older.
        specs = in_order(with_code_version(spec, folder.settings) for spec in context.assets_def.specs)
        self._specs = {name_of(spec): spec for spec in specs if spec.key in context.selected_asset_keys}
        self._versions: dict[str, Versions] = {}
        for name, spec in self._specs.items():
            self._versions[name] = wanted_versions(spec, folder, keys, self._versions)

    def publish(
        self,
        name: str,
        frames: Mapping[str, Frame] | Mapping[None, Frame],
        metadata: Mapping[str, Any] | None = None,
    ) -> Iterator[Reported]:
        """Store a table, or the partitions of it in a run, and report them; `metadata` applies to all of them."""
        table = TABLES[name]
        for key, frame in frames.items():
            rows, stored = frame if isinstance(frame, Versioned) else (frame, {})
            stored = {DATA_VERSION: self._versions[name][key], **stored}
            self._folder.tables.publish(table, table.conform(rows.lazy()), stored, key)
        yield from _report(self._context, self._folder, self._specs[name], [*frames], metadata or {})


def publish_raw(
    folder: DataFolder, name: str, frames: Mapping[str, Versioned], metadata: Mapping[str, Any]
) -> Iterator[Reported]:
    """Store the partitions of a raw table that one import wrote; for Dagster they are one asset."""
    files, table = folder.tables, TABLES[name]
    for key, frame in frames.items():
        files.publish(table, table.conform(frame.frame), frame.metadata, key)
    version = combine(None, {key: files.data_version(table, key) for key in files.keys(table)})
    yield dg.MaterializeResult(
        name, metadata={**describe(files, table, None), **metadata}, data_version=dg.DataVersion(version)
    )


def _report(
    context: dg.AssetExecutionContext,
    folder: DataFolder,
    spec: dg.AssetSpec,
    keys: list[PartitionKey],
    metadata: Mapping[str, Any],
) -> Iterator[Reported]:
    """Dagster's events for stored partitions, each with a separate data version and row count.

    Dagster stamps one data version on all partitions of a run over a range. So a range is followed by one more
    event for each partition.
    """
    files, name = folder.tables, spec.key.path[-1]
    table = TABLES[name]
    # For Dagster a workflow depends on the versions of all workflows. Without a pointer to the last event seen,
    # new versions of workflow B do not mark workflow A as stale.
    inputs = [dep.asset_key.to_user_string() for dep in spec.deps]
    unseen = {
        f"{event_tags.INPUT_EVENT_POINTER}{each}": event_tags.NO_EVENT
        for each in inputs
        if table.partition == "workflow"
    }
    if len(keys) == 1:
        (key,) = keys
        yield dg.MaterializeResult(
            name,
            metadata={**describe(files, table, key), **metadata},
            data_version=dg.DataVersion(files.data_version(table, key)),
            tags=unseen,
        )
        return
    yield dg.MaterializeResult(name, metadata=metadata, tags=unseen)
    pointers = unseen or _event_pointers(context.instance, inputs)
    for key in keys:
        tags = {
            event_tags.DATA_VERSION: files.data_version(table, key),
            event_tags.CODE_VERSION: spec.code_version or "",
            **{
                f"{event_tags.INPUT_DATA_VERSION}{each}": v for each, v in input_versions(spec, files, key).items()
            },
            **pointers,
        }
        yield dg.AssetMaterialization(
            asset_key=name, partition=key, tags=tags, metadata={**describe(files, table, key), **metadata}
        )


def _event_pointers(instance: dg.DagsterInstance, inputs: Iterable[str]) -> dict[str, str]:
    """The last event of each input that the asset has seen; Dagster searches for newer ones after it."""
    pointers = {}
    for name in inputs:
        newest = instance.fetch_materializations(dg.AssetKey(name), limit=1).records
        pointers[f"{event_tags.INPUT_EVENT_POINTER}{name}"] = (
            str(newest[0].storage_id) if newest else event_tags.NO_EVENT
        )
    return pointers
