"""Reading stored tables, for Python users and for the command line."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import polars as pl

from zoo_dag.errors import TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import table_named
from zoo_dag.tables import Table
from zoo_dag.tables.versions import parse_version
from zoo_dag.wording.sentences import listed


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
        for column, value in (("workflow_id", workflow), ("workflow_version", wanted)):
            if value is not None and column in table.dtypes:
                frame = frame.filter(pl.col(column).cast(pl.String) == str(value))
        return frame
    if not files.keys(table):
        raise TableError(
            f"The table {name} does not exist yet in {files.name}. Run `zoo-dag run` first.{_asked_for(table)}"
        )
    keys = files.select_keys(table, workflow, wanted)
    if not keys:
        named = [f"{what} {each}" for what, each in (("version", version), ("workflow", workflow)) if each]
        raise TableError(f"The table {name} has no {' of '.join(named)}. It has {', '.join(files.keys(table))}.")
    return files.scan_all(table, keys)


def _asked_for(table: Table) -> str:
    """A sentence about the settings, for a table that they have to ask for."""
    if table.asked_for is None:
        return ""
    named = f"sets {table.asked_for}" if "." in table.asked_for else f"has [{table.asked_for}]"
    return f" It is built where zoo_dag.toml {named}."


def scan_subject_set(
    name: str,
    subject_set: int,
    data: str | os.PathLike[str] | None = None,
    workflow: int | None = None,
    version: str | None = None,
) -> pl.LazyFrame:
    """The rows of a table that are about a subject of a set; of subjects shown together, about any of them.

    Raises TableError for a table that is not about subjects, and for a set that no imported subjects export has.
    """
    frame = scan_table(name, data, workflow, version)
    columns = table_named(name).dtypes
    if "subject_set_id" in columns:
        return frame.filter(pl.col("subject_set_id") == subject_set)
    column = next((each for each in ("subject_ids", "subject_id") if each in columns), None)
    if column is None:
        raise TableError(f"The table {name} has no column subject_ids: it cannot be cut to a subject set.")
    rows = DataFolder.find(data).tables.scan(table_named("subjects")).filter(is_current=True)
    members = (
        rows.filter(subject_set_id=subject_set).select(pl.col("subject_id").cast(pl.String)).unique().collect()
    )
    if members.is_empty():
        there = rows.select(pl.col("subject_set_id").unique().sort().cast(pl.String)).collect().to_series()
        raise TableError(
            f"There is no subject set {subject_set}; there is {listed(there.drop_nulls()) or 'none'}."
        )
    ids = pl.col(column).cast(pl.String).str.split(";")
    return frame.filter(ids.list.set_intersection(members.to_series().to_list()).list.len() > 0)


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


class Selection(NamedTuple):
    """Which rows to write: of which data folder, and of which workflow, version or subject set."""

    data: str | None
    workflow: int | None
    version: str | None
    subject_set: int | None

    def scan(self, name: str) -> pl.LazyFrame:
        """The selected rows of a table."""
        where = (self.data, self.workflow, self.version)
        if self.subject_set is None:
            return scan_table(name, *where)
        return scan_subject_set(name, self.subject_set, *where)
