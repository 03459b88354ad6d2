"""Data versions: what a stored table was made from, and so whether it has to be made again (DESIGN 1).

The version of a raw file is a hash of its stable content, that of `tasks` a hash of its rows. Every other table
has a hash of its code version and of the versions of its inputs, for each workflow version on its own. The rule
is Dagster's; it is computed here because Dagster stamps one version on all partitions of a run over a range.
"""

import hashlib
from collections.abc import Iterable, Mapping

import dagster as dg
import polars as pl

from zoo_dag.data_folder import DataFolder
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.versions import parse_key
from zoo_dag.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, Partition


def combine(code_version: str | None, inputs: Mapping[str, str]) -> str:
    """The data version of a table made by some code from some inputs."""
    text = "\n".join([code_version or "", *(f"{name}={inputs[name]}" for name in sorted(inputs))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def input_versions(spec: dg.AssetSpec, files: TableFiles, key: str | None) -> dict[str, str]:
    """The data versions of the inputs of an asset, as stored, for one of its partitions."""
    own = TABLES[spec.key.path[-1]]
    versions = {}
    for name in _input_names(spec):
        table = TABLES[name]
        if table.partition in (None, own.partition):
            versions[name] = _stored(files, name, key if table.partition else None)
        elif own.partition == "workflow_version":
            # The raw classifications are one asset with a file for each version.
            versions[name] = _stored(files, name, key)
        else:
            keys = files.select_keys(table, int(key) if key else None, None)
            versions[name] = combine(None, {each: _stored(files, name, each) for each in keys})
    return versions


def changed_versions(specs: Iterable[dg.AssetSpec], folder: DataFolder, keys: Iterable[str]) -> list[str]:
    """Those of the given workflow versions of which some table is missing, or was made from older data or code.

    `specs` are the assets partitioned by workflow version, each after its inputs.
    """
    keys, specs, files = list(keys), list(specs), folder.tables
    workflow_versions = files.scan_all(TABLES["workflow_versions"]).collect()
    tasks = task_tables([parse_key(key) for key in keys], workflow_versions, folder.settings.pooling)
    changed = []
    for key in keys:
        expected = {"raw_classifications": _stored(files, "raw_classifications", key)}
        for spec in specs:
            name = spec.key.path[-1]
            if name == "tasks":
                expected[name] = tasks_version(tasks[parse_key(key)], spec.code_version)
            else:
                inputs = {each: expected[each] for each in _input_names(spec)}
                expected[name] = combine(spec.code_version, inputs)
        if any(_stored(files, spec.key.path[-1], key) != expected[spec.key.path[-1]] for spec in specs):
            changed.append(key)
    return changed


def changed_workflows(specs: Iterable[dg.AssetSpec], folder: DataFolder, keys: Iterable[str]) -> list[str]:
    """Those of the given workflows of which some pooled table is missing, or was made from older data or code.

    `specs` are the assets partitioned by workflow, each after its inputs; tables of the versions are up to date.
    """
    files, specs = folder.tables, list(specs)
    changed = []
    for key in keys:
        for spec in specs:
            wanted = combine(spec.code_version, input_versions(spec, files, key))
            if _stored(files, spec.key.path[-1], key) != wanted:
                changed.append(key)
                break
    return changed


def tasks_version(rows: pl.DataFrame, code_version: str | None) -> str:
    """The data version of the `tasks` of a workflow version: other versions of the workflow do not matter."""
    return combine(code_version, {"rows": hashlib.blake2b(rows.write_ndjson().encode()).hexdigest()})


def _input_names(spec: dg.AssetSpec) -> list[str]:
    return [dep.asset_key.path[-1] for dep in spec.deps]


def partitioned_specs(definitions: dg.Definitions, partition: Partition) -> list[dg.AssetSpec]:
    """The assets with a partition for each workflow version, or each workflow; each after its inputs."""
    waiting = {
        spec.key.path[-1]: spec
        for spec in definitions.resolve_all_asset_specs()
        if spec.partitions_def is not None and TABLES[spec.key.path[-1]].partition == partition
    }
    ordered: list[dg.AssetSpec] = []
    while waiting:
        ready = [name for name, spec in waiting.items() if not set(_input_names(spec)) & set(waiting)]
        ordered.extend(waiting.pop(name) for name in ready)
    return ordered


def _stored(files: TableFiles, name: str, key: str | None) -> str:
    return files.metadata(TABLES[name], key).get(DATA_VERSION, "")
