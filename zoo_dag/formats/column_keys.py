"""The keys of columns that depend on the project: a row for each column, with the labels that people saw."""

from collections.abc import Iterable, Mapping

import polars as pl

from zoo_dag.store.flat_tables import FlatTable
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.flat_form import METADATA
from zoo_dag.task_types.answer_names import VOTED
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.subject_votes import SUBJECT_VOTES, votes_key
from zoo_dag.task_types.summary_key import KEY, subjects_key, summary_key

SUMMARY, SUBJECTS = "subject_summary", "subjects"
# The tables whose keys have a part for each workflow.
OF_TASKS = (SUMMARY, SUBJECT_VOTES)


def has_key(names: Iterable[str], *, as_json: bool) -> bool:
    """Whether a key is written beside any of the tables."""
    return any(name in OF_TASKS or (name == SUBJECTS and not as_json) for name in names)


def keys_of(files: TableFiles, workflow: int | None, tables: Mapping[str, FlatTable]) -> dict[str, pl.DataFrame]:
    """The keys of those of the tables that have one, as KEY, by the names of their sheets."""
    keys = {}
    for name, table in tables.items():
        if name in OF_TASKS:
            workflows = files.select_keys(TABLES[name], workflow, None)
            parts = [_of_workflow(files, name, workflow_id, table.fields) for workflow_id in workflows]
            keys[f"{name}_columns"] = pl.concat([pl.DataFrame(schema=KEY), *parts])
        elif name == SUBJECTS and table.fields:
            keys[f"{name}_columns"] = subjects_key(table.frame.collect_schema().names(), table.fields)
    return keys


def about_key(name: str) -> str:
    """What a key is, by the name of its sheet."""
    return f"What the columns of {name.removesuffix('_columns')} are about, with the labels that people saw."


def _of_workflow(files: TableFiles, name: str, workflow_id: str, fields: Mapping[str, str]) -> pl.DataFrame:
    def stored(table: str) -> pl.LazyFrame:
        return files.scan(TABLES[table], workflow_id)

    columns = [
        each
        for column in stored(name).collect_schema()
        for each in (fields if column == METADATA and fields else [column])
    ]
    number = int(workflow_id)
    if name == SUMMARY:
        tables = [TABLES[each.pooled_table] for each in consensus_types()]
        pooled = {table.name: stored(table.name) for table in tables if files.exists(table, workflow_id)}
        return summary_key(number, columns, pooled, fields)
    tasks = TABLES["tasks"]
    versions = [key for key in files.related_keys(tasks, workflow_id) if files.is_current(tasks, key)]
    definitions = files.scan_all(tasks, versions)
    return votes_key(number, columns, {table: stored(table) for table in VOTED}, definitions, stored("votes"))
