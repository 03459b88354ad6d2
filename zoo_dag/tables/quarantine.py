"""The columns of every quarantine: rows and annotation elements that fit no table."""

from collections.abc import Mapping

from zoo_dag.tables.columns import count, identifier, index, text, with_sources
from zoo_dag.tables.table import Partition, Table

_DESCRIPTION = (
    "One row per export row or annotation element that fits no table, with the reason.\n\n"
    "Good for finding what is wrong with a file: each row names the file, the row, the column and the text in "
    "that place. Next, open `quarantine`, which has those of all stages, and `accounting` for their numbers."
)

QUARANTINE = {
    "source_file": text("Export file"),
    "source_row": count("Data row of that file, the first is 1"),
    "classification_id": identifier("Classification, where the row has an id"),
    "column": text("Column with the problem"),
    "reason": text("What is wrong, and what was expected"),
    "found": text("The text in that column", (), "quoted"),
    "stage": text("Stage that rejected it: raw, parsed or flattened"),
    "kind": text("Export: classifications, subjects or workflows"),
    "workflow_id": identifier("Workflow, where known"),
    "workflow_version": text("Workflow version, where known"),
    "annotation_index": index("Position of a rejected annotation element"),
    "row": text("The row as JSON text, where the raw tables do not hold it", (), "quoted"),
}


def quarantine(
    name: str,
    stage: str,
    sources: Mapping[str, tuple[str, ...]],
    partition: Partition | None = "workflow_version",
) -> Table:
    """A quarantine of a stage, with the sources of its columns."""
    return Table(name, stage, _DESCRIPTION, with_sources(QUARANTINE, sources), partition)
