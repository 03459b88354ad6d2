"""Tables of the consensus stage: the volunteers' combined answers about a subject in one workflow version.

Each has a twin of the pooled stage, which `zoo_dag.tables.pooled` derives.
"""

from collections.abc import Mapping, Sequence

from zoo_dag.tables import flattened
from zoo_dag.tables.columns import Column, count, flag, index, measure, of, structs, text, with_sources
from zoo_dag.tables.geometry import GEOMETRY, of_clusters
from zoo_dag.tables.table import Table, carried

OF_ONE_VERSION = (
    "Votes are those of one workflow version; the twin of this table that begins with `pooled_` has all."
)
_WORKFLOW = ("workflow_id", "workflow_version")
_TASK = ("task", "task_revision", "task_label", "subject_id", "subject_ids")
_SEEN = of("classifications", "subject_ids", "excluded")


def consensus_table(
    name: str, sources: Sequence[Table], description: str, measures: Mapping[str, Column]
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
    return Table(name, "consensus", f"{description}\n\n{OF_ONE_VERSION}", {**shared, **measures})


def _shares(sources: tuple[str, ...]) -> dict[str, Column]:
    """The shares of the votes of an answer or option, with the columns of votes as sources."""
    return {
        "fraction": measure("votes / n_answered", sources),
        "fraction_of_all": measure("votes / n_classifications", sources),
        "fraction_low": measure("Lower end of the 95 % Wilson interval of fraction", sources),
        "fraction_high": measure("Upper end of the 95 % Wilson interval of fraction", sources),
    }


_ANSWERED_QUESTION = of("question_annotations", "classification_id", "status", "excluded")
_ANSWER_VOTES = _ANSWERED_QUESTION + of("question_annotations", "answer", "answer_index")
QUESTIONS = consensus_table(
    "question_consensus",
    (flattened.QUESTIONS,),
    "One row per subject, task and answer voted for; one row without an answer where nobody answered.\n\n"
    "Good for the winning answer (`rank` 1, not `tied`), its share with a 95 % interval, and how far "
    "volunteers agree. Next, open `subject_summary`, which has one row per subject.",
    {
        **carried(("answer_index", "answer"), flattened.QUESTIONS),
        "votes": count("Classifications that chose this answer", _ANSWER_VOTES),
        **_shares(_ANSWER_VOTES),
        "rank": index("1 for the answer with most votes; ties in the order of the answers", _ANSWER_VOTES),
        "tied": flag("Another answer of the subject has as many votes, and not all gave both", _ANSWER_VOTES),
        "n_answered": count(
            "Classifications that chose a known answer, or none where several are allowed", _ANSWERED_QUESTION
        ),
        "entropy": measure(
            "Shannon entropy of the votes over the answers, divided by its maximum: 0 to 1; where several answers "
            "are allowed, the mean over the answers of the entropy of yes and no, in bits",
            _ANSWER_VOTES + of("tasks", "option_path"),
        ),
        "agreement": measure(
            "Largest fraction of the subject and task; where several answers are allowed, the mean over the "
            "answers of the share of the majority, yes or no",
            _ANSWER_VOTES + of("tasks", "option_path"),
        ),
        "answer_set": text(
            "Where several answers are allowed, the set of answers that was given most often, joined with `; `: "
            "empty if most chose none; sets with as many votes are joined with a vertical bar",
            _ANSWER_VOTES,
        ),
        "answer_set_votes": count("Classifications that gave exactly this set", _ANSWER_VOTES),
        "mean_selected": measure(
            "Where several answers are allowed, mean number of answers chosen: the sum of the fractions",
            _ANSWER_VOTES,
        ),
    },
)

_ANSWERED_SELECT = of("dropdown_annotations", "classification_id", "status", "excluded")
_OPTION_VOTES = _ANSWERED_SELECT + of(
    "dropdown_annotations", "option_value", "option_label", "option_index", "free_text"
)
DROPDOWNS = consensus_table(
    "dropdown_consensus",
    (flattened.DROPDOWNS,),
    "One row per subject, task, select and option or text; one without an option where nobody answered.\n\n"
    "Good for the option of each select that won (`rank` 1, not `tied`), and how far volunteers agree; "
    "`n_blank` and `n_answered` are of the select. Next, open `subject_summary`, which has one row per "
    "subject.",
    {
        "select_index": index(
            "Position of the select; null for a blank task with unknown selects",
            of("dropdown_annotations", "select_index"),
        ),
        **carried(["select_label"], flattened.DROPDOWNS),
        "option_value": text(
            "Value of the option; its position where the export has nothing else",
            of("dropdown_annotations", "option_value", "option_index"),
        ),
        **carried(["option_label"], flattened.DROPDOWNS),
        "free_text": text("Text typed by volunteers, verbatim", of("dropdown_annotations", "free_text")),
        "votes": count("Classifications that chose this option, or typed this text", _OPTION_VOTES),
        **_shares(_OPTION_VOTES),
        "rank": index(
            "1 for the option with most votes; ties in the order of the options, texts last", _OPTION_VOTES
        ),
        "tied": flag("Another option of the subject and select has as many votes", _OPTION_VOTES),
        "n_answered": count(
            "Classifications that chose an option of the select, or typed a text",
            _ANSWERED_SELECT + of("dropdown_annotations", "select_index"),
        ),
        "entropy": measure(
            "Shannon entropy of the votes over the options, divided by its maximum: 0 to 1",
            _ANSWERED_SELECT
            + of("dropdown_annotations", "option_value", "option_label", "free_text")
            + of("tasks", "option_id", "option_path"),
        ),
        "agreement": measure("Largest fraction of the subject, task and select", _OPTION_VOTES),
        "whole_agreement": measure(
            "Agreement on all selects of the task together: the share of the commonest whole answer, such as a "
            "date, among the classifications that answered any select",
            _OPTION_VOTES + of("dropdown_annotations", "select_index"),
        ),
    },
)

_ANSWERED_SURVEY = of("survey_annotations", "classification_id", "status", "excluded")
_CHOICE_VOTES = _ANSWERED_SURVEY + of("survey_annotations", "choice_id")
_NAMED = _CHOICE_VOTES + of("survey_annotations", "choice_label")
_CHOICE_ANSWERS = (
    _ANSWERED_SURVEY
    + of("survey_annotations", "answers")
    + of("tasks", "option_id", "option_label", "option_index", "option_path")
)
SURVEYS = consensus_table(
    "survey_consensus",
    (flattened.SURVEYS,),
    "One row per subject, task and choice that was named; one without a choice where nobody named any.\n\n"
    "Good for which species are there (`is_blank` first, then `rank`), how many of each and what they do, with "
    "Pielou's evenness as a measure of doubt. Next, open `subject_summary`, which has one row per subject.",
    {
        **carried(("choice_id", "choice_label"), flattened.SURVEYS),
        "votes": count(
            "Classifications that named the choice, once or several times; a choice that stands for an empty "
            "subject does not count beside an animal",
            _NAMED,
        ),
        "fraction_of_all": measure("votes / n_classifications", _NAMED),
        "fraction_low": measure("Lower end of the 95 % Wilson interval of fraction_of_all", _NAMED),
        "fraction_high": measure("Upper end of the 95 % Wilson interval of fraction_of_all", _NAMED),
        "rank": index(
            "1 for the animal with most votes, of a blank subject for the choice that says so; ties in the order "
            "of the choices",
            _NAMED + of("tasks", "option_id", "option_index"),
        ),
        "tied": flag(
            "Another animal, or another choice that stands for an empty subject, has as many votes, and not all "
            "gave both",
            _NAMED,
        ),
        "n_answered": count("Classifications that named at least one choice", _ANSWERED_SURVEY),
        "n_choices": measure(
            "Median number of different animals in the classifications that named any; null where none did", _NAMED
        ),
        "evenness": measure("Pielou's evenness of the votes over the choices named: 0 unanimous, 1 even", _NAMED),
        "answers": structs(
            "Answers about the choice, in the order of the workflow",
            {
                **flattened.SURVEY_ANSWER,
                "votes": count("Classifications that gave this answer about the choice"),
                "fraction": measure("votes / votes of the choice"),
            },
            _CHOICE_ANSWERS,
        ),
        "count_min": text(
            "Lowest number of the choice, a bin such as `11-50`: of the question named in the settings, or of the "
            "only one that counts; else null",
            _CHOICE_ANSWERS,
        ),
        "count_median": text("Median number; between two bins the upper one", _CHOICE_ANSWERS),
        "count_max": text("Highest number", _CHOICE_ANSWERS),
        "evenness_without_blanks": measure(
            "Evenness without the choices that stand for an empty subject, such as `Nothing here`", _NAMED
        ),
        "fraction_blank": measure(
            "Share of the classifications that left it blank or named only choices that stand for an empty "
            "subject",
            _NAMED,
        ),
        "is_blank": flag("At most half of those who answered named an animal; null where nobody answered", _NAMED),
        "is_blank_choice": flag("The choice stands for an empty subject", _NAMED),
        "counts": structs(
            "Numbers of the choice, for each question that counts",
            {
                "question_id": text("Id of the question"),
                "question_label": text("Label of the question"),
                "votes": count("Classifications that gave a number"),
                "min": text("Lowest number or bin"),
                "median": text("Median; between two bins the upper one"),
                "max": text("Highest number or bin"),
            },
            _CHOICE_ANSWERS,
        ),
    },
)

_CLUSTERED = of("drawing_annotations", "user_key", "status", "excluded", *GEOMETRY)
DRAWINGS = consensus_table(
    "drawing_consensus",
    (flattened.DRAWINGS,),
    "One row per cluster of marks, candidates included; one without a cluster for a subject and task that has no "
    "marks.\n\n"
    "Good for things that several volunteers marked: where, how large, and by which share of them "
    "(`detection`). Next, open `subject_summary`, which has the number of clusters of every subject.\n\n"
    "Geometry is the mean over the volunteers of the cluster, columns as in `drawing_annotations`; "
    "`*_std` is the standard deviation over them, divided by n - 1, null for one volunteer.",
    {
        **carried(("frame", "tool_index", "tool_type", "tool_label"), flattened.DRAWINGS),
        "cluster_index": index(
            "Position among the clusters of the tool on the frame: most volunteers first", _CLUSTERED
        ),
        "n_marks": count("Marks in the cluster", _CLUSTERED),
        "n_members": count("Different volunteers with a mark in the cluster: one mark each", _CLUSTERED),
        "detection": measure("n_members / n_classifications", _CLUSTERED),
        "is_candidate": flag(
            "Fewer volunteers than a cluster needs, down to one mark, or a click without a size with a tool that "
            "draws something of a size; null without a cluster",
            _CLUSTERED,
        ),
        "tools": structs(
            "Tools that drew the marks, most votes first",
            {
                "tool_index": index("Position of the tool"),
                "tool_label": text("Label of the tool"),
                "votes": count("Volunteers of the cluster who used it"),
                "fraction": measure("votes / n_members"),
            },
            of("drawing_annotations", "tool_index", "tool_label", "user_key", "excluded"),
        ),
        **of_clusters("drawing_annotations"),
        "iou": measure(
            "Areas: mean over the marks of the area in common with the consensus / area of both together",
            of("drawing_annotations", *GEOMETRY),
        ),
        "details": structs(
            "Answers to sub-tasks, most votes first",
            {
                "detail_index": index("Position of the sub-task"),
                "answer_label": text("Label of the answer; its position if the label is unknown"),
                "votes": count("Volunteers of the cluster who gave this answer"),
                "fraction": measure("votes / volunteers of the cluster who answered the sub-task"),
                "text": text("Consensus of the texts, as in `text_consensus`; votes are of the same words"),
                "number": measure("Median number"),
            },
            of("drawing_annotations", "details", "user_key", "excluded"),
        ),
    },
)

_MARKS = of("drawing_annotations", "classification_id", "tool_index", "status", "excluded")
MARK_COUNTS = consensus_table(
    "mark_counts",
    (flattened.DRAWINGS,),
    "One row per subject, task and tool, and one over all tools: how many marks a volunteer made.\n\n"
    "Good for counts of things: the median does not depend on how marks are clustered, and who marked nothing "
    "counts as zero. The row over all tools has no `tool_index`; tools that the workflow offers and nobody used "
    "have a row with zeros. Next, open `drawing_consensus` for where the marks are.",
    {
        "tool_index": index("Position of the tool; null for all tools together", _MARKS),
        "tool_type": text(
            "Type of the tool", of("drawing_annotations", "tool_type", "excluded") + of("tasks", "option_id")
        ),
        "tool_label": text(
            "Label of the tool", of("drawing_annotations", "tool_label", "excluded") + of("tasks", "option_label")
        ),
        "n_none": count("Classifications without a mark of the tool", _MARKS),
        "mean": measure("Mean number of marks in a classification", _MARKS),
        "median": measure("Median number", _MARKS),
        "mode": count("Commonest number; of several the lowest", _MARKS),
        "std": measure("Standard deviation, divided by n - 1; null for one classification", _MARKS),
        "min": count("Lowest number", _MARKS),
        "max": count("Highest number", _MARKS),
        "q25": measure("Lower quartile, interpolated linearly", _MARKS),
        "q75": measure("Upper quartile, interpolated linearly", _MARKS),
    },
)

_VALUES = of("slider_annotations", "value", "untouched", "status", "excluded")
SLIDERS = consensus_table(
    "slider_consensus",
    (flattened.SLIDERS,),
    "One row per subject and task: mean, median and spread of a slider; null where nobody set a value.\n\n"
    "Good for estimates with their 95 % interval. Next, open `subject_summary`, which has one row per "
    "subject.",
    {
        "n_answered": count("Values that count", _VALUES),
        "n_untouched": count("Values that are the slider's default, which nobody moved", _VALUES),
        "mean": measure("Mean of the values, in the unit of the slider", _VALUES),
        "median": measure("Median of the values", _VALUES),
        "std": measure("Standard deviation, divided by n - 1; null for one value", _VALUES),
        "mad": measure("Median distance of the values from their median, not scaled", _VALUES),
        "min": measure("Lowest value", _VALUES),
        "max": measure("Highest value", _VALUES),
        "q25": measure("Lower quartile, interpolated linearly", _VALUES),
        "q75": measure("Upper quartile, interpolated linearly", _VALUES),
        "mean_low": measure(
            "Lower end of the 95 % interval of the mean (Student's t); null for one value", _VALUES
        ),
        "mean_high": measure(
            "Upper end of the 95 % interval of the mean (Student's t); null for one value", _VALUES
        ),
    },
)

_LINE = of("drawing_annotations", "frame", "x1", "y1", "x2", "y2", "user_key", "excluded")
_WRITTEN = of("text_annotations", "text", "excluded") + of(
    "drawing_annotations", "details", "tool_type", "user_key", "excluded"
)
TEXTS = consensus_table(
    "text_consensus",
    (flattened.TEXTS, flattened.DRAWINGS),
    "One row per subject and task, or per line or other marked place with texts; null where nobody wrote any.\n\n"
    "Good for the text that volunteers agree on, and word by word how many of them wrote it. Next, open "
    "`subject_summary`, where the lines of a page are one text.",
    {
        "line_index": index("Position of the line in reading order; null for free text", _LINE),
        "x1": measure(
            "Start of the line, median over its volunteers, pixels of the natural image; of a box its left edge, "
            "halfway down",
            _LINE,
        ),
        "y1": measure("Start of the line, downwards", _LINE),
        "x2": measure("End of the line", _LINE),
        "y2": measure("End of the line, downwards", _LINE),
        "text": text("Consensus text: the most common form of every winning word", _WRITTEN),
        "n_answered": count(
            "Texts that voted: classifications, or the volunteers of the line",
            of("text_annotations", "text", "classification_id", "excluded")
            + of("drawing_annotations", "details", "user_key", "excluded"),
        ),
        "agreement": measure(
            "Mean over the words of the share of texts that agree with the consensus: 0 to 1; of a page without "
            "lines the share of classifications that marked nothing",
            _WRITTEN,
        ),
        "n_numbers": count("Texts that are a number, such as 12, -3.5 or 1,200", _WRITTEN),
        "number_median": measure("Median of these numbers; null where there are none", _WRITTEN),
        "number_mean": measure("Mean of these numbers", _WRITTEN),
        "number_std": measure("Standard deviation, divided by n - 1; null for one number", _WRITTEN),
        "tokens": structs(
            "Words of the consensus in order, and their votes",
            {
                "token": text("Word of the consensus"),
                "votes": count("Texts that have it, whatever its case, tags and punctuation"),
                "n": count("Texts that voted"),
            },
            _WRITTEN,
        ),
        "method": text("Method of the consensus: star_alignment"),
        **with_sources(
            {
                "frame": index("Frame of the line, from 0; null for free text"),
                "tool_index": index("Position of the tool that drew the line, or most of its marks"),
                "tool_type": text("Type of the tool"),
                "tool_label": text("Label of the tool"),
            },
            {name: of("drawing_annotations", name) for name in ("frame", "tool_index", "tool_type", "tool_label")},
        ),
    },
)


TABLES = (QUESTIONS, DROPDOWNS, SURVEYS, DRAWINGS, MARK_COUNTS, SLIDERS, TEXTS)
