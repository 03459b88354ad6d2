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
from zoo_dag.tables import TABLES


def combine(code_version: str | None, inputs: Mapping[str, str]) -> str:
    """The data version of a table made by some code from some inputs."""
    text = "\n".join([code_version or "", *(f"{name}={inputs[name]}" for name in sorted(inputs))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def input_versions(spec: dg.AssetSpec, files: TableFiles, key: str | None) -> dict[str, str]:
    """The data versions of the inputs of an asset, as stored, for a workflow version."""
    versions = {}
    for name in _input_names(spec):
        table = TABLES[name]
        own = key if table.partitioned else None
        if table.partitioned and key is None:
            stored = [files.metadata(table, each).get(DATA_VERSION, "") for each in files.keys(table)]
            versions[name] = combine(None, {str(number): version for number, version in enumerate(stored)})
        else:
            versions[name] = files.metadata(table, own).get(DATA_VERSION, "")
    return versions


def changed_versions(specs: Iterable[dg.AssetSpec], folder: DataFolder, keys: Iterable[str]) -> list[str]:
    """Those of the given workflow versions of which some table is missing, or was made from older data or code.

    `specs` are the partitioned assets, each after its inputs.
    """
    keys, specs = list(keys), list(specs)
    files = folder.tables
    workflow_versions = files.scan_all(TABLES["workflow_versions"]).collect()
    tasks = task_tables([parse_key(key) for key in keys], workflow_versions)
    changed = []
    for key in keys:
        expected = {"raw_classifications": files.metadata(TABLES["raw_classifications"], key)[DATA_VERSION]}
        for spec in specs:
            name = spec.key.path[-1]
            if name == "tasks":
                expected[name] = tasks_version(tasks[parse_key(key)], spec.code_version)
            else:
                inputs = {each: expected[each] for each in _input_names(spec)}
                expected[name] = combine(spec.code_version, inputs)
        stored = {spec.key.path[-1]: files.metadata(TABLES[spec.key.path[-1]], key) for spec in specs}
        if any(metadata.get(DATA_VERSION) != expected[name] for name, metadata in stored.items()):
            changed.append(key)
    return changed


def tasks_version(rows: pl.DataFrame, code_version: str | None) -> str:
    """The data version of the `tasks` of a workflow version: other versions of the workflow do not matter."""
    return combine(code_version, {"rows": hashlib.blake2b(rows.write_ndjson().encode()).hexdigest()})


def _input_names(spec: dg.AssetSpec) -> list[str]:
    return [dep.asset_key.path[-1] for dep in spec.deps]


def partitioned_specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    """The partitioned assets, each after its inputs."""
    waiting = {
        spec.key.path[-1]: spec
        for spec in definitions.resolve_all_asset_specs()
        if spec.partitions_def is not None
    }
    ordered: list[dg.AssetSpec] = []
    while waiting:
        ready = [
            name
            for name, spec in waiting.items()
            if not {dep.asset_key.path[-1] for dep in spec.deps} & set(waiting)
        ]
        ordered.extend(waiting.pop(name) for name in ready)
    return ordered
