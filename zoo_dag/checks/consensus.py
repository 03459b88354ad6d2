"""Checks of the consensus stage: the numbers hold, and no subject that was classified is missing."""

from collections.abc import Callable, Sequence

import polars as pl

from zoo_dag.checks.finding import Finding, Given
from zoo_dag.consensus.rules import UNIT, Rules
from zoo_dag.consensus.units import VERSION
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.wording.sentences import counted

NAME = "is_consistent"
REPORT = "This is a fault of zoo_dag: please report it, and do not use the table."
_UNIT = ["task", "task_revision", "subject_ids"]
_RULES_NAMED = 3


def is_consistent(consensus: Consensus) -> Callable[[Given], Finding]:
    """A check that the numbers of a consensus table hold, and that everything answered in its sources is in it.

    A subject and task with any answer that counts, be it a blank one, has at least one row.
    """

    def look(given: Given) -> Finding:
        rows = given.tables[consensus.table]
        lacking = _answered(consensus, given).unique().join(rows, on=_UNIT, how="anti", nulls_equal=True)
        return holds(rows, {**UNIT, **consensus.rules}, consensus.table, lacking.collect())

    return look


def _answered(consensus: Consensus, given: Given) -> pl.LazyFrame:
    """The units that have to be in the table, with repetitions."""
    sources = {name: given.tables[name] for name in consensus.sources}
    if consensus.answered:
        return consensus.answered(sources, given.tables["tasks"], VERSION, given.settings).select(_UNIT)
    counted = pl.concat([rows.select(*_UNIT, "excluded") for rows in sources.values()])
    return counted.filter(pl.col("excluded").is_null()).select(_UNIT)


def holds(rows: pl.LazyFrame, rules: Rules, table: str, lacking: pl.DataFrame | None = None) -> Finding:
    """The finding for a table with rules; `lacking` are units that should be in it."""
    flags = [broken.fill_null(False).sum().alias(statement) for statement, broken in rules.items()]
    numbers = rows.select(pl.len().alias("rows"), *flags).collect().row(0, named=True)
    broken = {statement: number for statement, number in numbers.items() if statement != "rows" and number}
    missing = 0 if lacking is None else lacking.height
    counts = {"rows": numbers["rows"], "broken rules": len(broken), "missing subjects and tasks": missing}
    if not broken and not missing:
        held = f"The numbers of {counted(numbers['rows'], 'rows')} hold" if numbers["rows"] else "No rows"
        complete = "" if lacking is None else ", and nothing that was answered is missing"
        return Finding(f"{held}{complete}.", counts)
    sentences, examples = [], lacking
    if broken:
        each = [f"{statement} (not so in {counted(number, 'rows')})" for statement, number in broken.items()]
        sentences.append(f"{counted(len(broken), 'rules')} of {table} broken: {'; '.join(each[:_RULES_NAMED])}.")
        first = next(iter(broken))
        examples = rows.filter(rules[first]).select(_telling(rows, first)).head(5).collect()
    if missing:
        sentences.append(f"{counted(missing, 'pairs')} of a subject and a task that were answered are missing.")
    return Finding(
        " ".join(sentences),
        counts,
        passed=False,
        grave=True,
        advice=REPORT,
        examples=examples.head(5) if examples is not None else None,
    )


def _telling(rows: pl.LazyFrame, statement: str) -> Sequence[str]:
    """The columns that show a broken rule: the unit, and those that its statement names."""
    columns = rows.collect_schema().names()
    words = statement.replace(",", "").split()
    return [name for name in columns if name in ("subject_ids", "task") or name in words]
