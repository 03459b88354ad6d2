"""Building a large workflow version in parts, each in a run of its own.

What a row gives by itself, or a subject, is computed in parts: of neighbouring rows where they are parsed and
flattened, of neighbouring subjects where they are combined. A part is stored beside the table to be
(`zoo_dag.tables.parts`), with a data version that follows from that of the table. The step of the version makes
its tables from the parts, where all of them are there, and decides what depends on all rows. The tables are the
same as without parts, byte for byte.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import polars as pl

from zoo_dag import __version__
from zoo_dag.annotations.definitions import read_definitions
from zoo_dag.consensus import subject_ranges
from zoo_dag.consensus.units import VERSION
from zoo_dag.dagster import version_builds
from zoo_dag.dagster.data_versions import Versions, combine, wanted_versions
from zoo_dag.dagster.planner import Lacking
from zoo_dag.dagster.recipes import AFTER_RETIREMENT, recipe
from zoo_dag.dagster.version_builds import CONSENSUS_TYPES, Build, Compute, Computed, Tables
from zoo_dag.errors import TableError
from zoo_dag.exports.classifications import decided_together
from zoo_dag.settings.running import Running
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION, N_ELEMENTS, N_MERGED
from zoo_dag.tables import TABLES
from zoo_dag.tables.parts import Part, parse_part, parts_of
from zoo_dag.tables.row_count import row_count
from zoo_dag.task_types import flatten_all
from zoo_dag.task_types.aggregation import different
from zoo_dag.task_types.catalogue import flattened_tables
from zoo_dag.task_types.flattened_rows import QUARANTINE

# Metadata of a part of a consensus table: the parameters that it was computed with.
_PARAMETERS = "parameters"


def _always(_folder: DataFolder, _key: str, _names: Collection[str]) -> bool:
    return True


@dataclass(frozen=True)
class Divided:
    """The tables of a step: how they are computed for versions, for a part of one, and from its parts.

    It is called as `whole` is. `can_divide` says of some of its tables whether their parts can be computed alone.
    """

    tables: tuple[str, ...]
    whole: Compute
    part: Callable[[DataFolder, Part, Iterable[str], Path], Tables]
    of_parts: Callable[[DataFolder, str, Iterable[str], Sequence[str]], Tables]
    can_divide: Callable[[DataFolder, str, Collection[str]], bool] = _always

    def __call__(
        self,
        folder: DataFolder,
        keys: Sequence[str],
        names: Mapping[str, Mapping[str, str]],
        staging: Path,
    ) -> Mapping[str, Tables]:
        """The tables of versions: from the parts, where all are stored for the wanted data versions."""
        parts = _parts_of(folder, keys[0]) if len(keys) == 1 else None
        if parts and self.can_divide(folder, keys[0], names):
            wanted = {name: _of_part(metadata[DATA_VERSION]) for name, metadata in names.items()}
            if not _missing(folder, parts, wanted):
                return {keys[0]: self.of_parts(folder, keys[0], names, parts)}
        return self.whole(folder, keys, names, staging)


def large_versions(folder: DataFolder, keys: Iterable[str], settings: Running) -> dict[str, list[str]]:
    """The parts of those of these versions that have more rows than one run takes on."""
    most = settings.rows_per_run
    if most is None:
        return {}
    rows = {key: _n_rows(folder, key) for key in keys}
    return {key: parts_of(key, -(-n_rows // most)) for key, n_rows in rows.items() if n_rows > most}


def _parts_of(folder: DataFolder, key: str) -> list[str]:
    return large_versions(folder, [key], folder.settings.running).get(key, [])


def _n_rows(folder: DataFolder, key: str) -> int:
    """The raw rows of a version; none where the file is damaged, which the run of the version reports."""
    try:
        return int(folder.tables.metadata(_RAW, key).get("n_rows", 0))
    except TableError:
        return 0


def lacking_parts(
    folder: DataFolder, keys: Iterable[str], stale: Mapping[str, Versions]
) -> dict[str, list[Lacking]]:
    """For each large one of these versions what lacks parts, of the stale tables."""
    lacking: dict[str, list[Lacking]] = {}
    for key, parts in large_versions(folder, keys, folder.settings.running).items():
        lacking[key] = []
        for step in STEPS:
            wanted = {name: _of_part(stale[name][key]) for name in step.tables if key in stale.get(name, {})}
            if wanted and step.can_divide(folder, key, wanted) and (missing := _missing(folder, parts, wanted)):
                lacking[key].append(Lacking(wanted, missing))
    return lacking


def _missing(folder: DataFolder, parts: Iterable[str], wanted: Mapping[str, str]) -> tuple[str, ...]:
    """The parts that are not stored of each of these tables, with the data version that they should have."""
    stored = folder.tables.data_version
    return tuple(part for part in parts if any(stored(TABLES[name], part) != wanted[name] for name in wanted))


def _of_part(wanted: str) -> str:
    """The data version of a part of a table: parts fit together where the same code divided the version."""
    return combine(__version__, {"table": wanted, "ranges": str(subject_ranges.ROWS_AT_ONCE)})


def store_part(folder: DataFolder, key: str, names: Iterable[str]) -> None:
    """Compute a part of tables of a version, and store it beside them.

    Raises ValueError where `key` is none, and TableError for a table that is not made of parts.
    """
    part, names = parse_part(key), set(names)
    if unknown := names.difference(*(step.tables for step in STEPS)):
        raise TableError(f"No parts are made of {', '.join(sorted(unknown))}.")
    recipes = [recipe(name, folder.settings) for name in names]
    # Before anything is read: if the inputs change meanwhile, nothing is made from the part.
    wanted = {each.name: wanted_versions(each, folder, [part.version])[part.version] for each in recipes}
    with folder.staging() as staging:
        for step in STEPS:
            metadata = {name: {DATA_VERSION: _of_part(wanted[name])} for name in step.tables if name in names}
            if metadata:
                build = Build(_compute_part, folder, {key: metadata}, staging)
                for name, file in build.run()[key].items():
                    folder.tables.put_in_place(TABLES[name], file.path, key)


def _compute_part(
    folder: DataFolder, keys: Sequence[str], names: Iterable[str], staging: Path
) -> Mapping[str, Tables]:
    (key,), names = keys, list(names)
    (step,) = (step for step in STEPS if names[0] in step.tables)
    return {key: step.part(folder, parse_part(key), names, staging / key)}


def _part_of_parsed(folder: DataFolder, part: Part, names: Iterable[str], temporary: Path) -> Tables:
    raw = folder.tables.scan(_RAW, part.version)
    rows = part.of(_n_rows(folder, part.version))
    some = raw.slice(rows.start, rows.stop - rows.start)
    parsed = version_builds.parsed_rows(folder, [part.version], some, temporary)
    computed = {
        "classifications": Computed(parsed.classifications, {N_ELEMENTS: str(parsed.n_elements)}),
        "parsed_quarantine": Computed(parsed.quarantine),
    }
    return {name: computed[name] for name in names}


def _parsed_of_parts(folder: DataFolder, key: str, names: Iterable[str], parts: Sequence[str]) -> Tables:
    """Which rows are excluded is decided by all rows."""
    files = folder.tables
    tables = {name: Computed(files.scan_all(TABLES[name], parts)) for name in names}
    if "classifications" in tables:
        rows, tasks = tables["classifications"].frame.lazy(), files.scan(TABLES["tasks"], key)
        tables["classifications"] = Computed(
            decided_together(rows, tasks, folder.settings),
            {N_ELEMENTS: _sum(folder, "classifications", parts, N_ELEMENTS)},
        )
    return tables


def _part_of_flattened(folder: DataFolder, part: Part, names: Iterable[str], temporary: Path) -> Tables:
    rows, tasks = _rows_and_tasks(folder, part.version)
    own = part.of(row_count(rows))
    some = rows.slice(own.start, own.stop - own.start)
    flattened = flatten_all.flatten_part(some, tasks, temporary)
    merged = {N_MERGED: str(flattened.n_merged)}
    return {name: Computed(flattened.tables[name], merged) for name in names}


def _flattened_of_parts(folder: DataFolder, key: str, names: Iterable[str], parts: Sequence[str]) -> Tables:
    repeat = folder.settings.exclusion.repeat
    stored = {name: folder.tables.scan_all(TABLES[name], parts) for name in names}
    tables = flatten_all.of_parts(stored, *_rows_and_tasks(folder, key), repeat)
    return {name: Computed(tables[name], {N_MERGED: _sum(folder, name, parts, N_MERGED)}) for name in stored}


def _rows_and_tasks(folder: DataFolder, key: str) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    return folder.tables.scan(TABLES["classifications"], key), folder.tables.scan(TABLES["tasks"], key)


def _are_defined(folder: DataFolder, key: str, names: Collection[str]) -> bool:
    """Whether the tasks of a version are defined: else their types are learned of all rows.

    Where the definitions are those of another version, it takes all tables to know which tasks they are of.
    """
    if not folder.tables.is_current(TABLES["tasks"], key):
        return False
    definitions = read_definitions(folder.tables.scan(TABLES["tasks"], key).collect())
    return bool(definitions.tasks) and (definitions.match == "exact" or len(names) == len(FLATTENED.tables))


def _part_of_consensus(folder: DataFolder, part: Part, names: Iterable[str], temporary: Path) -> Tables:
    tables = {}
    for name in names:
        consensus, files = CONSENSUS_TYPES[name], folder.tables
        is_empty = all(files.are_empty(TABLES[source], [part.version]) for source in consensus.inputs)
        sources = [files.scan(TABLES[source], part.version) for source in consensus.sources]
        # The ranges of the whole version: where sums are rounded, it is the same sums.
        ranges = [] if is_empty else subject_ranges.subject_ranges(sources)
        if own := ranges[part.of(len(ranges))]:
            aggregation = version_builds.aggregation(folder, [part.version], consensus)
            rows, parameters = aggregation.by_ranges(own, temporary / f"{name}-ranges")
            tables[name] = Computed(rows, {_PARAMETERS: orjson.dumps(parameters).decode()})
        else:
            tables[name] = Computed(TABLES[name].empty().lazy())
    return tables


def _consensus_of_parts(folder: DataFolder, _key: str, names: Iterable[str], parts: Sequence[str]) -> Tables:
    files, tables = folder.tables, {}
    for name in names:
        used = [orjson.loads(files.metadata(TABLES[name], part).get(_PARAMETERS, "[]")) for part in parts]
        rows = subject_ranges.in_order([files.scan(TABLES[name], part) for part in parts], VERSION.task)
        tables[name] = Computed(rows, parameters=different(each for records in used for each in records))
    return tables


def _sum(folder: DataFolder, name: str, parts: Iterable[str], number: str) -> str:
    return str(sum(int(folder.tables.metadata(TABLES[name], part)[number]) for part in parts))


_RAW = TABLES["raw_classifications"]
PARSED = Divided(AFTER_RETIREMENT, version_builds.parse, _part_of_parsed, _parsed_of_parts)
FLATTENED = Divided(
    (*flattened_tables(), QUARANTINE),
    version_builds.flatten,
    _part_of_flattened,
    _flattened_of_parts,
    _are_defined,
)
CONSENSUS = Divided(tuple(CONSENSUS_TYPES), version_builds.combine, _part_of_consensus, _consensus_of_parts)
STEPS = (PARSED, FLATTENED, CONSENSUS)
