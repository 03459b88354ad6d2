"""The consensus tables and the modules that make them. A new one is one module, and one line here."""

from collections.abc import Callable
from typing import Protocol

import polars as pl

from zoo_dag.consensus import questions
from zoo_dag.consensus.units import Scope
from zoo_dag.settings import Settings


class ConsensusModule(Protocol):
    """A module that aggregates one flattened table."""

    @property
    def SOURCE(self) -> str:  # noqa: N802
        """The flattened table that it takes."""

    @property
    def TABLE(self) -> str:  # noqa: N802
        """The consensus table that it makes; the pooled one is called `pooled_` and this."""

    @property
    def aggregate(self) -> Callable[[pl.LazyFrame, pl.LazyFrame, Scope, Settings], pl.LazyFrame]:
        """Takes the flattened table, `tasks`, scope and settings; gives the table of the scope."""


MODULES: tuple[ConsensusModule, ...] = (questions,)
