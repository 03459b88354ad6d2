"""Checks of the parsed stage: ids, times, definitions of versions, and rows that could not be read."""

from datetime import UTC, datetime, timedelta

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.checks.identity import unique_ids
from zoo_dag.exports.batches import batches
from zoo_dag.exports.metadata import metadata_columns
from zoo_dag.exports.same_pictures import same_pictures
from zoo_dag.tables.row_count import row_count
from zoo_dag.wording.sentences import counted, listed, share, verb

# The first projects on today's Zooniverse platform; nothing in an export is older.
_FIRST = datetime(2014, 1, 1, tzinfo=UTC)
# An export may be read on a computer whose clock is slow.
_CLOCKS = timedelta(days=1)
_ROUNDING = 1e-6
_SESSION_TIMES = ("started_at", "finished_at")
_REPORT = "This is a fault of zoo_dag: please report it."

classification_ids_are_unique = unique_ids("classifications", ["classification_id"], _REPORT)
workflow_versions_are_unique = unique_ids(
    "workflow_versions", ["workflow_id", "version_major", "version_minor"], _REPORT
)
subject_ids_are_unique = unique_ids(
    "subjects",
    ["subject_id", "workflow_id", "subject_set_id"],
    "The same number is written in two ways, as a spreadsheet or pandas does. Import the export as "
    "downloaded from Zooniverse with --replace.",
)


def pictures_are_unique(inputs: CheckInput) -> Finding:
    """Whether no picture was uploaded as several subjects, by what the metadata say of its file."""
    subjects = inputs.tables["subjects"].select("subject_id", "metadata").unique("subject_id", maintain_order=True)
    known = same_pictures(subjects.collect())
    several = known.filter(pl.col("same_as").list.len() > 0)
    first = pl.col("subject_id") < pl.col("same_as").list.min()
    pictures = int(several.select(first.sum()).item())
    numbers = {"subjects with a known picture": known.height, "subjects that share one": several.height}
    if known.is_empty():
        return Finding("Not compared: no metadata has the name or the sum of a file.", numbers)
    if several.is_empty():
        return Finding(f"{counted(known.height, 'subjects')} with a known picture, each with its own.", numbers)
    return Finding(
        f"{share(several.height, known.height, 'subjects')} {verb(several.height, 'shows', 'show')} "
        "a picture that another subject shows too; "
        f"uploaded more than once: {counted(pictures, 'pictures')}.",
        numbers,
        passed=False,
        advice="Their votes are those of different subjects. The column same_as of subject_summary names the "
        "others; whether their votes belong together is for you to say.",
        examples=several.head(5),
    )


def times_are_plausible(inputs: CheckInput) -> Finding:
    """Whether the server's time of each classification is known, not in the future and not before 2014."""
    time = pl.col("created_at")
    rows = inputs.tables["classifications"].select("classification_id", "created_at")
    counts = rows.select(
        pl.len().alias("classifications"),
        time.is_null().sum().alias("without a time"),
        (time > inputs.now + _CLOCKS).sum().alias("in the future"),
        (time < _FIRST).sum().alias("before 2014"),
    )
    numbers = counts.collect().row(0, named=True)
    total = numbers["classifications"]
    wrong = {name: number for name, number in numbers.items() if name != "classifications" and number}
    if not wrong:
        return Finding(f"The times of {counted(total, 'classifications')} are plausible.", numbers)
    kinds = ", ".join(f"{number:,} {name}" for name, number in wrong.items())
    implausible = time.is_null() | ~time.is_between(_FIRST, inputs.now + _CLOCKS)
    return Finding(
        f"{share(sum(wrong.values()), total, 'classifications')} "
        f"{verb(sum(wrong.values()), 'has', 'have')} an implausible time: {kinds}.",
        numbers,
        passed=False,
        advice="The time decides which of several classifications by one volunteer is the first. If the file was "
        "re-saved by another program, download the export again and import it with --replace.",
        examples=rows.filter(implausible).head(5).collect(),
    )


