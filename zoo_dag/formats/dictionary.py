"""What columns mean, for formats that say it beside the data."""

from collections.abc import Collection, Mapping

from zoo_dag.tables import Table
from zoo_dag.task_types.subject_votes import SUBJECT_VOTES, describe_votes
from zoo_dag.task_types.summary_columns import describe_column

_PARTITION = "Workflow and version, such as 3141-v3.10"


def meanings(table: Table, columns: Collection[str], fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """The meaning of each of these columns of a table that has a known one, also in its flat form.

    `fields` are the fields of metadata that columns have.
    """
    found = {name: _meaning(table, name, columns, fields or {}) for name in columns}
    return {name: meaning for name, meaning in found.items() if meaning}


def _meaning(table: Table, name: str, columns: Collection[str], fields: Mapping[str, str]) -> str | None:
    if name in table.known:
        return table.known[name].description
    if name == "partition":
        return _PARTITION
    if name in fields:
        return f"Metadata of the subject: {fields[name]}"
    if table.open_ended:
        described = describe_votes(name) if table.name == SUBJECT_VOTES else describe_column(name, columns)
        if described:
            return described.description
    lists = [each for each, column in table.known.items() if column.dtype.is_nested()]
    nested = [each for each in lists if name.startswith(f"{each}_")]
    if nested:
        whole = max(nested, key=len)
        return f"`{name.removeprefix(f'{whole}_')}` of: {table.known[whole].description}"
    return None
