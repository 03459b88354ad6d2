"""Tables of the parsed stage: typed columns, one row per subject, workflow version, task or classification."""

from zoo_dag.tables.columns import count, flag, identifier, index, measure, moment, of, structs, text, texts
from zoo_dag.tables.quarantine import quarantine
from zoo_dag.tables.table import Table, carried


def _cell(*columns: str) -> tuple[str, ...]:
    return of("raw_classifications", *columns)


def _subject(*columns: str) -> tuple[str, ...]:
    return of("raw_subjects", *columns)


def _workflow(*columns: str) -> tuple[str, ...]:
    return of("raw_workflows", *columns)


def _definition(*columns: str) -> tuple[str, ...]:
    return of("workflow_versions", *columns)


_METADATA = _cell("metadata")
_OPTION = _definition("tasks")
_LABEL = _definition("tasks", "strings")
_REVISION = _definition("tasks", "strings", "version_major", "version_minor")

SUBJECTS = Table(
    "subjects",
    "parsed",
    "One row per subject, workflow and subject set, with the addresses of its images.\n\n"
    "Good for images, metadata and retirement of every subject, also of unclassified ones. Next, "
    "open `subject_summary`, which has one row per classified subject with its consensus.",
    {
        "subject_id": identifier("Subject", _subject("subject_id")),
        "project_id": identifier("Project", _subject("project_id")),
        "workflow_id": identifier(
            "Workflow the set is linked to; null where it is linked to none",
            _subject("workflow_id", "workflow_ids"),
        ),
        "subject_set_id": identifier("Subject set", _subject("subject_set_id", "subject_set_ids")),
        "metadata": text("Metadata of the subject, JSON text", _subject("metadata")),
        "locations": texts("Media URLs by frame", _subject("locations")),
        "n_frames": count("Number of frames", _subject("locations")),
        "classifications_count": count(
            "The server's count for subject and workflow; never add it over sets",
            _subject("classifications_count", "classifications_by_workflow"),
        ),
        "retired_at": moment(
            "When the subject was retired from the workflow", _subject("retired_at", "retired_in_workflow")
        ),
        "retirement_reason": text("Why it was retired", _subject("retirement_reason")),
        "created_at": moment("When the subject was uploaded", _subject("created_at")),
        "updated_at": moment("When the subject was last changed", _subject("updated_at")),
        "training": flag("For training, by its metadata and `subjects.training_keys`", _subject("metadata")),
        "is_current": flag(
            "The newest import that has the subject in this workflow has it in this set too; false for a set "
            "that it has left",
            _subject("is_current"),
        ),
    },
    partition=None,
)

WORKFLOW_VERSIONS = Table(
    "workflow_versions",
    "parsed",
    "One row per stored version of a workflow: its tasks, texts and retirement rule.\n\n"
    "Good for the history of a workflow, and the rule by which subjects retire. Next, open `tasks`, where the "
    "definitions of a version are spread out as rows.",
    {
        "workflow_id": identifier("Workflow", _workflow("workflow_id")),
        "workflow_version": text(
            "Workflow version, `<major>.<minor>`; `<major>` where the minor is unknown",
            _workflow("version", "minor_version"),
        ),
        "version_major": count("Major version", _workflow("version")),
        "version_minor": count("Minor version; null in exports from before 2019", _workflow("minor_version")),
        "display_name": text("Name at export time", _workflow("display_name")),
        "active": flag("Active at export time", _workflow("active")),
        "classifications_count": count("The server's count at export time", _workflow("classifications_count")),
        "pairwise": flag("Subjects are compared in pairs", _workflow("pairwise")),
        "grouped": flag("Subjects are selected by set", _workflow("grouped")),
        "prioritized": flag("Subjects are shown in a fixed order", _workflow("prioritized")),
        "primary_language": text("Language of the labels", _workflow("primary_language")),
        "first_task": text("Key of the first task", _workflow("first_task")),
        "tutorial_subject_id": identifier("Subject of the tutorial", _workflow("tutorial_subject_id")),
        "retired_set_member_subjects_count": count(
            "Retired subjects at export time", _workflow("retired_set_member_subjects_count")
        ),
        "retirement_criteria": text("Rule that retires subjects, at export time", _workflow("retirement")),
        "retirement_count": count(
            "Classifications after which a subject retires, at export time", _workflow("retirement")
        ),
        "tasks": text("Tasks with string keys, JSON text", _workflow("tasks")),
        "strings": text("Texts by string key, JSON text", _workflow("strings")),
        "retirement": text("Retirement rule, JSON text", _workflow("retirement")),
        "aggregation": text(
            "Aggregation settings of exports from before 2024, JSON text", _workflow("aggregation")
        ),
    },
    partition=None,
)

