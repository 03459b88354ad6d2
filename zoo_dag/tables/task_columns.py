"""The columns of the tasks in `subject_summary`, such as `T0_answer`: what they mean and what they are made from.

Which there are depends on the project. They are told by their names, which end as declared here; a task is of the
kind of which it has the telling column.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from zoo_dag.tables.columns import of


class TaskColumn(NamedTuple):
    """What a column means, and the columns that it is made from."""

    description: str
    sources: tuple[str, ...]


class _Kind(NamedTuple):
    """The columns of a kind of task, by the end of their names: meaning, and columns of the pooled table."""

    table: str
    telling: str
    columns: dict[str, tuple[str, str]]


_REACHED = "Whether there are enough classifications and enough agreement, by the settings [agreement]"
_VOTED = {
    "fraction": ("Largest fraction", "fraction"),
    "agreement": ("Agreement: the largest fraction of the subject", "agreement"),
    "n_answered": ("Classifications that answered", "n_answered"),
    "reached": (_REACHED, "agreement n_classifications"),
}
_TOOL = re.compile(r"(?P<task>.+)_(?P<tool>\d+)_marks")
_SELECT = re.compile(r".+_\d+")

# In the order in which the summary is put together: of two columns of the same name the first stays.
_KINDS = (
    _Kind(
        "pooled_question_consensus",
        "answer",
        {"answer": ("Answer with most votes", "answer votes rank"), **_VOTED},
    ),
    _Kind(
        "pooled_dropdown_consensus",
        "answer",
        {
            "answer": ("Option of the select with most votes", "option_label option_value free_text votes rank"),
            **_VOTED,
        },
    ),
    _Kind(
        "pooled_survey_consensus",
        "choices",
        {
            "choices": (
                "As many choices as named on the median, commonest first",
                "choice_label choice_id rank n_choices",
            ),
            "fraction": ("Share of those who answered that named the first choice", "votes n_answered rank"),
            "count": ("Median count of the first choice", "count_median rank"),
            "evenness": ("Pielou's evenness of the votes: 0 unanimous, 1 even", "evenness"),
            "n_answered": ("Classifications that named anything", "n_answered"),
            "reached": (_REACHED, "votes n_answered n_classifications"),
        },
    ),
    _Kind(
        "pooled_text_consensus",
        "text",
        {
            "text": ("Consensus text, lines below each other", "text line_index"),
            "agreement": ("Mean agreement of the words", "agreement"),
            "reached": (_REACHED, "agreement n_classifications"),
        },
    ),
    _Kind(
        "pooled_drawing_consensus",
        "marks",
        {
            "marks": ("Clusters of marks", "cluster_index"),
            "detection": ("Detection of the clearest cluster", "detection"),
            "reached": (_REACHED, "detection n_classifications"),
        },
    ),
    _Kind(
        "pooled_slider_consensus",
        "mean",
        {
            "mean": ("Mean of the values", "mean"),
            "median": ("Median of the values", "median"),
            "std": ("Standard deviation of the values", "std"),
            "reached": (_REACHED, "n_classifications n_blank"),
        },
    ),
)


def task_column(name: str, names: Collection[str]) -> TaskColumn | None:
    """What a column of `subject_summary` is, among all `names`; None where it is not of a task."""
    tool = _TOOL.fullmatch(name)
    if tool and f"{tool['task']}_marks" in names:
        sources = of("pooled_drawing_consensus", "cluster_index", "tool_index")
        return TaskColumn(
            f"Task {tool['task']}. Clusters of marks of the tool at position {tool['tool']}", sources
        )
    for kind in _KINDS:
        for ending, (meaning, made_from) in kind.columns.items():
            task = name.removesuffix(f"_{ending}")
            if task != name and f"{task}_{kind.telling}" in names and _fits(kind, task):
                return TaskColumn(f"Task {task}. {meaning}", of(kind.table, *made_from.split()))
    return None


def _fits(kind: _Kind, task: str) -> bool:
    """Whether a task may be of a kind: a select of a dropdown is named by its position, a question is not."""
    return kind.telling != "answer" or bool(_SELECT.fullmatch(task)) == ("dropdown" in kind.table)
