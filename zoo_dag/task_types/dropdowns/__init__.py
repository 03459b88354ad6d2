"""Dropdowns: one task with one select or several."""

import polars as pl

from zoo_dag.consensus.learned_revisions import OptionColumns, Part
from zoo_dag.consensus.rules import VOTES, fractions, ordered
from zoo_dag.plots.numbers import RANKED, of_first
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.dropdowns.consensus import decide, dropdown_consensus
from zoo_dag.task_types.dropdowns.flatten import flatten
from zoo_dag.task_types.dropdowns.plots import dropdowns, units
from zoo_dag.task_types.dropdowns.summary import TASK_COLUMNS
from zoo_dag.task_types.dropdowns.votes import POSTERIORS

_OPTION: dict[Part, str] = {"id": "option_value", "index": "option_index", "label": "option_label"}

DROPDOWNS = TaskType(
    name="dropdown",
    flattening=Flattening(
        table="dropdown_annotations",
        task_types=("dropdown", "dropdown-simple"),
        flatten=flatten,
        # Every select is a question: who fills in the second one later has not emptied the first.
        one=dict.fromkeys(("dropdown", "dropdown-simple"), ()),
        questions=("select_index",),
        options=(
            OptionColumns("select", "select_index", "index", {"index": "select_index", "label": "select_label"}),
            # By label first: options of a dropdown-simple task have no values, and those of others may be new ones
            # in a version that the workflows export lacks.
            OptionColumns("select option", "option_label", "label", _OPTION),
            OptionColumns("select option", "option_value", "id", _OPTION),
        ),
        example=pl.coalesce("option_label", "option_value", "free_text", pl.format("option {}", "option_index")),
        preview=("select_label", "option_label", "option_value", "free_text"),
    ),
    consensus=Consensus(
        table="dropdown_consensus",
        sources=("dropdown_annotations",),
        aggregate=dropdown_consensus,
        decide=decide,
        task_columns=TASK_COLUMNS,
        versions_together=True,
        has_winner=True,
        posteriors=POSTERIORS,
        rules={**VOTES, **ordered("fraction", "agreement"), **fractions("whole_agreement")},
        numbers={**RANKED, "mean_agreement": of_first("agreement").mean()},
        units=units,
        plots=(dropdowns,),
        preview=("select_label", "option_label", "agreement", "votes", "fraction", "rank"),
    ),
)
