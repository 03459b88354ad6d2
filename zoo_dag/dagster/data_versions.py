"""Data versions: they record the inputs of a stored table, and so show whether it is stale.

The version of a raw table is a hash of its content, that of `tasks` a hash of its rows. Every other table has a
hash of its code version and of the versions of its inputs, for each partition separately. What is decided once
over all versions of a workflow (`over_versions`) is an input by its content. The rule is Dagster's; it is computed
here because Dagster stamps one version on all partitions of a run over a range, and because the tables on disk
must be sufficient: their data versions are in the files, not only in Dagster's history.
"""

import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.dagster.known_answers import known_inputs
from zoo_dag.dagster.outside_tables import outside_tables
from zoo_dag.dagster.over_versions import decisions
from zoo_dag.dagster.recipes import AFTER_RETIREMENT, Recipe, not_asked_for
from zoo_dag.exports.content_hash import content_hash, content_hashes
from zoo_dag.exports.tasks import task_tables
from zoo_dag.settings.results import Pooling
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import GIVEN_TEXTS, sources_of_given_texts
from zoo_dag.store.rebuilds import requested_rebuilds
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES, Partition, Table
from zoo_dag.tables.versions import is_key, parse_key
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.posteriors import WEIGHED

PartitionKey = str | None
_WITH_GIVEN_TEXTS = {
    name
    for each in consensus_types()
    if GIVEN_TEXTS in each.from_outside
    for name in (each.table, each.pooled_table)
}
# Data versions by partition.
Versions = dict[PartitionKey, str]


class Versioned(NamedTuple):
    """A frame with metadata to store with it, among them a data version."""

    frame: pl.LazyFrame | pl.DataFrame
    metadata: dict[str, str]


def by_content(rows: pl.LazyFrame | pl.DataFrame) -> Versioned:
    """Rows with a data version that changes with them, whatever their position in a file."""
    frame = rows.lazy()
    return Versioned(frame, {DATA_VERSION: content_hash(frame)[0]})


def combine(code_version: str | None, inputs: Mapping[str, str]) -> str:
    """The data version of a table that a version of the code builds from inputs of these versions."""
    text = "\n".join([code_version or "", *(f"{name}={inputs[name]}" for name in sorted(inputs))])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class StoredVersions:
    """The data versions of stored tables, each looked up once, until it is forgotten for it is stored again."""

    def __init__(self, files: TableFiles) -> None:
        """Of no table yet."""
        self._files = files
        self._known: defaultdict[str, Versions] = defaultdict(dict)

    def of(self, table: Table, key: PartitionKey, partition: Partition | None) -> str:
        """Of what belongs to a partition `key` of another table, which is partitioned by `partition`."""
        known = self._known[table.name]
        if key not in known:
            known[key] = self._of(table, key, partition)
        return known[key]

    def forget(self, name: str) -> None:
        """Look a table up again."""
        self._known.pop(name, None)

    def _of(self, table: Table, key: PartitionKey, partition: Partition | None) -> str:
        related = self._files.related_keys(table, key)
        if table.partition in (None, partition):
            return self._files.data_version(table, *related)
        return combine(None, {str(each): self._files.data_version(table, each) for each in related})


def wanted_versions(
    recipe: Recipe,
    folder: DataFolder,
    keys: Iterable[PartitionKey],
    coming: Mapping[str, Versions] | None = None,
    stored: StoredVersions | None = None,
) -> Versions:
    """The data versions that partitions of a table should have, from what is stored or `coming`."""
    keys, files = list(keys), folder.tables
    known = stored or StoredVersions(files)
    decided = decisions(files, recipe.name, keys)
    besides = _retirement(recipe, folder) | outside_tables(folder, recipe.name)

    rebuilds = functools.cache(functools.partial(_rebuilds, folder))

    def wanted(key: PartitionKey) -> str:
        inputs = input_versions(recipe, known, key, coming) | rebuilds(_workflow_of(key)) | besides
        if recipe.name in WEIGHED:
            inputs |= known_inputs(folder, _workflow_of(key) or 0)
        of_workflow = decided.get(_workflow_of(key) or 0, {}) | _given_texts(recipe, folder, key)
        return combine(recipe.code_version, inputs | of_workflow)

    return {key: wanted(key) for key in keys}


def input_versions(
    recipe: Recipe, stored: StoredVersions, key: PartitionKey, coming: Mapping[str, Versions] | None = None
) -> dict[str, str]:
    """The data versions of the inputs of a table, for one of its partitions: as stored, or as in `coming`."""
    partition = TABLES[recipe.name].partition
    versions = {}
    for name in recipe.inputs:
        table = TABLES[name]
        if coming and table.partition == partition and key in coming.get(name, {}):
            versions[name] = coming[name][key]
        else:
            versions[name] = stored.of(table, key, partition)
    return versions


