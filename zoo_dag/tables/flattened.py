"""Tables of the flattened stage: one row per answer, mark, text or other thing that a volunteer entered."""

from collections.abc import Mapping

from zoo_dag.tables.columns import Column, count, flag, index, measure, of, structs, text, with_sources
from zoo_dag.tables.geometry import GEOMETRY
from zoo_dag.tables.parsed import CLASSIFICATIONS
from zoo_dag.tables.quarantine import quarantine
from zoo_dag.tables.table import Table, carried

_READ = of("classifications", "annotations")
_LABELLED = _READ + of("tasks", "option_label", "option_path", "option_index")
_IDENTIFIED = _READ + of("tasks", "option_id", "option_label")
_DEFINED = _READ + of("tasks", "option_id", "option_label", "option_path", "option_index")
# What each row of a flattened table says of its classification, as `classifications` does.
CLASSIFICATION_KEYS = (
    "classification_id",
    "subject_id",
    "subject_ids",
    "user_key",
    "workflow_id",
    "workflow_version",
    "created_at",
    "excluded",
    "after_retirement",
)

# What a mark needs of its classification besides: the sizes of all frames.
FRAME_SIZES = "subject_dimensions"
# In `excluded`: the answer is on a branch that the volunteer left.
LEFT_BRANCH = "left_branch"

# An answer about an identification of a survey.
SURVEY_ANSWER = {
    "question_id": text("Question"),
    "question_label": text("Its label"),
    "answer_id": text("Answer"),
    "answer_label": text("Its label"),
}


def annotations_table(
    kind: str, description: str, columns: Mapping[str, Column], status: tuple[str, ...] = _READ
) -> Table:
    """A flattened table: the columns that all of them start with, and those of the kind.

    `status` are the sources of the column `status`.
    """
    shared = {
        **carried(CLASSIFICATION_KEYS, CLASSIFICATIONS),
        "excluded": text(
            "Null where the row counts; `left_branch` for a task on a branch that the volunteer left; else why "
            "the classification is left out",
            of("classifications", "excluded") + _READ + of("tasks", "next", "option_next", "first_task"),
        ),
        "annotation_index": index("Position of the element; the children of a combo count one by one", _READ),
        "task": text("Task key", _READ),
        "parent_task": text("Key of the combo task that holds the element", _READ),
        "task_type": text("Task type", _READ + of("tasks", "task_type")),
        "task_label": text("Question or instruction", _READ + of("tasks", "task_label")),
        "task_revision": text("Revision of the task", _READ + of("tasks", "task_revision")),
        "status": text("answered, blank, unknown_label or malformed", status),
    }
    return Table(f"{kind}_annotations", "flattened", description, {**shared, **columns})


QUESTIONS = annotations_table(
    "question",
    "One row per answer to a single, multiple or shortcut question; a blank answer is one row.\n\n"
    "Good for analyses of single votes, such as agreement with experts. Next, open `question_consensus`, "
    "where the votes of each subject are counted.",
    {
        "answer_index": index("Position of the answer; null where its label is not unique or unknown", _LABELLED),
        "answer": text("Label of the answer", _LABELLED),
        "n_selected": count("Number of different answers chosen in this element", _READ),
    },
    status=_LABELLED,
)

DROPDOWNS = annotations_table(
    "dropdown",
    "One row per select of a dropdown task that a volunteer filled in, or left alone.\n\n"
    "Good for single choices and typed texts, as volunteers entered them. Next, open `dropdown_consensus`, "
    "where they are counted for each subject.",
    {
        "select_index": index("Position of the select", _DEFINED),
        "select_label": text("Title of the select", _DEFINED),
        "option_index": index("Position of the option", _DEFINED),
        "option_value": text("Value of the option", _DEFINED),
        "option_label": text("Label of the option", _DEFINED),
        "free_text": text("Text typed by the volunteer", _READ),
    },
    status=_DEFINED,
)

SURVEYS = annotations_table(
    "survey",
    "One row per identification in a survey task: an animal named, with the answers about it.\n\n"
    "Good for species, counts and behaviours as each volunteer reported them. Next, open `survey_consensus`, "
    "where they are put together for each subject.",
    {
        "identification_index": index("Position of the identification", _READ),
        "choice_id": text("Id of the choice", _READ),
        "choice_label": text("Label of the choice", _IDENTIFIED),
        "answers": structs("Answers about the identification", SURVEY_ANSWER, _IDENTIFIED),
        "filters": structs(
            "Filters that were set", {"filter_id": text("Id of the filter"), "value": text("Its value")}, _READ
        ),
    },
)

