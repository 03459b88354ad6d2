"""Checks of the ledger: the books of all versions, and rows of subjects and workflows that could not be read."""

from typing import Any

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import Finding, Given
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed

_KINDS = ("subjects", "workflows")


def sums_match(given: Given) -> Finding:
    """Whether every row of all exports is accounted for, those without a version among them."""
    books = given.tables["accounting"].select(
        "workflow_id",
        "workflow_version",
        "stage",
        "unit",
        "rows_in",
        "rows_out",
        "quarantined",
        "merged",
        "balanced",
    )
    whole = row_count(books)
    wrong = books.filter(~pl.col("balanced")).collect()
    numbers = {"books": whole, "that do not add up": wrong.height}
    if wrong.is_empty():
        return Finding(f"The sums of {counted(whole, 'books')} match.", numbers)
    each = [_told(row) for row in wrong.to_dicts()]
    return Finding(
        f"The sums of {wrong.height:,} of {counted(whole, 'books')} do not match: {listed(each)}.",
        numbers,
        passed=False,
        grave=True,
        advice="This is a fault of zoo_dag: please report it.",
        examples=wrong.drop("balanced"),
    )


def _told(row: dict[str, Any]) -> str:
    version = f" of {row['workflow_id']}-v{row['workflow_version']}" if row["workflow_version"] else ""
    return (
        f"{row['unit']}{version}, {row['stage']}: {row['rows_in']:,} in, {row['rows_out']:,} out, "
        f"{row['quarantined']:,} quarantined, {row['merged']:,} merged"
    )


def few_rows_are_quarantined(given: Given) -> Finding:
    """Whether nearly all rows of the subjects and workflows exports could be read."""
    of_kind = (pl.col("stage") == "parsed") & pl.col("kind").is_in(_KINDS)
    rows = given.tables["quarantine"].filter(of_kind)
    wrong = row_count(rows)
    whole = sum(row_count(given.tables[f"raw_{kind}"]) for kind in _KINDS)
    return quarantine.judged(
        quarantine.Quarantined(wrong, max(whole, wrong), said="In the quarantine of subjects and workflows"),
        rows,
        given.limits,
        "See column, reason and found in the table quarantine, and import the exports as Zooniverse gives them.",
    )
