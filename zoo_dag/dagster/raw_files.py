"""What follows from the raw files of classifications: the versions that exist, and what they say about subjects.

An import stores it with the files. Since then somebody may have deleted or restored a file, or it was an earlier
version of zoo_dag that imported it.
"""

from collections.abc import Callable, Iterable

import dagster as dg
import polars as pl

from zoo_dag.dagster.data_versions import Versioned, by_content
from zoo_dag.dagster.partitions import register
from zoo_dag.dagster.project import Project
from zoo_dag.errors import TableError
from zoo_dag.exports.shown_subjects import shown_subjects
from zoo_dag.exports.subject_cells import read_subject_cells
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.raw_versions import update_raw_versions
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key

_SHOWN = TABLES["shown_subjects"]


def follow_raw_files(instance: dg.DagsterInstance, project: Project) -> list[str]:
    """Register the versions that have a raw file, and store what follows from the files where it is stale.

    Tables that were built from another file become stale, and so does the row accounting where one is missing.
    Returns the keys of the versions.
    """
    folder = project.folder
    changed = update_raw_versions(folder.tables)
    versions = folder.versions()
    register(instance, project, versions)
    store_of_files(folder, [key for key in versions if key in changed or lacks_shown_subjects(folder, key)])
    return versions


def lacks_shown_subjects(folder: DataFolder, key: str) -> bool:
    """Whether it is not stored what the rows of a version say about their subjects."""
    return not folder.tables.is_current(_SHOWN, key)


def store_of_files(folder: DataFolder, keys: Iterable[str]) -> list[str]:
    """Store what the raw files of versions say about their subjects, and return the keys of those.

    Of a damaged file nothing is stored: the runs that read it report it.
    """
    stored = []
    for key in keys:
        try:
            cells = read_subject_cells(folder.tables.scan(TABLES["raw_classifications"], key))
            (shown,) = shown_subjects(cells, [parse_key(key)])
            store_shown_subjects(folder, key, by_content(shown))
        except (TableError, pl.exceptions.PolarsError):
            continue
        stored.append(key)
    return stored


def store_shown_subjects(
    folder: DataFolder, key: str, shown: Versioned, publish: Callable[..., object] | None = None
) -> bool:
    """Store what the rows of a version say about their subjects (`shown_subjects`); returns whether that changed.

    `publish` is that of the tables, unless they are published together with others.
    """
    stored = folder.tables.data_version(_SHOWN, key)
    if folder.tables.is_current(_SHOWN, key) and stored == shown.metadata[DATA_VERSION]:
        return False
    (publish or folder.tables.publish)(_SHOWN, shown.frame.lazy(), shown.metadata, key)
    return True
