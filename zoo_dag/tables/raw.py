"""Tables of the raw stage: the cells of the exports, and the history of imports.

The columns of the exports themselves are declared in `zoo_dag.tables.layouts`. Raw tables are read from files, so
their columns have no sources.
"""

from zoo_dag.tables.columns import Column, count, flag, identifier, moment, text
from zoo_dag.tables.layouts import CLASSIFICATIONS, SUBJECTS, WORKFLOWS, Layout
from zoo_dag.tables.quarantine import quarantine
from zoo_dag.tables.table import Partition, Table


def _export(layout: Layout, partition: Partition | None = None, **further: Column) -> Table:
    """The raw table of an export: the columns of its layout as text, and the file and row of each row."""
    return Table(
        f"raw_{layout.kind}",
        "raw",
        f"One row per row of the {layout.kind} export, every cell as text, verbatim.\n\n"
        f"Good for looking up the original cells of an export. Next, open `{layout.typed}`, the same rows with "
        "types.",
        {name: text(meaning, (), layout.identifying.get(name)) for name, meaning in layout.columns.items()}
        | {"source_file": text("Export file"), "source_row": count("Data row of that file, the first is 1")}
        | further,
        partition,
        layout,
    )


SHOWN_SUBJECTS = Table(
    "shown_subjects",
    "raw",
    "One row per subject of a workflow version: what the classifications export says about it.\n\n"
    "Good for the metadata and the retirement of subjects that no subjects export has. Next, open "
    "`subject_summary`, which has these facts or, where there are any, those of the subjects export.",
    {
        "workflow_id": identifier("Workflow"),
        "workflow_version": text("Workflow version of the classifications, `<major>.<minor>`"),
        "subject_id": identifier("Subject"),
        "metadata": text("Metadata of the subject when the file was exported, JSON text"),
        "classifications_count": count(
            "The server's count for subject and workflow; null where it is not retired"
        ),
        "retired_at": moment("When the subject was retired from the workflow, full seconds"),
        "retirement_reason": text("Why it was retired"),
        "classification_id": identifier("The newest classification of the subject, in whose row this is"),
    },
)

TABLES = (
    _export(CLASSIFICATIONS, "workflow_version"),
    _export(
        SUBJECTS,
        is_current=flag("The newest import that has the subject in this workflow has this row too; else false"),
    ),
    _export(WORKFLOWS),
    Table(
        "raw_versions",
        "raw",
        "One row per workflow version that has classifications: the content of its raw file.\n\n"
        "Good for seeing which versions there are, and how many rows of each were read and merged. Next, open "
        "`classifications` of a version.",
        {
            "workflow_id": identifier("Workflow; 0 where the export has no workflow_id column"),
            "workflow_version": text("Workflow version, `<major>.<minor>`"),
            "version_major": count("Major version as an integer"),
            "version_minor": count("Minor version as an integer"),
            "n_rows": count("Rows in the raw file of this version"),
            "n_read": count("Rows read for this version over all imports"),
            "n_merged": count("Rows that repeated a classification_id and were replaced by a newer row"),
            "content_hash": text("Hash of all cells except those that change with every export, such as user_ip"),
        },
    ),
    SHOWN_SUBJECTS,
    quarantine("raw_quarantine", "raw", {}, partition=None),
    Table(
        "imports",
        "raw",
        "One row per imported file: where the data came from.\n\n"
        "Good for the provenance of a result: names, sizes, dates and SHA-256 sums of the exports. Next, "
        "open `accounting` to see where their rows went.",
        {
            "sha256": text("SHA-256 of the file as it was imported, compressed or not"),
            "source_file": text("File name"),
            "kind": text("classifications, subjects or workflows"),
            "n_bytes": count("Size of the file"),
            "container": text("plain, gzip or zip"),
            "encoding": text("utf-8, or utf-16, or cp1252 where some of the file was not UTF-8"),
            "n_columns": count("Columns of the file that today's layout knows"),
            "n_rows": count("Data rows read"),
            "n_quarantined": count(
                "Rows that belong to no workflow version, subject or workflow that can be read"
            ),
            "n_padded": count("Rows with empty cells beyond the header, which were dropped"),
            "resaved": text(
                "What R had changed and was undone, such as quotes behind a backslash; null where nothing was"
            ),
            "rows_read": text(
                "Rows read, as JSON: by workflow version for classifications, else by kind; rows in "
                "raw_quarantine under `quarantine <kind>`. null for imports that did not record it"
            ),
            "imported_at": moment("When the file was imported"),
        },
        partition=None,
    ),
    Table(
        "forgotten",
        "raw",
        "One row per workflow version or raw table that `zoo-dag forget` or `zoo-dag run --replace` removed rows "
        "from.\n\n"
        "Good for knowing which rows the accounting no longer counts. A file that held such rows is read again "
        "when it is imported again. Next, open `imports` for what was read.",
        {
            "forgotten_at": moment("When it was forgotten"),
            "workflow_id": identifier("Workflow"),
            "workflow_version": text("Workflow version; null for rows that belong to the entire workflow"),
            "table": text("Raw table that held the rows"),
            "kind": text("Export that they came from: classifications, subjects or workflows"),
            "n_rows": count("Rows removed from the table; the accounting no longer counts them"),
        },
        partition=None,
    ),
)
