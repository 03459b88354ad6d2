"""The declaration of a table, with its dtypes, its empty form, its check and its documentation."""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import polars as pl

from zoo_dag.tables.columns import Column
from zoo_dag.tables.identity import Identity
from zoo_dag.tables.layouts import Layout

Partition = Literal["workflow_version", "workflow"]
Frame = TypeVar("Frame", bound=pl.LazyFrame | pl.DataFrame)


@dataclass(frozen=True)
class Table:
    """A table: its name, its stage, its description, and its columns in the order in which they are stored.

    `partition` says for what a table has a file each: a workflow version, a workflow, or nothing. A table of
    a raw export has the `layout` of that export. An `open_ended` table has further columns after the declared
    ones, depending on the project; those of them whose names do not depend on it are `optional`.
    A table that is `asked_for` by a section of the settings, or by a setting, is not built without it.
    """

    name: str
    stage: str
    description: str
    columns: Mapping[str, Column]
    partition: Partition | None = "workflow_version"
    layout: Layout | None = None
    open_ended: bool = False
    optional: Mapping[str, Column] = field(default_factory=dict)
    asked_for: str | None = None

    @functools.cached_property
    def dtypes(self) -> pl.Schema:
        """Columns and dtypes in the order in which they are stored."""
        return pl.Schema({name: column.dtype for name, column in self.columns.items()})

    @functools.cached_property
    def fingerprint(self) -> str:
        """A short text that changes with the columns: a table stored with another one is stale."""
        dtypes = {**self.dtypes, **{name: column.dtype for name, column in self.optional.items()}}
        text = "\n".join([str(self.open_ended), *(f"{name}: {dtype}" for name, dtype in dtypes.items())])
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()

    @property
    def known(self) -> dict[str, Column]:
        """All columns that are declared, the optional ones last."""
        return {**self.columns, **self.optional}

    def identifying(self, columns: Iterable[str]) -> dict[str, Identity]:
        """Those of the columns that identify volunteers, and what of them they hold."""
        declared = {name: self.columns[name].identifies for name in columns if name in self.columns}
        return {name: identity for name, identity in declared.items() if identity is not None}

    def empty(self) -> pl.DataFrame:
        """The table with all its columns and no rows."""
        return self._empty.clone()

    @functools.cached_property
    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.dtypes)

    def conform(self, frame: Frame) -> Frame:
        """The frame with exactly the declared columns, in order, cast without loss; of a raw export as it is.

        Raises polars.exceptions.ColumnNotFoundError where a column is missing.
        """
        if self.layout:
            return frame
        return frame.select(self._declared)  # type: ignore[return-value]  # lazy of a lazy one

    @functools.cached_property
    def _declared(self) -> list[pl.Expr]:
        declared = [pl.col(name).cast(dtype) for name, dtype in self.dtypes.items()]
        return [*declared, *([pl.exclude(list(self.dtypes))] if self.open_ended else [])]


def carried(names: Iterable[str], *tables: Table) -> dict[str, Column]:
    """Columns that a table copies unchanged from the columns of the same names in other tables.

    Dtype and meaning are those of the first table.
    """
    return {
        name: replace(tables[0].columns[name], sources=tuple(f"{table.name}.{name}" for table in tables))
        for name in names
    }
