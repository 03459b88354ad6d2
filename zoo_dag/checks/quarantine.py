"""The share of rows that could not be read: the check that the quarantines of all stages have in common."""

from typing import NamedTuple

import polars as pl

from zoo_dag.checks.finding import Finding
from zoo_dag.settings.checks import Checks
from zoo_dag.tables.identity import names_nobody
from zoo_dag.wording.sentences import counted, percent, ratio, share

# Fewer rows than this are no error, unless they are all rows.
_FEW = 10
NAME = "few_rows_are_quarantined"


class Quarantined(NamedTuple):
    """The number of quarantined things, their `total`, their plural `noun`, and the `label` of a message."""

    wrong: int
    total: int
    noun: str = "rows"
    label: str = "In the quarantine"


def evaluate(counts: Quarantined, rows: pl.LazyFrame, limits: Checks, advice: str) -> Finding:
    """The finding for the counts of a quarantine; `rows` are the rows in it.

    Warns above the share `checks.quarantined`. Above `checks.quarantined_error` it is an error, if that is ten
    rows or more, or all rows.
    """
    wrong, total, noun, label = counts
    part = ratio(wrong, total)
    numbers = {noun: total, "quarantined": wrong, "share quarantined": part}
    if not wrong:
        return Finding(f"{label}: none of {counted(total, noun)}.", numbers)
    message = f"{label}: {share(wrong, total, noun)}"
    if part <= limits.quarantined:
        return Finding(f"{message}.", numbers)
    is_error = part > limits.quarantined_error and (wrong >= _FEW or wrong == total)
    limit = limits.quarantined_error if is_error else limits.quarantined
    message = f"{message}, more than {percent(limit)}."
    return Finding(message, numbers, passed=False, is_error=is_error, advice=advice, examples=_reasons(rows))


def _reasons(rows: pl.LazyFrame) -> pl.DataFrame:
    """The most common reasons of quarantined rows, with a cell where it names no volunteer."""
    cell = pl.when(names_nobody()).then("found")
    reasons = rows.group_by("column", "reason").agg(rows=pl.len(), found=cell.min())
    examples = reasons.sort("rows", "column", "reason", descending=[True, False, False]).head(5)
    return examples.select("column", "reason", "found", "rows").collect()
