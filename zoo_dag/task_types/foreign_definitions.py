"""Tasks that are not what the definition of another version says.

Where the workflows export lacks a version, its rows are read by the definition that the server would use instead.
What the server wrote into the rows shows whether the task is another one; then it has no revision, as without a
workflows export (docs/consensus.md, Task revisions).
"""

from collections.abc import Iterable, Mapping

import polars as pl

from zoo_dag.annotations.definitions import Definitions, TaskDefinition
from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.exports.question_texts import ASKING, asks_the_same
from zoo_dag.exports.revisions import normalised
from zoo_dag.task_types.catalogue import TASK_TYPES

# One type under the names of both generations of the classifier.
_SAME_TYPE = {"dropdown-simple": "dropdown"}


def without_foreign_revisions(
    tables: Mapping[str, pl.LazyFrame], definitions: Definitions
) -> dict[str, pl.LazyFrame]:
    """Flattened tables of one version, without the revisions of tasks that are others than defined."""
    foreign = sorted(
        {
            task
            for flattening in (each.flattening for each in TASK_TYPES)
            for task in _foreign_tasks(tables[flattening.table], flattening.options, definitions)
        }
    )
    if not foreign:
        return dict(tables)
    revision = pl.when(~pl.col("task").is_in(foreign)).then("task_revision").alias("task_revision")
    return {
        name: table.with_columns(revision) if "task_revision" in table.collect_schema() else table
        for name, table in tables.items()
    }


def _foreign_tasks(
    rows: pl.LazyFrame, options: Iterable[OptionColumns], definitions: Definitions
) -> Iterable[str]:
    """The tasks with a type, a text, or a label of an option that the definition does not have."""
    heads = rows.select("task", "task_type", "task_label").unique().collect()
    for task, task_type, label in heads.iter_rows():
        definition = definitions.of(task)
        if definition and not _is_task(definition, task_type, label):
            yield task
    answered = rows.filter(pl.col("status") == "answered")
    for option in options:
        labels = answered.select("task", option.columns["label"]).drop_nulls().unique().collect()
        for task, label in labels.iter_rows():
            definition = definitions.of(task)
            known = _labels(definition, option.kind) if definition else {None}
            # An option whose label the definition lacks may be this one.
            if None not in known and normalised(label) not in known:
                yield task


def _is_task(definition: TaskDefinition, task_type: str, label: str | None) -> bool:
    kind, defined = (_SAME_TYPE.get(each, each) for each in (task_type, definition.task_type or task_type))
    return kind == defined and (kind not in ASKING or asks_the_same(definition.label, label))


def _labels(definition: TaskDefinition, kind: str) -> set[str | None]:
    options = [option for option in definition.options if option.kind == kind]
    return {normalised(text) for option in options for text in (option.label, option.exported)}
