"""Tables of the raw stage: what the exports say, cell by cell, and what was imported when.

The export columns themselves are declared in `zoo_dag.tables.layouts`, because an export may carry more
columns than today's layout and all of them are kept.
"""

import dataframely as dy

from zoo_dag.tables import columns


class RawVersions(dy.Schema):
    """One row per workflow version that has classifications: what its raw file holds.

    Good for seeing which versions there are, and how many rows of each were read and merged. Next, open
    `classifications` of a version.
    """

    workflow_id = columns.identifier("Workflow; 0 where the export has no workflow_id column")
    workflow_version = columns.text("Workflow version, `<major>.<minor>`")
    version_major = columns.count("Major version as an integer")
    version_minor = columns.count("Minor version as an integer")
    n_rows = columns.count("Rows in the raw file of this version")
    n_read = columns.count("Rows read for this version over all imports")
    n_merged = columns.count("Rows that repeated a classification_id and gave way to a newer row")
    content_hash = columns.text("Hash of all cells except those that change with every export, such as user_ip")


class Imports(dy.Schema):
    """One row per imported file: where the data came from.

    Good for telling which exports a result rests on: their names, sizes, dates and SHA-256 sums. Next, open
    `accounting` for what became of their rows.
    """

    sha256 = dy.String(nullable=False, metadata=columns.about("SHA-256 of the file as it was given"))
    source_file = columns.text("File name")
    kind = columns.text("classifications, subjects or workflows")
    n_bytes = columns.count("Size of the file")
    container = columns.text("plain, gzip or zip")
    encoding = columns.text("utf-8, or cp1252 where the file was not UTF-8")
    n_columns = columns.count("Columns of the file that today's layout knows")
    n_rows = columns.count("Data rows read")
    n_quarantined = columns.count("Rows that could not be given to any workflow version, subject or workflow")
    imported_at = columns.moment("When the file was imported")


class Forgotten(dy.Schema):
    """One row per forgotten workflow version or raw table that `zoo-dag forget` removed rows from.

    Good for knowing what the books do not count any more. A file that was imported before something was forgotten
    is not skipped when it is imported again. Next, open `imports` for what was read.
    """

    forgotten_at = columns.moment("When it was forgotten")
    workflow_id = columns.identifier("Workflow")
    workflow_version = columns.text("Workflow version; null for rows that belong to the whole workflow")
    table = columns.text("Raw table that held the rows")
    kind = columns.text("Export that they came from: classifications, subjects or workflows")
    n_rows = columns.count("Rows removed from the table; the books do not count them any more")


class Quarantine(dy.Schema):
    """One row per export row or annotation element that no table could take, and why.

    Good for finding what is wrong with a file: each row names the file, the row, the column and what was found
    there. Next, open `quarantine`, which has those of all stages, and `accounting` for how many there are.
    """

    source_file = columns.text("Export file")
    source_row = columns.count("Data row of that file, the first is 1")
    classification_id = columns.identifier("Classification, where the row tells it")
    column = columns.text("Column with the problem")
    reason = columns.text("What is wrong, what was expected")
    found = columns.text("The text that was found")
    stage = columns.text("Stage that rejected it: raw, parsed or flattened")
    kind = columns.text("Export: classifications, subjects or workflows")
    workflow_id = columns.identifier("Workflow, where known")
    workflow_version = columns.text("Workflow version, where known")
    annotation_index = dy.Int32(nullable=True, metadata=columns.about("Position of a rejected annotation element"))
    row = columns.text("The whole row as JSON text, where the raw tables do not hold it")
