"""Tables of the consensus stage: what volunteers together say about a subject."""

import dataframely as dy

from zoo_dag.tables import columns


class Consensus(dy.Schema):
    """The columns that every consensus table starts with."""

    workflow_id = columns.identifier("Workflow")
    workflow_version = columns.text("Workflow version")
    task = columns.text("Task key")
    task_revision = columns.text("Revision of the task")
    task_label = columns.text("Question or instruction")
    subject_id = columns.identifier("The subject where there is exactly one")
    subject_ids = columns.text("Subject ids ascending, joined with `;`")
    n_classifications = columns.count("Counted classifications in which the task was reached")
    n_blank = columns.count("Of these, how many left it blank")
    n_volunteers = columns.count("Different volunteers among them")


class QuestionConsensus(Consensus):
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
