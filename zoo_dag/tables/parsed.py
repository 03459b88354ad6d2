"""Tables of the parsed stage: typed columns, one row per thing of the project."""

import dataframely as dy

from zoo_dag.tables import columns


class Classifications(dy.Schema):
    """One row per classification of one workflow version: who classified which subject, when, and what they said.

    Good for effort over time, people and sessions, and for the reason why a classification is left out of
    consensus (`excluded`). Next, open the table of your task type, such as `question_annotations`.
    """

    classification_id = dy.Int64(
        nullable=False,
        primary_key=True,
        metadata=columns.about("Classification; negative where the export had no id column"),
    )
    user_key = columns.text("Volunteer: user:<user_id>, else session:<session>, else ip:<user_ip>")
    user_name = columns.text("Login name at export time, or not-logged-in-<token>")
    user_id = columns.identifier("Account id; null for volunteers who were not logged in")
    user_ip = columns.text("Token that stands for an IP address within one export file only")
    workflow_id = columns.identifier("Workflow")
    workflow_name = columns.text("Name of the workflow at export time")
    workflow_version = columns.text("Workflow version, `<major>.<minor>`")
    version_major = columns.count("Major version")
    version_minor = columns.count("Minor version")
    created_at = columns.moment("When the server stored the classification")
    gold_standard = columns.flag("Made in gold-standard mode")
    expert = columns.text("Role of the expert in gold-standard mode: expert or owner")
    subject_ids = columns.text("Subject ids ascending, joined with `;`")
    subject_id = columns.identifier("The subject where there is exactly one")
    n_subjects = columns.count("Number of subjects shown")
    classifier_version = columns.text("Version of the classifier; absent for the first generation")
    session = columns.text("Browser session of the volunteer")
    started_at = columns.moment("Start by the volunteer's clock")
    finished_at = columns.moment("End by the volunteer's clock")
    duration_s = columns.measure("finished_at - started_at in seconds, negative where the clock was set back")
    user_language = columns.text("Language of the volunteer's interface; labels are not in it")
    live_project = columns.flag("The project was live")
    seen_before = columns.flag("The volunteer had classified the subject before; absent means not flagged")
    already_seen = columns.flag("The subject was served as already seen")
    retired_when_shown = columns.flag("The subject was already retired when it was served")
    source = columns.text("Where the subject came from: api or sugar")
    metadata = columns.text("Metadata of the classification, JSON text")
    annotations = columns.text("Annotations, JSON text")
    version_match = columns.text("exact, fallback or none: which definition of the workflow gave the labels")
    excluded = columns.text("Null where the classification counts, else the first reason that applies")
    translation_bug = columns.flag("The server marked the row as damaged by the workflow bug of November 2018")


class Subjects(dy.Schema):
    """One row per subject, workflow and subject set, with the addresses of its images.

    Good for images, metadata and retirement of every subject, those that nobody classified included. Next, open
    `subject_summary`, which has one row per classified subject and what volunteers said about it.
    """

    subject_id = dy.Int64(nullable=False, metadata=columns.about("Subject"))
    project_id = columns.identifier("Project")
    workflow_id = columns.identifier("Workflow the set is linked to; null where it is linked to none")
    subject_set_id = columns.identifier("Subject set")
    metadata = columns.text("Metadata of the subject, JSON text")
    locations = dy.List(dy.String(nullable=True), nullable=True, metadata=columns.about("Media URLs by frame"))
    n_frames = columns.count("Number of frames")
    classifications_count = columns.count("The server's count for subject and workflow; never add it over sets")
    retired_at = columns.moment("When the subject was retired from the workflow")
    retirement_reason = columns.text("Why it was retired")
    created_at = columns.moment("When the subject was uploaded")
    updated_at = columns.moment("When the subject was last changed")


class WorkflowVersions(dy.Schema):
    """One row per stored version of a workflow: its tasks, texts and retirement rule.

    Good for the history of a workflow, and the rule by which subjects retire. Next, open `tasks`, where the
    definitions of a version are spread out as rows.
    """

    workflow_id = dy.Int64(nullable=False, metadata=columns.about("Workflow"))
    workflow_version = columns.text("Workflow version, `<major>.<minor>`; `<major>` where the minor is unknown")
    version_major = columns.count("Major version")
    version_minor = columns.count("Minor version; null in exports from before 2019")
    display_name = columns.text("Name at export time")
    active = columns.flag("Active at export time")
    classifications_count = columns.count("The server's count at export time")
    pairwise = columns.flag("Subjects are compared in pairs")
    grouped = columns.flag("Subjects are selected by set")
    prioritized = columns.flag("Subjects are shown in a given order")
    primary_language = columns.text("Language of the labels")
    first_task = columns.text("Key of the first task")
    tutorial_subject_id = columns.identifier("Subject of the tutorial")
    retired_set_member_subjects_count = columns.count("Retired subjects at export time")
    retirement_criteria = columns.text("Rule that retires subjects, at export time")
    retirement_count = columns.count("Classifications after which a subject retires, at export time")
    tasks = columns.text("Tasks with string keys, JSON text")
    strings = columns.text("Texts by string key, JSON text")
    retirement = columns.text("Retirement rule, JSON text")
    aggregation = columns.text("Aggregation settings of exports from before 2024, JSON text")


class Tasks(dy.Schema):
    """One row per workflow version, task and option; a task without options has one row.

    Good for a codebook: what was asked, which answers, tools or choices there were, in their order. Versions in
    which a task means the same share its `task_revision`. Next, open `classifications`.
    """

    workflow_id = columns.identifier("Workflow")
    workflow_version = columns.text("Workflow version of the classifications")
    task = columns.text("Task key; null in the one row of a version that has no tasks")
    task_revision = columns.text(
        "`<task>@<first version>` of the run of versions in which the task means the same"
    )
    task_type = columns.text("Task type")
    task_label = columns.text("Question or instruction")
    required = columns.flag("The volunteer had to answer")
    next = columns.text("Key of the next task")
    option_kind = columns.text("answer, tool, sub-task, choice, question, filter, select, select option …")
    option_path = columns.text("Place in the definition, such as answers.0 or tools.1.details.0")
    option_index = columns.index("Position among its siblings")
    option_id = columns.text("Id or value that annotations use, or the type of a tool or sub-task")
    option_label = columns.text("Text that volunteers saw, in the primary language")
    option_next = columns.text("Key of the task that this answer leads to")
    option_origin = columns.index(
        "Place of the option among those of the first version of the revision: the same place, the same option"
    )
    shortcut = columns.text("Key of the shortcut task on the same page")
    version_match = columns.text("exact, fallback or none: how the definition was found")
    tutorial_subject_id = columns.identifier("Subject of the workflow's tutorial")
