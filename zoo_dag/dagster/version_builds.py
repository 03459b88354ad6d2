"""What the steps of workflow versions compute: from the data folder to files in a staging folder.

Another process can do it too (`zoo_dag.dagster.side_by_side`), so Dagster is not needed for it. The step puts the
files in place and reports them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.annotations.definitions import Definitions, read_definitions
from zoo_dag.consensus.seen import SEEN, seen_in_version
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.over_versions import decided
from zoo_dag.dagster.small_versions import are_few
from zoo_dag.exports import classifications as export_of_classifications
from zoo_dag.exports.grids import SHOWN
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import GIVEN_TEXTS, given_texts
from zoo_dag.store.table_files import N_ELEMENTS, N_MERGED, TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types import flatten_all
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.declaration import Aggregated, Consensus

CONSENSUS_TYPES = {each.table: each for each in consensus_types()}


class Computed(NamedTuple):
    """A table of a version, metadata to store with it, and the parameters that it was computed with."""

    frame: pl.LazyFrame | pl.DataFrame
    metadata: Mapping[str, str] = {}
    parameters: Sequence[Mapping[str, Any]] = ()


class BuiltFile(NamedTuple):
    """The file of a table of a version in the staging folder, and the parameters that it was computed with.

    `rows` are in it, where they are few and were computed in this process.
    """

    path: Path
    parameters: Sequence[Mapping[str, Any]] = ()
    rows: pl.DataFrame | None = None


# Tables by name.
Tables = Mapping[str, Computed]
# From the data folder, the keys of versions, the names of tables with what is to be stored with those of the first
# one, and a folder for temporary files to these tables, by key.
Compute = Callable[[DataFolder, Sequence[str], Mapping[str, Mapping[str, str]], Path], Mapping[str, Tables]]
# The files of tables by name, of versions by key.
Files = dict[str, dict[str, BuiltFile]]


@dataclass(frozen=True)
class Build:
    """Some tables of one version or several small ones, to be built in the folder `staging`.

    `metadata` is by key and table: what is stored with each. `keeps_rows` says whether the rows are needed
    afterwards.
    """

    compute: Compute
    folder: DataFolder
    metadata: Mapping[str, Mapping[str, Mapping[str, str]]]
    staging: Path
    keeps_rows: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The versions."""
        return tuple(self.metadata)

    def run(self) -> Files:
        """Build the tables; returns the files by version and table."""
        for key in self.keys:
            (self.staging / key).mkdir(exist_ok=True)
        names = self.metadata[self.keys[0]]
        computed = self.compute(self.folder, self.keys, names, self.staging)
        return {key: self._written(key, tables) for key, tables in computed.items()}

    def _written(self, key: str, tables: Tables) -> dict[str, BuiltFile]:
        files, built = self.folder.tables, {}
        # Several are built together where they are small.
        is_small = len(self.keys) > 1 or are_few(self.folder, [key])
        for name, each in tables.items():
            table, path = TABLES[name], self.staging / key / f"{name}.parquet"
            frame = table.conform(each.frame)
            if is_small and isinstance(frame, pl.LazyFrame):
                frame = frame.collect()
            rows = frame if isinstance(frame, pl.DataFrame) else None
            metadata = {**self.metadata[key][name], **each.metadata}
            if rows is not None and rows.is_empty():
                files.write_empty(table, path, metadata)
            else:
                files.write(frame.lazy(), path, metadata)
            built[name] = BuiltFile(path, each.parameters, rows if self.keeps_rows else None)
        return built


def parse(folder: DataFolder, keys: Sequence[str], names: Iterable[str], staging: Path) -> dict[str, Tables]:
    """`classifications` and `parsed_quarantine`."""
    parsed = (_parse(folder, alike, names, staging / alike[0]) for alike in _with_same_types(folder, keys))
    return {key: tables for versions in parsed for key, tables in versions.items()}


