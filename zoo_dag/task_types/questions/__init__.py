"""Questions: single, multiple and shortcut."""

import polars as pl

from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.rules import VOTES, at_most, ordered, where
from zoo_dag.exports.grids import GRID
from zoo_dag.plots.numbers import RANKED, of_first
from zoo_dag.tables import FLATTENED
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.grids.flatten import cells
from zoo_dag.task_types.questions.consensus import decide, question_consensus
from zoo_dag.task_types.questions.flatten import flatten
from zoo_dag.task_types.questions.plots import questions, units
from zoo_dag.task_types.questions.summary import TASK_COLUMNS
from zoo_dag.task_types.questions.votes import POSTERIORS

# Only a question that allows several answers has sets of them.
_SEVERAL = pl.col("answer_set_votes").is_not_null()

QUESTIONS = TaskType(
    name="question",
    flattening=Flattening(
        table="question_annotations",
        task_types=("single", "multiple", "shortcut"),
        flatten=flatten,
        spread={GRID: cells},
        # Several answers add up, and one that is given again is the same; a grid asks about each subject.
        one={
            "single": (),
            GRID: ("subject_ids",),
            **dict.fromkeys(("multiple", "shortcut"), ("answer_index", "answer")),
        },
        options=(OptionColumns("answer", "answer", "label", {"index": "answer_index", "label": "answer"}),),
        example=pl.col("answer"),
        preview=("answer",),
    ),
    consensus=Consensus(
        table="question_consensus",
        sources=("question_annotations",),
        # The page of a shortcut may have a task of any type.
        seen=tuple(name for name in FLATTENED if name != "question_annotations"),
        aggregate=question_consensus,
        decide=decide,
        task_columns=TASK_COLUMNS,
        versions_together=True,
        has_winner=True,
        posteriors=POSTERIORS,
        rules={
            **VOTES,
            **at_most("answer_set_votes", "n_answered"),
            **where("one answer is allowed", ~_SEVERAL, ordered("fraction", "agreement")),
            **where("several answers are allowed", _SEVERAL, ordered("fraction", "mean_selected")),
            "agreement is at least half where several are allowed": _SEVERAL & (pl.col("agreement") < 0.5),
        },
        numbers={**RANKED, "mean_agreement": of_first("agreement").mean()},
        units=units,
        plots=(questions,),
        preview=("answer", "agreement", "votes", "fraction", "rank"),
    ),
)
