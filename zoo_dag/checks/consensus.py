"""Checks of the consensus stage: the numbers are consistent, and no classified subject is missing."""

from collections.abc import Callable, Sequence

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.consensus.rules import UNIT, Rules
from zoo_dag.consensus.units import VERSION
from zoo_dag.tables.row_count import row_count
from zoo_dag.task_types.aggregation import counted as that_count
from zoo_dag.task_types.declaration import Consensus
from zoo_dag.wording.sentences import counted

NAME = "is_consistent"
REPORT = "This is a fault of zoo_dag: please report it, and do not use the table."
_UNIT = ["workflow_version", "parent_task", "task", "task_revision", "subject_ids"]
_RULES_NAMED = 3


def is_consistent(consensus: Consensus) -> Callable[[CheckInput], Finding]:
    """A check that a consensus table is consistent, and that everything answered in its sources is in it.

    A subject and task with any answer that counts, even a blank one, has at least one row.
    """

    def evaluate(inputs: CheckInput) -> Finding:
        rows = inputs.tables[consensus.table]
        missing = pl.DataFrame()
        # Most versions have no answers of most types.
        if any(row_count(inputs.tables[name]) for name in consensus.sources):
            answered = _answered(consensus, inputs).unique()
            missing = answered.join(rows, on=_UNIT, how="anti", nulls_equal=True).collect()
            missing = missing.drop("workflow_version")
        return evaluate_rules(rows, {**UNIT, **consensus.rules}, consensus.table, missing)

    return evaluate


def _answered(consensus: Consensus, inputs: CheckInput) -> pl.LazyFrame:
    """The units that must be in the table, with repetitions."""
    tables, tasks = inputs.tables, inputs.tables["tasks"]
    rows = {name: that_count(name, tables[name], tasks, VERSION, inputs.settings) for name in consensus.sources}
    if consensus.answered:
        decided = consensus.decide(rows, tasks, VERSION, inputs.settings)
        return consensus.answered({**rows, **decided}, tasks, VERSION).select(_UNIT)
    return pl.concat([each.select(_UNIT) for each in rows.values()])


def evaluate_rules(rows: pl.LazyFrame, rules: Rules, table: str, missing: pl.DataFrame | None = None) -> Finding:
    """The finding for a table with rules; `missing` are units that should be in it and are not."""
    flags = [broken.fill_null(False).sum().alias(statement) for statement, broken in rules.items()]
    totals = rows.select(pl.len().alias("rows"), *flags).collect().row(0, named=True)
    broken = {statement: number for statement, number in totals.items() if statement != "rows" and number}
    n_missing = 0 if missing is None else missing.height
    numbers = {"rows": totals["rows"], "broken rules": len(broken), "missing subjects and tasks": n_missing}
    if not broken and not n_missing:
        consistent = f"All rules hold in {counted(totals['rows'], 'rows')}" if totals["rows"] else "No rows"
        complete = "" if missing is None else ", and no answered subject is missing"
        return Finding(f"{consistent}{complete}.", numbers)
    sentences, examples = [], missing
    if broken:
        each = [f"{statement} (false in {counted(number, 'rows')})" for statement, number in broken.items()]
        sentences.append(f"{counted(len(broken), 'rules')} of {table} broken: {'; '.join(each[:_RULES_NAMED])}.")
        first = next(iter(broken))
        examples = rows.filter(rules[first]).select(_columns_of_rule(rows, first)).head(5).collect()
    if n_missing:
        sentences.append(f"Missing although answered: {counted(n_missing, 'pairs')} of a subject and a task.")
    return Finding(
        " ".join(sentences),
        numbers,
        passed=False,
        is_error=True,
        advice=REPORT,
        examples=examples.head(5) if examples is not None else None,
    )


def _columns_of_rule(rows: pl.LazyFrame, statement: str) -> Sequence[str]:
    """The columns that show a broken rule: the unit, and the columns that its statement names."""
    columns = rows.collect_schema().names()
    words = statement.replace(",", "").split()
    return [name for name in columns if name in ("subject_ids", "parent_task", "task") or name in words]