def _with_same_types(folder: DataFolder, keys: Sequence[str]) -> list[list[str]]:
    """The versions whose tasks have the same types, together."""
    types: dict[str, set[tuple[str, str]]] = {parse_key(key).version: set() for key in keys}
    if len(keys) > 1:
        tasks = folder.tables.scan_all(TABLES["tasks"], keys).select("workflow_version", "task", "task_type")
        for version, task, task_type in tasks.drop_nulls("task").unique().collect().iter_rows():
            types[version].add((task, task_type))
    alike: dict[frozenset[tuple[str, str]], list[str]] = {}
    for key in keys:
        alike.setdefault(frozenset(types[parse_key(key).version]), []).append(key)
    return list(alike.values())


def _parse(
    folder: DataFolder, keys: Sequence[str], names: Iterable[str], temporary: Path
) -> dict[str, dict[str, Computed]]:
    raw = folder.tables.scan_all(TABLES["raw_classifications"], keys)
    # What is small is read once. In one piece: Polars cannot format texts where a filter leaves nothing of a
    # piece, as of a version whose rows are all bad.
    parsed = parsed_rows(folder, keys, raw if len(keys) == 1 else raw.collect().rechunk().lazy(), temporary)
    typed = _by_version("classifications", parsed.classifications, keys)
    rejected = _by_version("parsed_quarantine", parsed.quarantine, keys)
    tables = {}
    for key in keys:
        n_elements = parsed.n_elements_of.get(parse_key(key).version, 0)
        computed = {
            "classifications": Computed(typed[key], {N_ELEMENTS: str(n_elements)}),
            "parsed_quarantine": Computed(rejected[key]),
        }
        tables[key] = {name: computed[name] for name in names}
    return tables


def parsed_rows(
    folder: DataFolder, keys: Sequence[str], raw: pl.LazyFrame, temporary: Path
) -> export_of_classifications.ParsedClassifications:
    """Raw rows of these versions, parsed; all rows, or those of a part of one version."""
    settings = folder.settings
    return export_of_classifications.parse_classifications(
        raw,
        folder.tables.scan_all(TABLES["tasks"], keys),
        settings,
        temporary,
        _subjects(folder, _workflow(keys[0])) if settings.exclusion.after_retirement else None,
    )


def _by_version(
    name: str, rows: pl.LazyFrame, keys: Sequence[str]
) -> Mapping[str, pl.LazyFrame] | Mapping[str, pl.DataFrame]:
    """The rows of a table by the key of their version; small ones of several versions are in memory."""
    if len(keys) == 1:
        return {keys[0]: rows}
    parts = rows.collect().partition_by("workflow_version", as_dict=True, maintain_order=True)
    empty = TABLES[name].empty()
    return {key: parts.get((parse_key(key).version,), empty) for key in keys}


def flatten(folder: DataFolder, keys: Sequence[str], names: Iterable[str], staging: Path) -> dict[str, Tables]:
    """The flattened tables and their quarantine."""
    files = folder.tables
    definitions = _definitions(files, keys) if len(keys) > 1 else {}
    defined = [key for key, each in definitions.items() if each.tasks and each.match == "exact"]
    if len(defined) < 2 or not are_apart(files, defined):
        return {key: _flatten(folder, key, names, staging / key) for key in keys}
    tables, n_merged = flatten_all.flatten_together(
        files.scan_all(TABLES["classifications"], defined),
        {parse_key(key).version: definitions[key] for key in defined},
        staging / defined[0],
    )
    parts = {name: _by_version(name, tables[name], defined) for name in names}

    def of(key: str) -> dict[str, Computed]:
        merged = {N_MERGED: str(n_merged.get(parse_key(key).version, 0))}
        return {name: Computed(rows[key], merged) for name, rows in parts.items()}

    return {key: of(key) if key in defined else _flatten(folder, key, names, staging / key) for key in keys}


def _definitions(files: TableFiles, keys: Sequence[str]) -> dict[str, Definitions]:
    """The definitions of small versions by key."""
    tasks = _by_version("tasks", files.scan_all(TABLES["tasks"], keys), keys)
    return {key: read_definitions(rows.lazy().collect()) for key, rows in tasks.items()}


