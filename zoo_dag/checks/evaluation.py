"""Evaluating a check on the stored tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from zoo_dag.checks.finding import Check, CheckInput, Finding
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import quoted

# Tables by name, each built when it is read.
Frames = Mapping[str, Callable[[], pl.LazyFrame]]


class StoredTables(Mapping[str, pl.LazyFrame]):
    """The stored tables that belong to a partition or to several, each opened when it is read.

    Of a table with other partitions these are the versions of the workflow. A table that is not stored, or whose
    columns differ from today's declaration, is empty. Tables `in_memory` are taken from there.
    """

    def __init__(self, files: TableFiles, keys: Sequence[str | None], in_memory: Frames) -> None:
        """The tables of the partitions `keys`; of all of them, or without partitions, where it is None."""
        self._files = files
        self._partitions = keys
        self._in_memory = in_memory
        # The tables that were read.
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> pl.LazyFrame:
        """The table of this name."""
        self.read.add(name)
        if name in self._in_memory:
            return self._in_memory[name]()
        table, keys = TABLES[name], self._keys(name)
        return self._files.scan_all(table, keys) if keys else table.empty().lazy()

    def are_empty(self, names: Iterable[str]) -> bool:
        """Whether all these tables are stored, or not there, without rows."""
        return not any(
            name in self._in_memory or not self._files.are_empty(TABLES[name], self._keys(name)) for name in names
        )

    def _keys(self, name: str) -> list[str | None]:
        table = TABLES[name]
        related = dict.fromkeys(each for key in self._partitions for each in self._files.related_keys(table, key))
        return [key for key in related if self._files.is_current(table, key)]

    def __iter__(self) -> Iterator[str]:
        """The names of all tables."""
        return iter(TABLES)

    def __len__(self) -> int:
        """The number of tables."""
        return len(TABLES)


class EmptyFindings:
    """The findings of checks that read tables without rows only: such a check finds the same in every partition.

    Most versions have rows in few of their tables.
    """

    def __init__(self) -> None:
        """No finding yet."""
        self._found: dict[tuple[str, str], tuple[frozenset[str], Finding]] = {}

    def evaluate(
        self, check: Check, tables: StoredTables, inputs: CheckInput, log: Callable[[str], object]
    ) -> Finding:
        """The finding of a check, as by `evaluate`; `tables` are those of its inputs."""
        name = check.table, check.name
        if name in self._found:
            read, finding = self._found[name]
            if tables.are_empty(read):
                return finding
        finding = evaluate(check, inputs, log)
        if tables.are_empty(tables.read):
            self._found[name] = frozenset(tables.read), finding
        return finding


def evaluate(check: Check, inputs: CheckInput, log: Callable[[str], object]) -> Finding:
    """The finding of a check. A fault in a check is logged, and does not stop the steps that use the tables.

    A check of a share warns of nothing where there are fewer classifications than `checks.share_of_at_least`.
    """
    try:
        finding = check.evaluate(inputs)
        if not check.is_of_a_share or finding.passed or finding.is_error:
            return finding
        # These are counted without reading them.
        is_enough = row_count(inputs.tables["raw_classifications"]) >= inputs.limits.share_of_at_least
        return finding if is_enough else replace(finding, passed=True, examples=None)
    except Exception as error:
        log(f"The check {check.name} of {check.table} failed")
        message = f"The check itself failed ({type(error).__name__}: {quoted(error)})."
        advice = "Please report it; the log of the run has more."
        return Finding(message, passed=False, is_error=True, advice=advice)