def stale_tables(
    recipes: Sequence[Recipe], folder: DataFolder, keys: Mapping[Partition | None, Iterable[PartitionKey]]
) -> dict[str, Versions]:
    """The stale or missing tables and partitions, each with the data version that it should have.

    `recipes` are in the order of their inputs; `keys` are the partitions to compare, by kind. Where an input has
    the same partitions and is stale itself, its new version counts: one run builds both.
    """
    files, unasked = folder.tables, not_asked_for(folder.settings)
    stored = StoredVersions(files)
    wanted: dict[str, Versions] = {}
    for recipe in recipes:
        name = recipe.name
        # Before the first import there is nothing to build from.
        imported = all(files.exists(TABLES[each]) for each in recipe.inputs if not TABLES[each].partition)
        partitions = list(keys.get(TABLES[name].partition, ())) if imported else []
        if name in unasked:
            # What the settings do not ask for is not built; where it was, it is emptied.
            partitions = [key for key in partitions if files.exists(TABLES[name], key)]
        if name == "tasks":
            wanted[name] = _tasks_versions(recipe, folder, [key for key in partitions if key])
        else:
            wanted[name] = wanted_versions(recipe, folder, partitions, wanted, stored)
    stale = {
        name: {
            key: version for key, version in versions.items() if files.data_version(TABLES[name], key) != version
        }
        for name, versions in wanted.items()
    }
    return {name: versions for name, versions in stale.items() if versions}


def tasks_versioned(folder: DataFolder, keys: list[str], code_version: str) -> dict[str, Versioned]:
    """The `tasks` of workflow versions, each with a hash of its rows as data version."""
    definitions = folder.tables.data_version(TABLES["workflow_versions"])
    tables = _tasks(folder.tables, definitions, tuple(keys), folder.settings.pooling)
    versioned, rebuilds = {}, functools.cache(functools.partial(_rebuilds, folder))
    for key, (rows, content) in tables.items():
        version = combine(code_version, {"rows": content} | rebuilds(_workflow_of(key)))
        versioned[key] = Versioned(rows, {DATA_VERSION: version})
    return versioned


@functools.lru_cache(maxsize=2)
def _tasks(
    files: TableFiles, _definitions: str, keys: tuple[str, ...], pooling: Pooling
) -> dict[str, tuple[pl.DataFrame, str]]:
    """The `tasks` of workflow versions, each with a hash of its rows."""
    # The search for stale tables asks often: definitions whose data version did not change are read once.
    known = files.scan(TABLES["workflow_versions"]).collect()
    tables = task_tables([parse_key(key) for key in keys], known, pooling)
    rows = [tables[parse_key(key)] for key in keys]
    # The hash does not depend on the order of rows, but that of tasks is the order of the workflow.
    hashes = content_hashes([frame.with_row_index() for frame in rows])
    return {key: (frame, content) for key, frame, content in zip(keys, rows, hashes, strict=True)}


def _workflow_of(key: PartitionKey) -> int | None:
    if key is None:
        return None
    return parse_key(key).workflow_id if is_key(key) else int(key)


def _rebuilds(folder: DataFolder, workflow_id: int | None) -> dict[str, str]:
    """Requested rebuilds of a workflow, as an additional input."""
    requested = requested_rebuilds(folder.root, workflow_id)
    return {"requested rebuilds": requested} if requested else {}


def _retirement(recipe: Recipe, folder: DataFolder) -> dict[str, str]:
    """The subjects, as an additional input of what depends on their retirement by a setting."""
    if not (folder.settings.exclusion.after_retirement and recipe.name in AFTER_RETIREMENT):
        return {}
    return {"subjects": folder.tables.data_version(TABLES["subjects"])}


def _given_texts(recipe: Recipe, folder: DataFolder, key: PartitionKey) -> dict[str, str]:
    """What given texts are read from, as additional inputs of the tables that need them."""
    return sources_of_given_texts(folder, _workflow_of(key)) if recipe.name in _WITH_GIVEN_TEXTS else {}


def _tasks_versions(recipe: Recipe, folder: DataFolder, keys: list[str]) -> Versions:
    if not folder.tables.is_current(TABLES["workflow_versions"]):
        return {}
    tables = tasks_versioned(folder, keys, recipe.code_version)
    return {key: versioned.metadata[DATA_VERSION] for key, versioned in tables.items()}