def session_times_are_read(inputs: CheckInput) -> Finding:
    """Whether all times at which volunteers started and finished, from their computers, could be read.

    Such a time is in the metadata of a classification; one that cannot be read is null in the table.
    """
    unread = pl.any_horizontal(pl.col(_SESSION_TIMES).is_null())
    rows = inputs.tables["classifications"].select("classification_id", "metadata", *_SESSION_TIMES)
    total, wrong, examples = row_count(rows), 0, list[pl.DataFrame]()
    for batch in batches(rows.filter(unread)):
        texts = metadata_columns(batch["metadata"]).select(_SESSION_TIMES)
        present = texts.hstack(batch.select("classification_id", pl.col(_SESSION_TIMES).name.suffix(" read")))
        unreadable = present.filter(
            pl.any_horizontal(
                pl.col(name).is_not_null() & pl.col(f"{name} read").is_null() for name in _SESSION_TIMES
            )
        )
        wrong += unreadable.height
        examples.append(unreadable.select("classification_id", *_SESSION_TIMES).head(5))
    numbers = {"classifications": total, "with a time that cannot be read": wrong}
    workflow, _, version = (inputs.key or "").partition("-v")
    if not wrong:
        return Finding(f"The session times of {counted(total, 'classifications')} could be read.", numbers)
    return Finding(
        f"{share(wrong, total, 'classifications')} of workflow {workflow}, version {version}, "
        f"{verb(wrong, 'has', 'have')} a time in "
        "their metadata that cannot be read: started_at, finished_at or duration_s is null.",
        numbers,
        passed=False,
        advice="Times such as 2024-03-05T01:02:03.250Z can be read, also with an offset such as -07:00. Others "
        "come from another front end or a file that was saved again. The classifications count as all others do.",
        examples=pl.concat(examples).head(5),
    )


def starts_are_their_own(inputs: CheckInput) -> Finding:
    """Whether each classification has a start of its own, and not that of the session."""
    start, end = pl.col("started_at"), pl.col("finished_at")
    shared = (pl.col("duration_s") - (end - start).dt.total_microseconds() / 1e6).abs() > _ROUNDING
    rows = inputs.tables["classifications"].select(
        "classification_id", "started_at", "finished_at", "duration_s", shared=shared.fill_null(False)
    )
    total, wrong = rows.select(pl.len(), pl.col("shared").sum()).collect().row(0)
    numbers = {"classifications": total, "with the start of their session": wrong}
    if not wrong:
        return Finding(f"{counted(total, 'classifications')}, each with a start of its own.", numbers)
    return Finding(
        f"{share(wrong, total, 'classifications')} {verb(wrong, 'has', 'have')} a start that the session has "
        "again: duration_s is the time since the classification before.",
        numbers,
        passed=False,
        advice="The front end kept the start of the session. A pause between two classifications is part of the "
        "second one's time, and so is work on another version of the workflow.",
        examples=rows.filter("shared").drop("shared").head(5).collect(),
    )


def version_is_defined(inputs: CheckInput) -> Finding:
    """Whether the workflows export has the exact version in which the classifications were made.

    Without an imported workflows export nothing is compared: the labels are those of the classifications export.
    """
    match = inputs.tables["tasks"].select(pl.col("version_match").first()).collect().item() or "none"
    numbers = {"versions": 1, "versions without their definition": int(match != "exact")}
    if match == "exact":
        return Finding("The workflows export has the version.", numbers)
    known = inputs.tables["workflow_versions"].select("workflow_id", "workflow_version").collect()
    if known.is_empty():
        return Finding(
            "Not compared: no workflows export was imported. With one, answers get their positions, and pooling "
            "recognises more reliably in which versions a task means the same. Get it from Zooniverse: Lab, your "
            'project, Data Exports, "Request new workflow export".',
            numbers,
        )
    workflow = int((inputs.key or "0").partition("-")[0])
    versions = known.filter(workflow_id=workflow)["workflow_version"].to_list()
    if match == "none":
        message = f"The workflows export does not have workflow {workflow}: labels are as exported."
    else:
        message = (
            f"The workflows export has no definition of this version, only of {listed(versions[-5:])}. Options, "
            "and labels that the rows do not have, come from the version that Zooniverse's server used instead."
        )
    return Finding(
        message,
        numbers,
        passed=False,
        advice="Download the workflows export again and import it. Versions that Zooniverse did not keep, and "
        "workflows that are hidden or deleted, stay without a definition.",
    )


def few_rows_are_quarantined(inputs: CheckInput) -> Finding:
    """Whether nearly all rows of the version could be read."""
    rows = inputs.tables["parsed_quarantine"]
    wrong, good = row_count(rows), row_count(inputs.tables["classifications"])
    return quarantine.evaluate(
        quarantine.Quarantined(wrong, wrong + good),
        rows,
        inputs.limits,
        "See column, reason and found in the table parsed_quarantine. If another program cut or rewrote cells, "
        "download the export again and import it with --replace.",
    )
