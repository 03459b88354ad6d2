"""Reading stored tables, for Python users and for the command line."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import table_named
from zoo_dag.tables.versions import parse_version


def scan_table(
    name: str,
    data: str | os.PathLike[str] | None = None,
    workflow: int | None = None,
    version: str | None = None,
) -> pl.LazyFrame:
    """A stored table as a LazyFrame; see `zoo_dag.scan`."""
    table = table_named(name)
    files = DataFolder.find(data).tables
    wanted = wanted_version(version)
    if not table.partition:
        frame = files.scan(table)
        columns = frame.collect_schema().names()
        for column, value in (("workflow_id", workflow), ("workflow_version", wanted)):
            if value is not None and column in columns:
                frame = frame.filter(pl.col(column).cast(pl.String) == str(value))
        return frame
    if not files.keys(table):
        raise TableError(f"The table {name} does not exist yet. Run `zoo-dag run` first.")
    keys = files.select_keys(table, workflow, wanted)
    if not keys:
        raise TableError(
            f"The table {name} has no version {version or ''} of workflow {workflow or 'any'}. "
            f"It has {', '.join(files.keys(table))}."
        )
    return files.scan_all(table, keys)


@contextmanager
def explaining_damage(data: str | os.PathLike[str] | None, names: Iterable[str]) -> Iterator[None]:
    """Raise TableError with the names of the files where reading these tables fails because files are damaged."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        damage = list(DataFolder.find(data).tables.damage(table_named(name) for name in names))
        if not damage:
            raise
        raise TableError(" ".join(damage)) from error


def wanted_version(version: str | None) -> str | None:
    """A workflow version in the form of the tables, without leading zeros. Raises TableError for other text."""
    if version is None:
        return None
    parts = parse_version(version)
    if parts is None:
        raise TableError(f"{version!r} is not a workflow version; expected <major>.<minor>, such as 13.19.")
    return f"{parts[0]}.{parts[1]}"