DRAWINGS = annotations_table(
    "drawing",
    "One row per mark of a drawing or transcription, crop, or span on a light curve.\n\n"
    "Good for marks as they were drawn, all tools and both generations of the classifier in one form. Next, "
    "open `drawing_consensus` for clusters of marks, or `text_consensus` for transcribed lines.",
    {
        "mark_index": index("Position of the mark in the export", _READ),
        "frame": index("Frame of the subject", _READ),
        "frame_width": measure(
            "Natural width of the frame in pixels; without a mark that of the first frame",
            of("classifications", FRAME_SIZES),
        ),
        "frame_height": measure("Natural height of the frame in pixels", of("classifications", FRAME_SIZES)),
        "tool_index": index("Position of the tool", _DEFINED),
        "tool_type": text("Type of the tool", _DEFINED),
        "tool_label": text("Label of the tool", _DEFINED),
        "unit": text(
            "Unit of the geometry: `pixels`, or `data` for the unit of the subject's data, such as days of a "
            "light curve",
            _DEFINED,
        ),
        **with_sources(GEOMETRY, dict.fromkeys(GEOMETRY, _READ)),
        "start_stamp": count(
            "Start on a video in whole seconds, rounded down, modulo an hour; null below one second", _READ
        ),
        "details": structs(
            "Answers to sub-tasks",
            {
                "detail_index": index("Position of the sub-task"),
                "detail_type": text("Type of the sub-task"),
                "answer_index": index("Position of the answer"),
                "answer_label": text("Label of the answer; of an option without one its value"),
                "text": text("Typed text, or an answer that cannot be read"),
                "number": measure("Number, such as the value of a slider"),
            },
            _DEFINED,
        ),
        "mark": text("The mark as exported, JSON text", _READ),
    },
    status=_DEFINED,
)

TEXTS = annotations_table(
    "text",
    "One row per text that a volunteer wrote.\n\n"
    "Good for reading what was written, word for word. Next, open `text_consensus`, which has one text for "
    "each subject and task.",
    {"text": text("Text as written", _READ)},
)

SLIDERS = annotations_table(
    "slider",
    "One row per slider value.\n\n"
    "Good for the values as they were set, and for finding sliders that were left untouched. Next, open "
    "`slider_consensus`, which has mean and spread for each subject.",
    {
        "value": measure("Value", _READ),
        "untouched": flag("The volunteer left the slider at its default", _READ),
    },
)

HIGHLIGHTS = annotations_table(
    "highlight",
    "One row per highlighted passage of a text.\n\n"
    "Good for the passages of single volunteers, with their label and offsets. Next, open `highlight_consensus`, "
    "which has the spans that several highlighted.",
    {
        "start": count("Offset of the first character", _READ),
        "end": count("Offset of the last character", _READ),
        "text": text("Highlighted text", _READ),
        "label": text("Label of the passage", _IDENTIFIED),
        "color": text("Colour of the label", _READ),
    },
)

OTHERS = annotations_table(
    "other",
    "One row per element of a task type without a table, kept as it is.\n\n"
    "Good for task types that zoo_dag does not know, as JSON text. Next, open `tasks` for what was asked.",
    {
        "value": text("Value of the element, JSON text", _READ),
        "reason": text(
            "`members_unknown`: a grid of subjects of which the export does not say which it showed, or an answer "
            "about a cell of it; null for all others",
            _READ + of("classifications", "grid_subject_ids"),
        ),
    },
)

ANNOTATIONS = (QUESTIONS, DROPDOWNS, SURVEYS, DRAWINGS, TEXTS, SLIDERS, HIGHLIGHTS, OTHERS)
TABLES = (
    *ANNOTATIONS,
    quarantine(
        "flattened_quarantine",
        "flattened",
        {
            "classification_id": of("classifications", "classification_id"),
            "workflow_id": of("classifications", "workflow_id"),
            "workflow_version": of("classifications", "workflow_version"),
            **dict.fromkeys(("annotation_index", "reason", "found"), _READ),
        },
    ),
)
