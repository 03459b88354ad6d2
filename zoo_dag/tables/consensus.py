"""Tables of the consensus and pooled stages: what volunteers together say about a subject.

A table of one workflow version and its pooled twin have the same columns after the keys.
"""

import inspect

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
    """One row per subject, task and answer voted for; one row without an answer where nobody answered.

    Good for the winning answer (`rank` 1, not `tied`), its share with a 95 % interval, and how far volunteers
    agree. Next, open `subject_summary`, which has one row per subject.
    """

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


class Dropdowns(dy.Schema):
    """One row per subject, task, select and option or text; one without an option where nobody answered.

    Good for the option of each select that won (`rank` 1, not `tied`), and how far volunteers agree; `n_blank` and
    `n_answered` are of the select. Next, open `subject_summary`, which has one row per subject.
    """

    select_index = columns.index("Position of the select; null where nobody knows the selects of a blank task")
    select_label = columns.text("Title of the select")
    option_value = columns.text("Value of the option; its position where the export tells nothing else")
    option_label = columns.text("Label of the option")
    free_text = columns.text("Text typed by volunteers, verbatim")
    votes = columns.count("Classifications that chose this option, or typed this text")
    fraction = columns.measure("votes / n_answered")
    fraction_of_all = columns.measure("votes / n_classifications")
    fraction_low = columns.measure("Lower end of the 95 % Wilson interval of fraction")
    fraction_high = columns.measure("Upper end of the 95 % Wilson interval of fraction")
    rank = columns.index("1 for the option with most votes; ties in the order of the options, texts last")
    tied = columns.flag("Another option of the subject and select has as many votes")
    n_answered = columns.count("Classifications that chose an option of the select, or typed a text")
    entropy = columns.measure("Shannon entropy of the votes over the options, divided by its maximum: 0 to 1")
    agreement = columns.measure("Largest fraction of the subject, task and select")


class Surveys(dy.Schema):
    """One row per subject, task and choice that was named; one without a choice where nobody named any.

    Good for which species are there, how many of each and what they do, with Pielou's evenness as a measure of
    doubt. Next, open `subject_summary`, which has one row per subject.
    """

    choice_id = columns.text("Id of the choice")
    choice_label = columns.text("Label of the choice")
    votes = columns.count("Classifications that named the choice, once or several times")
    fraction_of_all = columns.measure("votes / n_classifications")
    fraction_low = columns.measure("Lower end of the 95 % Wilson interval of fraction_of_all")
    fraction_high = columns.measure("Upper end of the 95 % Wilson interval of fraction_of_all")
    rank = columns.index("1 for the choice with most votes; ties in the order of the choices")
    tied = columns.flag("Another choice of the subject has as many votes")
    n_answered = columns.count("Classifications that named at least one choice")
    n_choices = columns.measure("Median number of different choices in the classifications that named any")
    evenness = columns.measure("Pielou's evenness of the votes over the choices named: 0 unanimous, 1 even")
    answers = columns.structs(
        {
            "question_id": columns.text("Question"),
            "question_label": columns.text("Its label"),
            "answer_id": columns.text("Answer"),
            "answer_label": columns.text("Its label"),
            "votes": columns.count("Classifications that gave this answer about the choice"),
            "fraction": columns.measure("votes / votes of the choice"),
        },
        "Answers about the choice, in the order of the workflow",
    )
    count_min = columns.text("Lowest answer to how many; a bin, such as `11-50`")
    count_median = columns.text("Median answer to how many; between two bins the upper one")
    count_max = columns.text("Highest answer to how many")
    evenness_without_blanks = columns.measure("Evenness without the choices that mean that nothing is there")


class Sliders(dy.Schema):
    """One row per subject and task: mean, median and spread of a slider; null where nobody gave a value.

    Good for estimates with their 95 % interval. Next, open `subject_summary`, which has one row per subject.
    """

    mean = columns.measure("Mean of the values, in the unit of the slider")
    median = columns.measure("Median of the values")
    std = columns.measure("Standard deviation, divided by n - 1; null for one value")
    mad = columns.measure("Median distance of the values from their median, not scaled")
    min = columns.measure("Lowest value")
    max = columns.measure("Highest value")
    q25 = columns.measure("Lower quartile, interpolated linearly")
    q75 = columns.measure("Upper quartile, interpolated linearly")
    mean_low = columns.measure("Lower end of the 95 % interval of the mean (Student's t); null for one value")
    mean_high = columns.measure("Upper end of the 95 % interval of the mean (Student's t); null for one value")


class Texts(dy.Schema):
    """One row per subject and task, in a transcription per line; one without a text where nobody wrote any.

    Good for the text that volunteers agree on, and word by word how many of them wrote it. Next, open
    `subject_summary`, where the lines of a page are one text.
    """

    line_index = columns.index("Position of the line in reading order; null for free text")
    x1 = columns.measure("Start of the line, median over its volunteers, pixels of the natural image")
    y1 = columns.measure("Start of the line, downwards")
    x2 = columns.measure("End of the line")
    y2 = columns.measure("End of the line, downwards")
    text = columns.text("Consensus text: the commonest form of every word that won")
    n_answered = columns.count("Texts that voted: classifications, or the volunteers of the line")
    agreement = columns.measure("Mean over the words of the share of texts that agree with the consensus: 0 to 1")
    tokens = columns.structs(
        {
            "token": columns.text("Word of the consensus"),
            "votes": columns.count("Texts that have it, whatever its case, tags and punctuation"),
            "n": columns.count("Texts that voted"),
        },
        "Words of the consensus in order, and their votes",
    )
    method = columns.text("How the text was made: star_alignment")


