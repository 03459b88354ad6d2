"""Checks of the ledger: the row accounting of all versions, and unreadable rows of subjects and workflows."""

from typing import Any

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed

_KINDS = ("subjects", "workflows")


def sums_match(inputs: CheckInput) -> Finding:
    """Whether every row of all exports is accounted for, including rows without a version."""
    sums = inputs.tables["accounting"].select(
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
    total = row_count(sums)
    wrong = sums.filter(~pl.col("balanced")).collect()
    numbers = {"sums": total, "sums that do not match": wrong.height}
    if wrong.is_empty():
        return Finding(f"Every row is accounted for ({counted(total, 'sums')}).", numbers)
    each = [_sum(row) for row in wrong.to_dicts()]
    return Finding(
        f"Rows are not accounted for: {wrong.height:,} of {counted(total, 'sums')} do not match: {listed(each)}.",
        numbers,
        passed=False,
        is_error=True,
        advice=_advice(wrong),
        examples=wrong.drop("balanced"),
    )


def _advice(wrong: pl.DataFrame) -> str:
    lost = wrong.filter(stage="raw").filter(
        pl.col("rows_in") > pl.sum_horizontal("rows_out", "quarantined", "merged")
    )
    if lost.height < wrong.height:
        return "This is a fault of zoo_dag: please report it."
    return (
        "Raw files were deleted, or restored from an older copy. Import the exports again, the files named in the "
        "table imports; or forget the version, and import the newest export: zoo-dag forget WORKFLOW "
        "--version VERSION --data DATA_FOLDER"
    )


def _sum(row: dict[str, Any]) -> str:
    version = f" of {row['workflow_id']}-v{row['workflow_version']}" if row["workflow_version"] else ""
    return (
        f"{row['unit']}{version}, {row['stage']}: {row['rows_in']:,} in, {row['rows_out']:,} out, "
        f"{row['quarantined']:,} quarantined, {row['merged']:,} merged"
    )


def few_rows_are_quarantined(inputs: CheckInput) -> Finding:
    """Whether nearly all rows of the subjects and workflows exports could be read."""
    of_kind = (pl.col("stage") == "parsed") & pl.col("kind").is_in(_KINDS)
    rows = inputs.tables["quarantine"].filter(of_kind)
    wrong = row_count(rows)
    total = sum(row_count(inputs.tables[f"raw_{kind}"]) for kind in _KINDS)
    return quarantine.evaluate(
        quarantine.Quarantined(wrong, max(total, wrong), label="In the quarantine of subjects and workflows"),
        rows,
        inputs.limits,
        "See column, reason and found in the table quarantine, and import the exports exactly as downloaded from "
        "Zooniverse.",
    )
