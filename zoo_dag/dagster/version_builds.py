"""What the steps of a workflow version compute: from the data folder to files in a staging folder.

Another process can do it too (`zoo_dag.dagster.side_by_side`), so Dagster is not needed for it. The step puts the
files in place and reports them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.consensus.seen import SEEN, seen_in_version
from zoo_dag.consensus.subject_ranges import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster.over_versions import decided
from zoo_dag.exports import classifications as export_of_classifications
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import GIVEN_TEXTS, given_texts
from zoo_dag.store.table_files import N_ELEMENTS, N_MERGED
from zoo_dag.tables import TABLES
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types import flatten_all
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.catalogue import consensus_types

CONSENSUS_TYPES = {each.table: each for each in consensus_types()}


class Computed(NamedTuple):
    """A table of a version, metadata to store with it, and the parameters that it was computed with."""

    frame: pl.LazyFrame
    metadata: Mapping[str, str] = {}
    parameters: Sequence[Mapping[str, Any]] = ()


class BuiltFile(NamedTuple):
    """The file of a table of a version in the staging folder, and the parameters that it was computed with."""

    path: Path
    parameters: Sequence[Mapping[str, Any]] = ()


# From the data folder, the key of a version, the names of tables and a folder for temporary files to these tables.
Compute = Callable[[DataFolder, str, Iterable[str], Path], Mapping[str, Computed]]


@dataclass(frozen=True)
class Build:
    """Some tables of one version, to be built in the folder `staging`; `metadata` of each is stored with it."""

    compute: Compute
    folder: DataFolder
    key: str
    metadata: Mapping[str, Mapping[str, str]]
    staging: Path

    def run(self) -> dict[str, BuiltFile]:
        """Build the tables; returns the files by table."""
        temporary = self.staging / self.key
        temporary.mkdir(exist_ok=True)
        built = {}
        for name, each in self.compute(self.folder, self.key, self.metadata, temporary).items():
            path = temporary / f"{name}.parquet"
            metadata = {**self.metadata[name], **each.metadata}
            self.folder.tables.write(TABLES[name].conform(each.frame), path, metadata)
            built[name] = BuiltFile(path, each.parameters)
        return built


def parse(folder: DataFolder, key: str, names: Iterable[str], temporary: Path) -> dict[str, Computed]:
    """`classifications` and `parsed_quarantine`."""
    files, settings = folder.tables, folder.settings
    parsed = export_of_classifications.parse_classifications(
        files.scan(TABLES["raw_classifications"], key),
        files.scan(TABLES["tasks"], key),
        settings,
        temporary,
        _subjects(folder, parse_key(key).workflow_id) if settings.exclusion.after_retirement else None,
    )
    computed = {
        "classifications": Computed(parsed.classifications, {N_ELEMENTS: str(parsed.n_elements)}),
        "parsed_quarantine": Computed(parsed.quarantine),
    }
    return {name: computed[name] for name in names}


def flatten(folder: DataFolder, key: str, names: Iterable[str], temporary: Path) -> dict[str, Computed]:
    """The flattened tables and their quarantine."""
    files = folder.tables
    flattened = flatten_all.flatten(
        files.scan(TABLES["classifications"], key),
        files.scan(TABLES["tasks"], key),
        temporary,
        folder.settings.exclusion.repeat,
    )
    merged = {N_MERGED: str(flattened.n_merged)}
    return {name: Computed(flattened.tables[name], merged) for name in names}


def combine(folder: DataFolder, key: str, names: Iterable[str], temporary: Path) -> dict[str, Computed]:
    """Consensus tables."""
    return {name: _consensus(folder, key, name, temporary / f"{name}-ranges") for name in names}


def _subjects(folder: DataFolder, workflow_id: int) -> pl.LazyFrame | None:
    """The subjects of a workflow, where there are any."""
    table = TABLES["subjects"]
    is_stored = folder.tables.is_current(table)
    return folder.tables.scan(table).filter(workflow_id=workflow_id) if is_stored else None


def _consensus(folder: DataFolder, key: str, name: str, ranges_folder: Path) -> Computed:
    """The table `name` of a version; the folder is for the tables of several ranges of subjects."""
    files, consensus = folder.tables, CONSENSUS_TYPES[name]
    annotations = {source: files.scan(TABLES[source], key) for source in consensus.inputs}
    if not any(map(row_count, annotations.values())):
        # Most versions have few types of tasks, and a query without rows costs as much as one with some.
        return Computed(TABLES[name].empty().lazy())
    ranges = subject_ranges(annotations[source] for source in consensus.sources)
    shared = decided(files, name, parse_key(key).workflow_id)
    annotations |= {each: frame.lazy() for each, frame in shared.items()}
    if GIVEN_TEXTS in consensus.from_outside:
        annotations[GIVEN_TEXTS] = given_texts(folder, parse_key(key).workflow_id).texts.lazy()
    tasks = files.scan(TABLES["tasks"], key)
    repeat = folder.settings.exclusion.repeat
    annotations[SEEN] = seen_in_version(files.scan(TABLES["classifications"], key), repeat)
    aggregation = Aggregation.prepare(consensus, annotations, tasks, VERSION, folder.settings)
    aggregated = aggregation.by_ranges(ranges, ranges_folder)
    return Computed(aggregated.table, parameters=[*aggregated.parameters])