class Drawings(dy.Schema):
    """One row per cluster of marks; one without a cluster for a subject and task that has none.

    Good for things that several volunteers marked: where, how large, and by which share of them (`detection`).
    Next, open `subject_summary`, which has the number of clusters of every subject.

    Geometry is the mean over the volunteers of the cluster, columns as in `drawing_annotations`; `*_std` is the
    standard deviation over them, divided by n - 1, null for one volunteer.
    """

    frame = columns.index("Frame of the subject")
    tool_index = columns.index("Position of the tool")
    tool_type = columns.text("Type of the tool")
    tool_label = columns.text("Label of the tool")
    cluster_index = columns.index("Position among the clusters of the tool on the frame: most volunteers first")
    n_marks = columns.count("Marks in the cluster")
    n_members = columns.count("Different volunteers with a mark in the cluster")
    detection = columns.measure("n_members / n_classifications")
    x = columns.measure("Centre, pixels of the natural image")
    y = columns.measure("Centre, pixels of the natural image, downwards")
    x1 = columns.measure("Start of a line, in the direction in which most volunteers drew it")
    y1 = columns.measure("Start of a line")
    x2 = columns.measure("End of a line")
    y2 = columns.measure("End of a line")
    width = columns.measure("Width in pixels")
    height = columns.measure("Height in pixels")
    r = columns.measure("Radius in pixels")
    rx = columns.measure("Radius along the first axis in pixels")
    ry = columns.measure("Radius along the second axis in pixels")
    angle = columns.measure("Degrees clockwise, nearest to zero of those that look the same")
    spread = columns.measure("Opening of a fan in degrees")
    start_time = columns.measure("Start as a fraction of the video")
    points = columns.structs(
        {"x": columns.measure("Pixels"), "y": columns.measure("Pixels")},
        "Outline of what at least half of the volunteers drew around, or mean path",
    )
    closed = columns.flag("The path is closed")
    x_std = columns.measure("Spread of x in pixels")
    y_std = columns.measure("Spread of y in pixels")
    x1_std = columns.measure("Spread of x1 in pixels")
    y1_std = columns.measure("Spread of y1 in pixels")
    x2_std = columns.measure("Spread of x2 in pixels")
    y2_std = columns.measure("Spread of y2 in pixels")
    width_std = columns.measure("Spread of width in pixels")
    height_std = columns.measure("Spread of height in pixels")
    r_std = columns.measure("Spread of r in pixels")
    rx_std = columns.measure("Spread of rx in pixels")
    ry_std = columns.measure("Spread of ry in pixels")
    angle_std = columns.measure("Spread of angle around the circle, in degrees")
    spread_std = columns.measure("Spread of spread in degrees")
    start_time_std = columns.measure("Spread of start_time as a fraction of the video")
    iou = columns.measure(
        "Areas: mean over the marks of the area in common with the consensus / area of both together"
    )
    details = columns.structs(
        {
            "detail_index": columns.index("Position of the sub-task"),
            "answer_label": columns.text("Label of the answer; its position where nobody knows the label"),
            "votes": columns.count("Volunteers of the cluster who gave this answer"),
            "fraction": columns.measure("votes / volunteers of the cluster who answered the sub-task"),
            "text": columns.text("Commonest text"),
            "number": columns.measure("Median number"),
        },
        "Answers to sub-tasks, most votes first",
    )


class SubjectSummary(dy.Schema):
    """One row per workflow and subject (or subjects shown together), with the consensus of every task.

    Good for a spreadsheet: winning answers, agreement, counts, retirement, addresses of images and metadata side
    by side. Next, open the pooled table of a task, such as `pooled_question_consensus`, for its details.

    After these columns come those of the tasks, such as `T0_answer`, `T0_fraction`, `T0_agreement`, `T0_reached`;
    docs/subject_summary.md lists them. A task of which there are several revisions has columns for each.
    """

    workflow_id = columns.identifier("Workflow")
    subject_id = columns.identifier("The subject where there is exactly one")
    subject_ids = columns.text("Subject ids ascending, joined with `;`")
    subject_known = columns.flag("The subjects export has the subject")
    versions = dy.List(
        dy.String(nullable=True), nullable=True, metadata=columns.about("Versions it was classified in")
    )
    n_classifications = columns.count("Classifications that count")
    n_excluded = columns.count("Classifications that are left out")
    n_volunteers = columns.count("Different volunteers among those that count")
    first_at = columns.moment("First classification that counts")
    last_at = columns.moment("Last classification that counts")
    classifications_count = columns.count("The server's count, made by other rules")
    retired_at = columns.moment("When the subject was retired from the workflow")
    retirement_reason = columns.text("Why it was retired")
    urls = dy.List(dy.String(nullable=True), nullable=True, metadata=columns.about("Media URLs by frame"))
    metadata = columns.text("Metadata of the subject, JSON text")


def both_scopes(measures: type[dy.Schema]) -> tuple[type[dy.Schema], type[dy.Schema]]:
    """The schema of a consensus table of one workflow version, and that of its pooled twin."""
    said = inspect.cleandoc(measures.__doc__ or "")
    of_version = (
        "Votes are those of one workflow version; the twin of this table that begins with `pooled_` has all."
    )
    of_all = (
        "Votes are those of all versions of the workflow in which the task is the same; labels are the newest."
    )
    return (
        type(measures.__name__, (InVersion, measures), {"__doc__": f"{said}\n\n{of_version}"}),
        type(f"Pooled{measures.__name__}", (Pooled, measures), {"__doc__": f"{said}\n\n{of_all}"}),
    )
