"""Tables of the consensus stage: the volunteers' combined answers about a subject in one workflow version.

Each has a twin of the pooled stage, which `zoo_dag.tables.pooled` derives.
"""

from zoo_dag.tables import flattened
from zoo_dag.tables.columns import Column, count, flag, index, measure, of, structs, text
from zoo_dag.tables.consensus_of_marks import CONTOURS, CORRECTIONS, DRAWINGS, HIGHLIGHTS, MARK_COUNTS, TEXTS
from zoo_dag.tables.consensus_table import consensus_table
from zoo_dag.tables.table import carried


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

TABLES = (QUESTIONS, DROPDOWNS, SURVEYS, DRAWINGS, MARK_COUNTS, CONTOURS, SLIDERS, TEXTS, CORRECTIONS, HIGHLIGHTS)
