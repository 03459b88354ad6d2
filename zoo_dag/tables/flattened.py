"""Tables of the flattened stage: one row per answer, mark, text or other thing that a volunteer gave."""

import dataframely as dy

from zoo_dag.tables import columns


class Annotations(dy.Schema):
    """The columns that every flattened table starts with."""

    classification_id = dy.Int64(nullable=False, metadata=columns.about("Classification"))
    subject_id = columns.identifier("The subject where there is exactly one")
    subject_ids = columns.text("Subject ids ascending, joined with `;`")
    user_key = columns.text("Volunteer")
    workflow_id = columns.identifier("Workflow")
    workflow_version = columns.text("Workflow version")
    created_at = columns.moment("When the server stored the classification")
    excluded = columns.text("Null where the classification counts, else the reason")
    annotation_index = columns.index("Position of the element; the children of a combo count one by one")
    task = columns.text("Task key")
    parent_task = columns.text("Key of the combo task that holds the element")
    task_type = columns.text("Task type")
    task_label = columns.text("Question or instruction")
    task_revision = columns.text("Revision of the task")
    status = columns.text("answered, blank, unknown_label or malformed")


class QuestionAnnotations(Annotations):
    """One row per answer given to a single, multiple or shortcut question; a blank answer is one row.

    Good for analyses of your own on single votes, such as agreement with experts. Next, open `question_consensus`,
    where the votes of each subject are counted.
    """

    answer_index = columns.index("Position of the answer; null where its label is not unique or not known")
    answer = columns.text("Label of the answer")
    n_selected = columns.count("Number of different answers chosen in this element")


class DropdownAnnotations(Annotations):
    """One row per select of a dropdown task that a volunteer filled in, or left alone.

    Good for single choices and typed texts, as they were given. Next, open `dropdown_consensus`, where they are
    counted for each subject.
    """

    select_index = columns.index("Position of the select")
    select_label = columns.text("Title of the select")
    option_index = columns.index("Position of the option")
    option_value = columns.text("Value of the option")
    option_label = columns.text("Label of the option")
    free_text = columns.text("Text typed by the volunteer")


class SurveyAnnotations(Annotations):
    """One row per identification in a survey task: an animal named, with the answers about it.

    Good for species, counts and behaviours as each volunteer gave them. Next, open `survey_consensus`, where they
    are put together for each subject.
    """

    identification_index = columns.index("Position of the identification")
    choice_id = columns.text("Id of the choice")
    choice_label = columns.text("Label of the choice")
    answers = columns.structs(
        {
            "question_id": columns.text("Question"),
            "question_label": columns.text("Its label"),
            "answer_id": columns.text("Answer"),
            "answer_label": columns.text("Its label"),
        },
        "Answers about the identification",
    )
    filters = columns.structs(
        {"filter_id": columns.text("Filter"), "value": columns.text("Value")}, "Filters that were set"
    )


class DrawingAnnotations(Annotations):
    """One row per mark of a drawing or transcription task, in pixels of the natural image.

    Good for marks as they were drawn, all tools and both generations of the classifier in one form. Next, open
    `drawing_consensus` for clusters of marks, or `text_consensus` for transcribed lines.
    """

    mark_index = columns.index("Position of the mark in the export")
    frame = columns.index("Frame of the subject")
    tool_index = columns.index("Position of the tool")
    tool_type = columns.text("Type of the tool")
    tool_label = columns.text("Label of the tool")
    x = columns.measure("Centre, pixels of the natural image")
    y = columns.measure("Centre, pixels of the natural image, downwards")
    x1 = columns.measure("Start of a line")
    y1 = columns.measure("Start of a line")
    x2 = columns.measure("End of a line")
    y2 = columns.measure("End of a line")
    width = columns.measure("Width in pixels")
    height = columns.measure("Height in pixels")
    r = columns.measure("Radius in pixels")
    rx = columns.measure("Radius along the first axis in pixels")
    ry = columns.measure("Radius along the second axis in pixels")
    angle = columns.measure("Degrees clockwise")
    spread = columns.measure("Opening of a fan in degrees")
    start_time = columns.measure("Start as a fraction of the video")
    points = columns.structs(
        {"x": columns.measure("Pixels"), "y": columns.measure("Pixels")}, "Vertices of a path"
    )
    closed = columns.flag("The path is closed")
    details = columns.structs(
        {
            "detail_index": columns.index("Position of the sub-task"),
            "detail_type": columns.text("Type of the sub-task"),
            "answer_index": columns.index("Position of the answer"),
            "answer_label": columns.text("Label of the answer"),
            "text": columns.text("Text"),
            "number": columns.measure("Number"),
        },
        "Answers to sub-tasks",
    )
    mark = columns.text("The mark as exported, JSON text")


class TextAnnotations(Annotations):
    """One row per text that a volunteer wrote.

    Good for reading what was written, word for word. Next, open `text_consensus`, which has one text for each
    subject and task.
    """

    text = columns.text("Text as written")


class SliderAnnotations(Annotations):
    """One row per slider value.

    Good for the values as they were set, and for telling sliders that were left untouched. Next, open
    `slider_consensus`, which has mean and spread for each subject.
    """

    value = columns.measure("Value")
    untouched = columns.flag("The volunteer left the slider at its default")


class HighlightAnnotations(Annotations):
    """One row per highlighted passage of a text.

    Good for passages with their label and offsets; there is no consensus of highlights. Next, open
    `classifications` for who highlighted them, and when.
    """

    start = columns.count("Offset of the first character")
    end = columns.count("Offset of the last character")
    text = columns.text("Highlighted text")
    label = columns.text("Label given to it")
    color = columns.text("Colour of the label")


class OtherAnnotations(Annotations):
    """One row per element of a task type that has no table of its own, kept whole.

    Good for task types that zoo_dag does not know, as JSON text. Next, open `tasks` for what was asked.
    """

    value = columns.text("Value of the element, JSON text")
