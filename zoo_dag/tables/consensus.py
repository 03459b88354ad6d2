"""Tables of the consensus and pooled stages: what volunteers together say about a subject.

A table of one workflow version and its pooled twin have the same columns after the keys.
"""

import dataframely as dy

from zoo_dag.tables import columns


class _Task(dy.Schema):
    task = columns.text("Task key")
    task_revision = columns.text("Revision of the task")
    task_label = columns.text("Question or instruction")
    subject_id = columns.identifier("The subject where there is exactly one")
    subject_ids = columns.text("Subject ids ascending, joined with `;`")
    n_classifications = columns.count("Counted classifications in which the task was reached")
    n_blank = columns.count("Of these, how many left it blank")
    n_volunteers = columns.count("Different volunteers among them")


class _VersionKeys(dy.Schema):
    workflow_id = columns.identifier("Workflow")
    workflow_version = columns.text("Workflow version")


class _PooledKeys(dy.Schema):
    workflow_id = columns.identifier("Workflow")
    versions = dy.List(
        dy.String(nullable=True), nullable=True, metadata=columns.about("Versions whose votes were pooled")
    )


class InVersion(_VersionKeys, _Task):
    """The columns that every consensus table of one workflow version starts with."""


class Pooled(_PooledKeys, _Task):
    """The columns that every consensus table over all versions of a workflow starts with."""


class Questions(dy.Schema):
    """One row per subject, task and answer voted for; one row without an answer where nobody answered."""

    answer_index = columns.index("Position of the answer; null where its label is not unique or not known")
    answer = columns.text("Label of the answer")
    votes = columns.count("Classifications that gave this answer")
    fraction = columns.measure("votes / n_answered")
    fraction_of_all = columns.measure("votes / n_classifications")
    fraction_low = columns.measure("Lower end of the 95 % Wilson interval of fraction")
    fraction_high = columns.measure("Upper end of the 95 % Wilson interval of fraction")
    rank = columns.index("1 for the answer with most votes; ties in the order of the answers")
    tied = columns.flag("Another answer of the subject has as many votes")
    n_answered = columns.count("Classifications that gave at least one known answer")
    entropy = columns.measure("Shannon entropy of the votes over the answers, divided by its maximum: 0 to 1")
    agreement = columns.measure("Largest fraction of the subject and task")


def both_scopes(measures: type[dy.Schema]) -> tuple[type[dy.Schema], type[dy.Schema]]:
    """The schema of a consensus table of one workflow version, and that of its pooled twin."""
    namespace = {"__doc__": measures.__doc__}
    return (
        type(measures.__name__, (InVersion, measures), dict(namespace)),
        type(f"Pooled{measures.__name__}", (Pooled, measures), dict(namespace)),
    )
