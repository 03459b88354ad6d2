"""Data versions: what a stored table was made from, and so whether it has to be made again (DESIGN 1).

The version of a raw table is a hash of its content, that of `tasks` a hash of its rows. Every other table has a
hash of its code version and of the versions of its inputs, for each partition on its own. The rule is Dagster's;
it is computed here because Dagster stamps one version on all partitions of a run over a range, and because the
tables on disk are the truth: they need no history to tell what they were made from.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import dagster as dg
import polars as pl

from zoo_dag.exports.tasks import task_tables
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES, Partition
from zoo_dag.tables.versions import parse_key

PartitionKey = str | None
Wanted = dict[PartitionKey, str]


def combine(code_version: str | None, inputs: Mapping[str, str]) -> str:
    """The data version of a table made by some code from some inputs."""
    text = "\n".join([code_version or "", *(f"{name}={inputs[name]}" for name in sorted(inputs))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def input_versions(
    spec: dg.AssetSpec, files: TableFiles, key: PartitionKey, coming: Mapping[str, Wanted] | None = None
) -> dict[str, str]:
    """The data versions of the inputs of an asset, for one of its partitions: as stored, or as they are coming."""
    own = TABLES[name_of(spec)]
    versions = {}
    for name in input_names(spec):
        table = TABLES[name]
        if coming and table.partition == own.partition and key in coming.get(name, {}):
            versions[name] = coming[name][key]
        elif table.partition in (None, own.partition):
            versions[name] = files.data_version(table, *files.related_keys(table, key))
        else:
            related = files.related_keys(table, key)
            versions[name] = combine(None, {str(each): files.data_version(table, each) for each in related})
    return versions


def out_of_date(
    specs: Sequence[dg.AssetSpec], folder: DataFolder, keys: Mapping[Partition | None, Iterable[PartitionKey]]
) -> dict[str, Wanted]:
    """What is missing, or was made from older data, code or settings: by asset and partition the wanted version.

    `specs` are assets, each after its inputs; `keys` are the partitions to look at, by kind. Where an input has
    the same partitions and is out of date itself, its own new version counts: one run makes both.
    """
    files = folder.tables
    wanted: dict[str, Wanted] = {}
    for spec in specs:
        name = name_of(spec)
        # Before the first import there is nothing to make anything from.
        imported = all(files.exists(TABLES[each]) for each in input_names(spec) if not TABLES[each].partition)
        own = list(keys.get(TABLES[name].partition, ())) if imported else []
        if name == "tasks":
            wanted[name] = _tasks_versions(spec, folder, [key for key in own if key])
        else:
            wanted[name] = {
                key: combine(spec.code_version, input_versions(spec, files, key, wanted)) for key in own
            }
    stale = {
        name: {
            key: version for key, version in versions.items() if files.data_version(TABLES[name], key) != version
        }
        for name, versions in wanted.items()
    }
    return {name: versions for name, versions in stale.items() if versions}


def partitions_of(stale: Mapping[str, Wanted], keys: Iterable[str]) -> list[str]:
    """Those of the given partitions of which some table is out of date, in their order."""
    found = {key for versions in stale.values() for key in versions}
    return [key for key in keys if key in found]


def tasks_version(rows: pl.DataFrame, code_version: str | None) -> str:
    """The data version of the `tasks` of a workflow version: other versions of the workflow do not matter."""
    return combine(code_version, {"rows": hashlib.blake2b(rows.write_ndjson().encode()).hexdigest()})


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
    """The tables that an asset is made from."""
    return [dep.asset_key.path[-1] for dep in spec.deps]


def _tasks_versions(spec: dg.AssetSpec, folder: DataFolder, keys: list[str]) -> Wanted:
    table = TABLES["workflow_versions"]
    if not folder.tables.is_current(table):
        return {}
    known = folder.tables.scan(table).collect()
    rows = task_tables([parse_key(key) for key in keys], known, folder.settings.pooling)
    return {key: tasks_version(rows[parse_key(key)], spec.code_version) for key in keys}