def _flatten(folder: DataFolder, key: str, names: Iterable[str], temporary: Path) -> dict[str, Computed]:
    files = folder.tables
    flattened = flatten_all.flatten(
        files.scan(TABLES["classifications"], key),
        files.scan(TABLES["tasks"], key),
        temporary,
        folder.settings.exclusion.repeat,
    )
    merged = {N_MERGED: str(flattened.n_merged)}
    return {name: Computed(flattened.tables[name], merged) for name in names}


def combine(folder: DataFolder, keys: Sequence[str], names: Iterable[str], staging: Path) -> dict[str, Tables]:
    """Consensus tables."""
    of_tables = {name: _consensus(folder, keys, name, staging) for name in names}
    return {key: {name: tables[key] for name, tables in of_tables.items()} for key in keys}


def _subjects(folder: DataFolder, workflow_id: int) -> pl.LazyFrame | None:
    """The subjects of a workflow, where there are any."""
    table = TABLES["subjects"]
    is_stored = folder.tables.is_current(table)
    return folder.tables.scan(table).filter(workflow_id=workflow_id) if is_stored else None


def _workflow(key: str) -> int:
    return parse_key(key).workflow_id


def _consensus(folder: DataFolder, keys: Sequence[str], name: str, staging: Path) -> dict[str, Computed]:
    """The table `name` of versions."""
    files, consensus = folder.tables, CONSENSUS_TYPES[name]
    # Most versions have few types of tasks, and a query without rows costs as much as one with some.
    found = {
        key: Computed(TABLES[name].empty())
        for key in keys
        if all(files.are_empty(TABLES[source], [key]) for source in consensus.inputs)
    }
    others = [key for key in keys if key not in found]
    if consensus.versions_together and len(others) > 1 and are_apart(files, others):
        rows, _ = _aggregated(folder, others, consensus, staging / others[0])
        return found | {key: Computed(part) for key, part in _by_version(name, rows, others).items()}
    for key in others:
        rows, parameters = _aggregated(folder, [key], consensus, staging / key)
        found[key] = Computed(rows, parameters=[*parameters])
    return found


def are_apart(files: TableFiles, keys: Sequence[str]) -> bool:
    """Whether these versions have no classification in common, and no grids of subjects.

    What repeats in one classification is decided by its id, and what repeats in grids by volunteer and subject.
    """
    ids, table = pl.col("classification_id"), TABLES["classifications"]
    if not all(files.is_current(table, key) for key in keys):
        return False
    rows = files.scan_all(table, keys)
    counts = rows.select(pl.len(), ids.n_unique().alias("different"), grids=pl.col(SHOWN).count())
    n_rows, different, grids = counts.collect().row(0)
    return bool(n_rows == different and not grids)


def _aggregated(folder: DataFolder, keys: Sequence[str], consensus: Consensus, temporary: Path) -> Aggregated:
    """A consensus table of versions of a workflow."""
    sources = [folder.tables.scan_all(TABLES[source], keys) for source in consensus.sources]
    return aggregation(folder, keys, consensus).by_ranges(
        subject_ranges(sources), temporary / f"{consensus.table}-ranges"
    )


def aggregation(folder: DataFolder, keys: Sequence[str], consensus: Consensus) -> Aggregation:
    """What a consensus table of versions of a workflow is computed from."""
    files, name, workflow_id = folder.tables, consensus.table, _workflow(keys[0])
    annotations = {source: files.scan_all(TABLES[source], keys) for source in consensus.inputs}
    shared = decided(files, name, workflow_id)
    annotations |= {each: frame.lazy() for each, frame in shared.items()}
    if GIVEN_TEXTS in consensus.from_outside:
        annotations[GIVEN_TEXTS] = given_texts(folder, workflow_id).texts.lazy()
    tasks = files.scan_all(TABLES["tasks"], keys)
    repeat = folder.settings.exclusion.repeat
    annotations[SEEN] = seen_in_version(files.scan_all(TABLES["classifications"], keys), repeat)
    return Aggregation.prepare(consensus, annotations, tasks, VERSION, folder.settings)
