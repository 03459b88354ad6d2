"""How a table of the consensus stage is declared: the columns that all of them have, and its own measures."""

from collections.abc import Mapping, Sequence

from zoo_dag.tables.columns import Column, count, measure, of, text
from zoo_dag.tables.table import Table, carried

OF_ONE_VERSION = (
    "Votes are those of one workflow version; the twin of this table that begins with `pooled_` has all."
)
_WORKFLOW = ("workflow_id", "workflow_version")
_TASK = ("task", "task_revision", "task_label", "subject_id", "subject_ids")
_SEEN = of("classifications", "subject_ids", "excluded")


def consensus_table(
    name: str,
    sources: Sequence[Table],
    description: str,
    measures: Mapping[str, Column],
    asked_for: str | None = None,
) -> Table:
    """A consensus table of one workflow version: keys and counts, which all of them have, and its measures.

    `sources` are the flattened tables that it is computed from.
    """

    def each(*columns: str) -> tuple[str, ...]:
        return tuple(source for table in sources for source in of(table.name, *columns))

    shared = {
        **carried(_WORKFLOW, *sources),
        "parent_task": text(
            "Key of the combo task, where the task is in several combos, or also by itself; null elsewhere",
            each("parent_task") + of("tasks", "next", "option_kind", "option_id", "option_next", "version_match"),
        ),
        **carried(_TASK, *sources),
        "n_classifications": count(
            "Counted classifications in which the task was reached", each("classification_id", "excluded")
        ),
        "n_seen": count("Counted classifications of the subject, whatever they were asked", _SEEN),
        "asked": measure("n_classifications / n_seen", each("classification_id", "excluded") + _SEEN),
        "n_blank": count(
            "Of n_classifications, how many left it blank", each("classification_id", "status", "excluded")
        ),
        "n_volunteers": count("Different volunteers among n_classifications", each("user_key", "excluded")),
        "n_anonymous": count(
            "Of n_classifications, how many are by volunteers who were not logged in",
            each("classification_id", "user_key", "excluded"),
        ),
        "n_after_retirement": count(
            "Of n_classifications, how many were made after the subject was retired",
            each("classification_id", "after_retirement", "excluded"),
        ),
    }
    columns = {**shared, **measures}
    return Table(name, "consensus", f"{description}\n\n{OF_ONE_VERSION}", columns, asked_for=asked_for)
