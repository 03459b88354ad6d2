"""Which columns of a table are in its flat form, as `zoo-dag export` writes it to CSV and Excel."""

from collections.abc import Mapping

from zoo_dag.tables.table import Table

# The metadata of subjects, which becomes a column for each of its fields, and the tables that have it.
METADATA = "metadata"
OF_SUBJECTS = ("shown_subjects", "subjects", "subject_summary")
# By table the other columns of JSON text: what they hold, other tables have in columns.
JSON_TEXT: Mapping[str, tuple[str, ...]] = {
    "classifications": ("metadata", "annotations"),
    "workflow_versions": ("tasks", "strings", "retirement", "aggregation"),
    "drawing_annotations": ("mark",),
    "imports": ("rows_read",),
    **dict.fromkeys(("raw_quarantine", "parsed_quarantine", "flattened_quarantine", "quarantine"), ("row",)),
}


def plain_columns(table: Table) -> set[str]:
    """The columns that are in the flat form of a table as they are: neither lists nor JSON text."""
    changed = {*JSON_TEXT.get(table.name, ()), *((METADATA,) if table.name in OF_SUBJECTS else ())}
    return {name for name, dtype in table.dtypes.items() if not dtype.is_nested()} - changed