TASKS = Table(
    "tasks",
    "parsed",
    "One row per workflow version, task and option; a task without options has one row.\n\n"
    "Good for a codebook: the questions, and their answers, tools or choices in order. "
    "Versions in which a task means the same share its `task_revision`. Next, open `classifications`.",
    {
        **carried(["workflow_id"], WORKFLOW_VERSIONS),
        "workflow_version": text("Workflow version of the classifications"),
        "task": text(
            "Task key; null in the one row of a version that has no tasks", _definition("tasks", "first_task")
        ),
        "task_revision": text(
            "`<task>@<first version>` of the run of versions in which the task means the same", _REVISION
        ),
        "task_type": text("Task type", _OPTION),
        "task_label": text("Question or instruction", _LABEL),
        "required": flag("The volunteer had to answer", _OPTION),
        "next": text("Key of the next task", _OPTION),
        "option_kind": text(
            "answer, tool, sub-task, choice, question, filter, select, select option, scale of a slider …", _OPTION
        ),
        "option_path": text("Place in the definition, such as answers.0 or tools.1.details.0", _OPTION),
        "option_index": index("Position among its siblings", _OPTION),
        "option_id": text("Id or value that annotations use, or the type of a tool or sub-task", _OPTION),
        "option_label": text(
            "Text that volunteers saw, in the primary language, without Markdown pictures", _LABEL
        ),
        "option_text": text("The same with its Markdown pictures, as exports of classifications have it", _LABEL),
        "option_next": text("Key of the task that this answer leads to", _OPTION),
        "option_origin": index(
            "Place of the option in the first version of the revision: the same place means the same option",
            _REVISION,
        ),
        "shortcut": text("Key of the shortcut task on the same page", _OPTION),
        "version_match": text(
            "exact, fallback or none: whether the definition is that of the version, of another one, or missing",
            _definition("version_major", "version_minor"),
        ),
        **carried(["tutorial_subject_id", "first_task"], WORKFLOW_VERSIONS),
    },
)

