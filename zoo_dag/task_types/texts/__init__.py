"""Texts, typed or transcribed."""

import polars as pl

from zoo_dag.consensus.rules import at_most, at_most_in, fractions
from zoo_dag.store.given_texts import GIVEN_TEXTS
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.texts.consensus import DRAWINGS, FREE_TEXT, answered, decide, text_consensus
from zoo_dag.task_types.texts.correction_consensus import CORRECTIONS
from zoo_dag.task_types.texts.flatten import flatten
from zoo_dag.task_types.texts.plots import texts, units
from zoo_dag.task_types.texts.summary import TASK_COLUMNS

_IS_TEXT = pl.col("text").is_not_null()

TEXTS = TaskType(
    name="text",
    flattening=Flattening(
        table=FREE_TEXT,
        task_types=("text", "textFromSubject"),
        flatten=flatten,
        example=pl.col("text"),
        preview=("text",),
    ),
    consensus=Consensus(
        table="text_consensus",
        # The lines of a transcription are drawn.
        sources=(FREE_TEXT, DRAWINGS),
        aggregate=text_consensus,
        decide=decide,
        answered=answered,
        from_outside=(GIVEN_TEXTS,),
        task_columns=TASK_COLUMNS,
        rules={
            **at_most("n_answered", "n_classifications"),
            **at_most("n_numbers", "n_answered"),
            "number_std is not negative": pl.col("number_std") < 0,
            **fractions("agreement"),
            **at_most_in("tokens", "votes", "n"),
        },
        numbers={"texts": pl.col("text").count(), "mean_agreement": pl.col("agreement").filter(_IS_TEXT).mean()},
        units=units,
        plots=(texts,),
        preview=("text", "agreement"),
    ),
    further=(CORRECTIONS,),
)
