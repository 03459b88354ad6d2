"""Data versions: they record the inputs of a stored table, and so show whether it is stale.

The version of a raw table is a hash of its content, that of `tasks` a hash of its rows. Every other table has a
hash of its code version and of the versions of its inputs, for each partition separately. What is decided once
over all versions of a workflow (`over_versions`) is an input by its content. The rule is Dagster's; it is computed
here because Dagster stamps one version on all partitions of a run over a range, and because the tables on disk
must be sufficient: their data versions are in the files, not only in Dagster's history.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import dagster as dg
import polars as pl

from zoo_dag.dagster.over_versions import decisions
from zoo_dag.exports.content_hash import content_hash
from zoo_dag.exports.tasks import task_tables
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.rebuilds import requested_rebuilds
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, Partition
from zoo_dag.tables.versions import is_key, parse_key

PartitionKey = str | None
# The tables that read `subjects` where the setting `exclusion.after_retirement` is on. By default they do not
# depend on it, so that a new subjects export makes no version stale.
AFTER_RETIREMENT = ("classifications", "parsed_quarantine")
# Data versions by partition.
Versions = dict[PartitionKey, str]


class Versioned(NamedTuple):
    """A frame with metadata to store with it, among them a data version."""

    frame: pl.LazyFrame
    metadata: dict[str, str]


def by_content(rows: pl.LazyFrame | pl.DataFrame) -> Versioned:
    """Rows with a data version that changes with them, whatever their position in a file."""
    frame = rows.lazy()
    return Versioned(frame, {DATA_VERSION: content_hash(frame)[0]})


def combine(code_version: str | None, inputs: Mapping[str, str]) -> str:
    """The data version of a table that a version of the code builds from inputs of these versions."""
    text = "\n".join([code_version or "", *(f"{name}={inputs[name]}" for name in sorted(inputs))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def wanted_versions(
    spec: dg.AssetSpec,
    folder: DataFolder,
    keys: Iterable[PartitionKey],
    coming: Mapping[str, Versions] | None = None,
) -> Versions:
    """The data versions that partitions of an asset should have, from what is stored or `coming`."""
    keys, files = list(keys), folder.tables
    decided, retirement = decisions(files, name_of(spec), keys), _retirement(spec, folder)

    def wanted(key: PartitionKey) -> str:
        inputs = input_versions(spec, files, key, coming) | _rebuilds(folder, key) | retirement
        return combine(spec.code_version, inputs | decided.get(_workflow_of(key) or 0, {}))

    return {key: wanted(key) for key in keys}


def input_versions(
    spec: dg.AssetSpec, files: TableFiles, key: PartitionKey, coming: Mapping[str, Versions] | None = None
) -> dict[str, str]:
    """The data versions of the inputs of an asset, for one of its partitions: as stored, or as in `coming`."""
    partition = TABLES[name_of(spec)].partition
    versions = {}
    for name in input_names(spec):
        table = TABLES[name]
        if coming and table.partition == partition and key in coming.get(name, {}):
            versions[name] = coming[name][key]
        elif table.partition in (None, partition):
            versions[name] = files.data_version(table, *files.related_keys(table, key))
        else:
            related = files.related_keys(table, key)
            versions[name] = combine(None, {str(each): files.data_version(table, each) for each in related})
    return versions


def stale_tables(
    specs: Sequence[dg.AssetSpec], folder: DataFolder, keys: Mapping[Partition | None, Iterable[PartitionKey]]
) -> dict[str, Versions]:
    """The stale or missing tables and partitions, each with the data version that it should have.

    `specs` are assets, each after its inputs; `keys` are the partitions to compare, by kind. Where an input has
    the same partitions and is stale itself, its new version counts: one run builds both.
    """
    files = folder.tables
    wanted: dict[str, Versions] = {}
    for spec in specs:
        name = name_of(spec)
        # Before the first import there is nothing to build from.
        imported = all(files.exists(TABLES[each]) for each in input_names(spec) if not TABLES[each].partition)
        partitions = list(keys.get(TABLES[name].partition, ())) if imported else []
        if name == "tasks":
            wanted[name] = _tasks_versions(spec, folder, [key for key in partitions if key])
        else:
            wanted[name] = wanted_versions(spec, folder, partitions, wanted)
    stale = {
        name: {
            key: version for key, version in versions.items() if files.data_version(TABLES[name], key) != version
        }
        for name, versions in wanted.items()
    }
    return {name: versions for name, versions in stale.items() if versions}


def tasks_versioned(folder: DataFolder, keys: list[str], code_version: str | None) -> dict[str, Versioned]:
    """The `tasks` of workflow versions, each with a hash of its rows as data version."""
    known = folder.tables.scan(TABLES["workflow_versions"]).collect()
    tables = task_tables([parse_key(key) for key in keys], known, folder.settings.pooling)
    versioned = {}
    for key in keys:
        rows = tables[parse_key(key)]
        # The hash does not depend on the order of rows, but that of tasks is the order of the workflow.
        content = {"rows": content_hash(rows.lazy().with_row_index())[0]}
        version = combine(code_version, content | _rebuilds(folder, key))
        versioned[key] = Versioned(rows.lazy(), {DATA_VERSION: version})
    return versioned


def in_order(specs: Iterable[dg.AssetSpec]) -> list[dg.AssetSpec]:
    """Assets in an order in which each comes after its inputs."""
    waiting = {name_of(spec): spec for spec in specs}
    ordered: list[dg.AssetSpec] = []
    while waiting:
        ready = [name for name, spec in waiting.items() if not set(input_names(spec)) & set(waiting)]
        ordered.extend(waiting.pop(name) for name in ready)
    return ordered


def name_of(spec: dg.AssetSpec) -> str:
    """The table of an asset."""
    return spec.key.path[-1]


def input_names(spec: dg.AssetSpec) -> list[str]:
    """The tables that an asset is built from."""
    return [dep.asset_key.path[-1] for dep in spec.deps]


def _workflow_of(key: PartitionKey) -> int | None:
    if key is None:
        return None
    return parse_key(key).workflow_id if is_key(key) else int(key)


def _rebuilds(folder: DataFolder, key: PartitionKey) -> dict[str, str]:
    """Requested rebuilds of a partition, as an additional input."""
    requested = requested_rebuilds(folder.root, _workflow_of(key))
    return {"requested rebuilds": requested} if requested else {}


def _retirement(spec: dg.AssetSpec, folder: DataFolder) -> dict[str, str]:
    """The subjects, as an additional input of what depends on their retirement by a setting."""
    if not (folder.settings.exclusion.after_retirement and name_of(spec) in AFTER_RETIREMENT):
        return {}
    return {"subjects": folder.tables.data_version(TABLES["subjects"])}


def _tasks_versions(spec: dg.AssetSpec, folder: DataFolder, keys: list[str]) -> Versions:
    if not folder.tables.is_current(TABLES["workflow_versions"]):
        return {}
    tables = tasks_versioned(folder, keys, spec.code_version)
    return {key: versioned.metadata[DATA_VERSION] for key, versioned in tables.items()}