# The sizes of a frame of a subject, as a browser reads them.
DIMENSIONS = {
    "natural_width": measure("Width of the picture"),
    "natural_height": measure("Its height"),
    "client_width": measure("Width at which it was on the screen"),
    "client_height": measure("Height at which it was"),
}
CLASSIFICATIONS = Table(
    "classifications",
    "parsed",
    "One row per classification of one workflow version: who classified which subject, when, and with "
    "what answers.\n\n"
    "Good for effort over time, people and sessions, and for the reason why a classification is left out of "
    "consensus (`excluded`). Next, open the table of your task type, such as `question_annotations`.",
    {
        "classification_id": identifier(
            "Classification; negative where the export had no id column", _cell("classification_id")
        ),
        "user_key": text(
            "Volunteer: `user:<user_id>` (also where that is a text), else `name:<login>`, `session:<session>`, "
            "`ip:<user_ip>`, or `classification:<id>` where nothing is known",
            _cell("user_id", "metadata", "user_ip", "user_name", "classification_id"),
            "user key",
        ),
        "user_name": text("Login name at export time, or `not-logged-in-<token>`", _cell("user_name"), "login"),
        "user_id": identifier(
            "Account id; null for volunteers who were not logged in, and where it was replaced by a text, which "
            "is in `user_key`",
            _cell("user_id"),
            "account",
        ),
        "user_ip": text(
            "Token that stands for an IP address within one export file only", _cell("user_ip"), "address"
        ),
        "workflow_id": identifier("Workflow", _cell("workflow_id")),
        "workflow_name": text("Name of the workflow at export time", _cell("workflow_name")),
        "workflow_version": text("Workflow version, `<major>.<minor>`", _cell("workflow_version")),
        "version_major": count("Major version", _cell("workflow_version")),
        "version_minor": count("Minor version", _cell("workflow_version")),
        "created_at": moment("When the server stored the classification", _cell("created_at")),
        "gold_standard": flag("In gold-standard mode", _cell("gold_standard")),
        "expert": text("Role of the expert in gold-standard mode: expert or owner", _cell("expert")),
        "subject_ids": text("Subject ids ascending, joined with `;`", _cell("subject_ids", "subject_data")),
        "subject_id": identifier("The subject where there is exactly one", _cell("subject_ids", "subject_data")),
        "n_subjects": count("Number of subjects shown", _cell("subject_ids", "subject_data")),
        "classifier_version": text("Version of the classifier; absent for the first generation", _METADATA),
        "session": text("Browser session of the volunteer", _METADATA, "session"),
        "started_at": moment("Start by the volunteer's clock", _METADATA),
        "finished_at": moment("End by the volunteer's clock", _METADATA),
        "duration_s": measure(
            "finished_at - started_at in seconds, negative where the clock was set back; where a session has the "
            "same start again, the time since the classification before",
            _METADATA + _cell("user_id", "user_name", "user_ip"),
        ),
        "user_language": text("Language of the volunteer's interface; labels are not in it", _METADATA),
        "live_project": flag("The project was live", _METADATA),
        "seen_before": flag(
            "The volunteer had classified the subject before; absent means not flagged", _METADATA
        ),
        "already_seen": flag("The subject was served as already seen", _METADATA),
        "retired_when_shown": flag("The subject was already retired when it was served", _METADATA),
        "grid_subject_ids": text(
            "The subjects that a grid showed, ascending, joined with ;; null without a grid, and where they are "
            "not known",
            _cell("subject_ids", "subject_data", "annotations") + of("tasks", "task_type"),
        ),
        "subject_dimensions": structs(
            "Sizes by frame, in pixels, as the browser read them", DIMENSIONS, _METADATA
        ),
        "source": text("Where the subject came from: api or sugar", _METADATA),
        "metadata": text("Metadata of the classification, JSON text", _METADATA, "json"),
        "annotations": text("Annotations, JSON text", _cell("annotations")),
        "version_match": text(
            "exact, fallback or none: which definition of the workflow gave the labels",
            of("tasks", "version_match"),
        ),
        "excluded": text(
            "Null where the classification counts, else the first reason that applies",
            _cell(
                "gold_standard",
                "metadata",
                "user_id",
                "user_ip",
                "user_name",
                "subject_ids",
                "subject_data",
                "created_at",
                "annotations",
                "classification_id",
            )
            + of("tasks", "tutorial_subject_id"),
        ),
        "translation_bug": flag(
            "The server marked the row as damaged by the workflow bug of November 2018", _METADATA
        ),
        "listed": flag(
            "The settings [exclusion] name the volunteer, the time or the version",
            _cell("user_id", "user_name", "user_ip", "metadata", "created_at", "workflow_version"),
        ),
        "training": flag(
            "A subject is one for training, by its metadata and `subjects.training_keys`", _cell("subject_data")
        ),
        "after_retirement": flag(
            "The subject was retired before: it was served as retired, or retired before `created_at`",
            _cell("subject_data", "metadata", "created_at"),
        ),
        "n_feedback": count("Answers that got training feedback", _METADATA),
        "n_feedback_right": count("Of these, right ones", _METADATA),
    },
)

_PROBLEM = _cell(
    "classification_id",
    "created_at",
    "gold_standard",
    "subject_ids",
    "subject_data",
    "metadata",
    "annotations",
)
_ROW = ("source_file", "source_row", "classification_id", "workflow_id", "workflow_version")

TABLES = (
    SUBJECTS,
    WORKFLOW_VERSIONS,
    TASKS,
    CLASSIFICATIONS,
    quarantine(
        "parsed_quarantine",
        "parsed",
        {name: _cell(name) for name in _ROW} | dict.fromkeys(("column", "reason", "found"), _PROBLEM),
    ),
)
