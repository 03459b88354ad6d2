"""How much of what came in could not be read: the judgement that the quarantines of all stages share."""

from typing import NamedTuple

import polars as pl

from zoo_dag.checks.finding import Finding
from zoo_dag.settings.checks import Checks
from zoo_dag.wording.sentences import counted, percent, ratio, share

# So few rows are no reason for an error, unless they are all there is.
_FEW = 10
NAME = "few_rows_are_quarantined"


class Quarantined(NamedTuple):
    """How many of how many things are in the quarantine, and how that is said; `noun` is in the plural."""

    wrong: int
    whole: int
    noun: str = "rows"
    said: str = "In the quarantine"


def judged(found: Quarantined, rows: pl.LazyFrame, limits: Checks, advice: str) -> Finding:
    """The finding for things of which some are in the quarantine; `rows` is that quarantine.

    Warns above the share `checks.quarantined`. Above `checks.quarantined_error` it is an error, where it concerns
    ten things or more, or all that there are.
    """
    wrong, whole, noun, said = found
    part = ratio(wrong, whole)
    numbers = {noun: whole, "quarantined": wrong, "share quarantined": part}
    if not wrong:
        return Finding(f"{said}: none of {counted(whole, noun)}.", numbers)
    told = f"{said}: {share(wrong, whole, noun)}"
    if part <= limits.quarantined:
        return Finding(f"{told}.", numbers)
    grave = part > limits.quarantined_error and (wrong >= _FEW or wrong == whole)
    limit = limits.quarantined_error if grave else limits.quarantined
    told = f"{told}, more than {percent(limit)}."
    return Finding(told, numbers, passed=False, grave=grave, advice=advice, examples=_reasons(rows))


def _reasons(rows: pl.LazyFrame) -> pl.DataFrame:
    """The commonest reasons of quarantined rows."""
    reasons = rows.group_by("column", "reason").agg(rows=pl.len(), found=pl.col("found").min())
    examples = reasons.sort("rows", "column", "reason", descending=[True, False, False]).head(5)
    return examples.select("column", "reason", "found", "rows").collect()
