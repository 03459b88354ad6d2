"""What columns mean, for formats that say it beside the data."""

from collections.abc import Collection

from zoo_dag.tables import Table
from zoo_dag.task_types.summary_columns import describe_column

_PARTITION = "Workflow and version, such as 3141-v3.10"


def meanings(table: Table, columns: Collection[str]) -> dict[str, str]:
    """The meaning of each of these columns of a table that has a known one."""
    found = {}
    for name in columns:
        if name in table.columns:
            found[name] = table.columns[name].description
        elif name == "partition":
            found[name] = _PARTITION
        elif table.open_ended and (described := describe_column(name, columns)):
            found[name] = described.description
    return found
