"""Surveys: choices from a list, such as species, and answers about each."""

import polars as pl

from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.rules import at_most, fraction_in, fractions, ordered
from zoo_dag.plots.numbers import RANKED, of_first
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.surveys.consensus import decide, survey_consensus
from zoo_dag.task_types.surveys.flatten import flatten
from zoo_dag.task_types.surveys.plots import SHARE, surveys, units
from zoo_dag.task_types.surveys.renaming import rename_answers
from zoo_dag.task_types.surveys.summary import TASK_COLUMNS
from zoo_dag.task_types.surveys.votes import POSTERIORS

_STATUS, _LABEL = pl.col("status"), pl.col("choice_label")

SURVEYS = TaskType(
    name="survey",
    flattening=Flattening(
        table="survey_annotations",
        task_types=("survey",),
        flatten=flatten,
        options=(OptionColumns("choice", "choice_id", "id", {"id": "choice_id", "label": "choice_label"}),),
        rename=rename_answers,
        example=pl.col("choice_id"),
        # Exports have ids only: one without a label is unknown where the workflow knows others.
        unknown=(_STATUS == "unknown_label")
        | ((_STATUS == "answered") & _LABEL.is_null() & _LABEL.is_not_null().any()),
        preview=("choice_label", "choice_id"),
    ),
    consensus=Consensus(
        table="survey_consensus",
        sources=("survey_annotations",),
        aggregate=survey_consensus,
        decide=decide,
        task_columns=TASK_COLUMNS,
        versions_together=True,
        has_winner=True,
        posteriors=POSTERIORS,
        rules={
            **at_most("votes", "n_answered"),
            **at_most("n_answered", "n_classifications"),
            **ordered("fraction_low", "fraction_of_all", "fraction_high"),
            **fractions("fraction_of_all", "fraction_low", "fraction_high", "evenness", "evenness_without_blanks"),
            "rank is 1 or more": pl.col("rank") < 1,
            **fraction_in("answers"),
        },
        numbers={
            **RANKED,
            "mean_share_of_first_choice": (of_first("votes") / of_first("n_answered")).mean(),
            "mean_evenness": of_first("evenness").mean(),
        },
        units=units,
        agreement=SHARE,
        plots=(surveys,),
        preview=("choice_label", "votes", "rank", "count_median"),
    ),
)
