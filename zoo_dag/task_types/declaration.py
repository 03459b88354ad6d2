"""The declaration of a task type: how its answers become rows, its consensus, and its pages.

Each task type has a folder with one `TaskType`; `catalogue` lists them all. Everything that runs over the task
types, such as the assets, the checks, the pages and the summary of subjects, reads these declarations.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import polars as pl

from zoo_dag.annotations.elements import Element
from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.pooling import Rename
from zoo_dag.consensus.repeats import One
from zoo_dag.consensus.rules import Rules
from zoo_dag.consensus.task_columns import TaskColumns
from zoo_dag.consensus.units import POOLED, Scope
from zoo_dag.plots import Show
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.codebook import Naming

Row = tuple[Any, ...]
# Of an element that speaks of one or several subjects, and those shown: rows, each with the subject it is about.
Spread = Callable[[Element, Collection[int]], Iterable[tuple[int | None, Row]]]
# Flattened tables by name.
Annotations = Mapping[str, pl.LazyFrame]


class RowReader(Protocol):
    """Builds the columns of a table from elements."""

    def add(self, element: Element) -> int:
        """Add the rows of an element, and return how many."""

    def frame(self) -> pl.DataFrame:
        """`status` and the columns that only this table has, for all added rows, in order."""


def no_rows(_element: Element) -> Iterable[Row]:
    """Of elements that a reader takes."""
    return ()


@dataclass(frozen=True)
class Flattening:
    """The flattened table of a task type.

    `task_types` are the types of the exports whose elements `flatten` handles. It returns at least one row for
    each, whatever JSON its value is: `status`, and then the columns that only this table has, in their order.

    Where a classification has several elements of a task, all of them count together. Of the task types in `one`
    just one element counts: for each value of the named columns one, such as for each answer that may be ticked.
    The columns `questions` tell apart the questions of a task, such as the selects of a dropdown: of each of them
    the elements are chosen for themselves.

    `spread` has task types besides whose elements speak of several subjects that were shown together, each in a
    row. Where these are not known, the elements are kept in `other_annotations`.

    `of_classification` are columns that need what the table does not keep of the classification, FRAME_SIZES.

    A `reader` takes the place of `flatten`, where a tuple for each row would be too slow.

    `options` are the columns that name options of the task, in the order in which pooling renames them; `rename`
    renames before that what is inside of lists. `example`
    shows an answer that cannot be read, `unknown` says which answers have an unknown label: a table with
    an `example` has the check `answers_are_known`. `plots` and `preview`, the columns to show first, are for
    Dagster's pages.
    """

    table: str
    task_types: tuple[str, ...]
    flatten: Callable[[Element], Iterable[Row]] = no_rows
    spread: Mapping[str, Spread] = field(default_factory=dict)
    one: One = field(default_factory=dict)
    questions: tuple[str, ...] = ()
    reader: Callable[[], RowReader] | None = None
    of_classification: Mapping[str, pl.Expr] = field(default_factory=dict)
    options: tuple[OptionColumns, ...] = ()
    rename: Rename | None = None
    example: pl.Expr | None = None
    unknown: pl.Expr = field(default_factory=lambda: pl.col("status") == "unknown_label")
    plots: tuple[Show, ...] = ()
    preview: tuple[str, ...] = ()


class Aggregated(NamedTuple):
    """A consensus table, and records of the parameters that it was computed with, if the method has any."""

    table: pl.LazyFrame
    parameters: Sequence[Mapping[str, Any]] = ()


Aggregate = Callable[[Annotations, pl.LazyFrame, Scope, Settings], Aggregated]
Decide = Callable[[Annotations, pl.LazyFrame, Scope, Settings], Annotations]


def _decide_nothing(_a: Annotations, _t: pl.LazyFrame, _scope: Scope, _settings: Settings) -> Annotations:
    return {}


@dataclass(frozen=True)
class Posteriors:
    """How the votes of a task type are weighed by the skill of volunteers.

    `ballots` takes what `Consensus.aggregate` takes, but for the settings, where the rows have `gold` besides:
    whether it is known to be right; and the pooled consensus by its name. It returns the ballots
    (`zoo_dag.volunteers.ballots`). `several` says of a row of the consensus whether several answers may be right.
    `option` and `label` say to which ballots it belongs, from a row that has `several` as a column; `votes` and
    `fraction` name its votes and their share. `option_label` is the option as volunteers read it.

    `task_columns` are the columns that a task has in `subject_summary` from this table. `naming` says how answers
    are named in files of gold and predictions; without it there are none.
    """

    table: str
    ballots: Callable[[Annotations, pl.LazyFrame, Scope], pl.LazyFrame]
    option: pl.Expr
    label: pl.Expr
    task_columns: TaskColumns
    several: pl.Expr = field(default_factory=lambda: pl.lit(value=False))
    votes: str = "votes"
    fraction: str = "fraction"
    option_label: pl.Expr = field(default_factory=lambda: pl.lit(None, pl.String))
    naming: Naming | None = None


@dataclass(frozen=True)
class Consensus:
    """The consensus table of a task type, and its pooled twin.

    `aggregate` takes the rows of the flattened tables `sources` that count (`aggregation.counted`) by name,
    `tasks`, a scope and the settings. It returns the table of that scope: one workflow version, or all versions of
    a workflow, but for the columns `n_seen` and `asked`, sorted by the unit. It gets the tables `seen` as well, of
    which only it matters who saw a task.

    `aggregate` is called for one range of subjects after the other. What one subject decides for another one, such
    as which answers there are, `decide` says once for all of them: it takes what `aggregate` takes, of all
    subjects, and returns tables that `aggregate` gets by name besides. A source that it returns takes the place of
    the source; it has to be a query that streams.

    `task_columns` are the columns that a task has in `subject_summary`. `rules` are what the numbers obey besides
    the rules of all consensus tables, for the check `is_consistent`. `answered` takes what `aggregate` takes, but
    for the settings, and returns rows of the units that have to be in the table; by default all of the sources
    have to be.

    `over_versions` are small tables by name that have to be the same in all versions of a workflow. Each is
    computed from all rows of the sources of all of them, and `aggregate` gets it by name beside the sources of its
    scope.

    `from_outside` are tables by name that no export has, such as texts that volunteers were given. They have the
    column `subject_ids`, and `aggregate` gets their rows of its subjects; none where there are none.

    `versions_together` says that whatever `aggregate` and `decide` group by tells versions apart, and that there
    are no parameters: the tables of several versions can be computed together.

    `has_winner` says that volunteers vote, and the first of the `task_columns` names who won.

    `posteriors` say how its votes are weighed by the skill of volunteers.

    `units` takes the table and returns what volunteers agree on more or less (`plots.agreement.UNITS`, and `name`
    of the task); `agreement` says in words what their agreement is.

    `numbers` are aggregations of the table that Dagster draws over the partitions, by name. `plots` and `preview`,
    the columns to show first, are for its pages as well.
    """

    table: str
    sources: tuple[str, ...]
    aggregate: Aggregate
    task_columns: TaskColumns
    rules: Rules = field(default_factory=dict)
    answered: Callable[[Annotations, pl.LazyFrame, Scope], pl.LazyFrame] | None = None
    over_versions: Mapping[str, Callable[[Annotations], pl.LazyFrame]] = field(default_factory=dict)
    decide: Decide = _decide_nothing
    seen: tuple[str, ...] = ()
    from_outside: tuple[str, ...] = ()
    versions_together: bool = False
    has_winner: bool = False
    posteriors: Posteriors | None = None
    units: Callable[[pl.LazyFrame], pl.DataFrame] | None = None
    agreement: str = "Agreement"
    numbers: Mapping[str, pl.Expr] = field(default_factory=dict)
    plots: tuple[Show, ...] = ()
    preview: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """All flattened tables that it is computed from."""
        return (*self.sources, *self.seen)

    @property
    def pooled_table(self) -> str:
        """The twin over all versions of a workflow."""
        return POOLED.table(self.table)


@dataclass(frozen=True)
class TaskType:
    """A task type: its name, its flattened table, and its consensus where there is one.

    `further` are other tables of the consensus stage, such as the counts of marks beside their clusters.
    """

    name: str
    flattening: Flattening
    consensus: Consensus | None = None
    further: tuple[Consensus, ...] = ()

    @property
    def consensus_tables(self) -> tuple[Consensus, ...]:
        """All tables of the consensus stage, `consensus` first."""
        return (*([self.consensus] if self.consensus else []), *self.further)
