"""The consensus tables and the modules that make them. A new one is one module, and one line here."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import polars as pl

from zoo_dag.consensus.units import Scope
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.drawings import consensus as drawings
from zoo_dag.task_types.dropdowns import consensus as dropdowns
from zoo_dag.task_types.questions import consensus as questions
from zoo_dag.task_types.sliders import consensus as sliders
from zoo_dag.task_types.surveys import consensus as surveys
from zoo_dag.task_types.texts import consensus as texts


class _MakesTable(Protocol):
    @property
    def TABLE(self) -> str:  # noqa: N802
        """The consensus table that it makes; the pooled one is called `pooled_` and this."""


@runtime_checkable
class OneSource(_MakesTable, Protocol):
    """A module that aggregates one flattened table."""

    @property
    def SOURCE(self) -> str:  # noqa: N802
        """The flattened table that it takes."""

    @property
    def aggregate(self) -> Callable[[pl.LazyFrame, pl.LazyFrame, Scope, Settings], pl.LazyFrame]:
        """Takes the flattened table, `tasks`, scope and settings; gives the table of the scope."""


@runtime_checkable
class SeveralSources(_MakesTable, Protocol):
    """A module that aggregates several flattened tables to one."""

    @property
    def SOURCES(self) -> tuple[str, ...]:  # noqa: N802
        """The flattened tables that it takes."""

    @property
    def aggregate(self) -> Callable[[Mapping[str, pl.LazyFrame], pl.LazyFrame, Scope, Settings], pl.LazyFrame]:
        """Takes the flattened tables by name, `tasks`, scope and settings; gives the table of the scope."""


ConsensusModule = OneSource | SeveralSources

MODULES: tuple[ConsensusModule, ...] = (questions, dropdowns, surveys, sliders, texts, drawings)


def sources(module: ConsensusModule) -> tuple[str, ...]:
    """The flattened tables that a module takes."""
    return module.SOURCES if isinstance(module, SeveralSources) else (module.SOURCE,)


def aggregate(
    module: ConsensusModule,
    annotations: Mapping[str, pl.LazyFrame],
    tasks: pl.LazyFrame,
    scope: Scope,
    settings: Settings,
) -> pl.LazyFrame:
    """The table that a module makes of a scope; `annotations` are the flattened tables of the scope by name."""
    if isinstance(module, SeveralSources):
        return module.aggregate(annotations, tasks, scope, settings)
    return module.aggregate(annotations[module.SOURCE], tasks, scope, settings)


def parameters(
    module: ConsensusModule, annotations: Mapping[str, pl.LazyFrame], settings: Settings
) -> list[dict[str, Any]]:
    """By which parameters a module aggregates these tables; empty where it has none."""
    if module is drawings:
        return drawings.parameters_used(annotations[drawings.SOURCE], settings.drawings)
    return []
