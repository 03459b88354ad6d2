"""Checks of the parsed stage: ids, times, definitions of versions, and rows that could not be read."""

from datetime import UTC, datetime, timedelta

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import Finding, Given
from zoo_dag.checks.identity import unique_ids
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed, share

# The first projects on Zooniverse's present platform; nothing in an export is older.
_FIRST = datetime(2014, 1, 1, tzinfo=UTC)
# An export may be read on a computer whose clock is slow.
_CLOCKS = timedelta(days=1)
_REPORT = "This is a fault of zoo_dag: please report it."

classification_ids_are_unique = unique_ids("classifications", ["classification_id"], _REPORT)
workflow_versions_are_unique = unique_ids(
    "workflow_versions", ["workflow_id", "version_major", "version_minor"], _REPORT
)
subject_ids_are_unique = unique_ids(
    "subjects",
    ["subject_id", "workflow_id", "subject_set_id"],
    "Two exports write the same number in two ways, as a spreadsheet or pandas does. Import the export as "
    "Zooniverse gives it with --replace.",
)


def times_are_plausible(given: Given) -> Finding:
    """Whether the server's time of each classification is known, not in the future and not before 2014."""
    time = pl.col("created_at")
    rows = given.tables["classifications"].select("classification_id", "created_at")
    counts = rows.select(
        pl.len().alias("classifications"),
        time.is_null().sum().alias("without a time"),
        (time > given.now + _CLOCKS).sum().alias("in the future"),
        (time < _FIRST).sum().alias("before 2014"),
    )
    numbers = counts.collect().row(0, named=True)
    whole = numbers["classifications"]
    wrong = {name: number for name, number in numbers.items() if name != "classifications" and number}
    if not wrong:
        return Finding(f"The times of {counted(whole, 'classifications')} are plausible.", numbers)
    told = ", ".join(f"{number:,} {name}" for name, number in wrong.items())
    implausible = time.is_null() | ~time.is_between(_FIRST, given.now + _CLOCKS)
    return Finding(
        f"{share(sum(wrong.values()), whole, 'classifications')} have an implausible time: {told}.",
        numbers,
        passed=False,
        advice="Which of several classifications by one volunteer is the first hangs on the time. If the file was "
        "re-saved by another program, download the export again and import it with --replace.",
        examples=rows.filter(implausible).head(5).collect(),
    )


def version_is_defined(given: Given) -> Finding:
    """Whether the workflows export has the very version that the classifications were made in.

    Where no workflows export was imported there is nothing to compare: the labels are those of the export.
    """
    found = given.tables["tasks"].select(pl.col("version_match").first()).collect().item() or "none"
    numbers = {"versions": 1, "versions without their definition": int(found != "exact")}
    if found == "exact":
        return Finding("The workflows export has the version.", numbers)
    known = given.tables["workflow_versions"].select("workflow_id", "workflow_version").collect()
    if known.is_empty():
        return Finding(
            "Not compared: no workflows export was imported. With one, answers get their positions, and versions "
            "in which a task means the same are pooled more safely.",
            numbers,
        )
    workflow = int((given.key or "0").partition("-")[0])
    own = known.filter(workflow_id=workflow)["workflow_version"].to_list()
    if found == "none":
        told = f"The workflows export does not have workflow {workflow}: labels are as exported."
    else:
        told = (
            f"The workflows export does not have the version, but {listed(own[-5:])}: labels and options are "
            "those of the version that Zooniverse's server used in its place."
        )
    return Finding(
        told,
        numbers,
        passed=False,
        advice="Download the workflows export again and import it; versions that Zooniverse did not keep, and "
        "workflows that are hidden or deleted, stay without.",
    )


def few_rows_are_quarantined(given: Given) -> Finding:
    """Whether nearly all rows of the version could be read."""
    rows = given.tables["parsed_quarantine"]
    wrong, good = row_count(rows), row_count(given.tables["classifications"])
    return quarantine.judged(
        quarantine.Quarantined(wrong, wrong + good),
        rows,
        given.limits,
        "See column, reason and found in the table parsed_quarantine. Cells that were cut or rewritten by another "
        "program are whole in a new download: import it with --replace.",
    )
