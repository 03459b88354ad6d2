"""Sliders: a number on a scale."""

import polars as pl

from zoo_dag.consensus.rules import at_most, ordered
from zoo_dag.plots.numbers import share_blank
from zoo_dag.task_types.declaration import Consensus, Flattening, TaskType
from zoo_dag.task_types.sliders.consensus import slider_consensus
from zoo_dag.task_types.sliders.flatten import flatten
from zoo_dag.task_types.sliders.plots import sliders
from zoo_dag.task_types.sliders.summary import TASK_COLUMNS

SLIDERS = TaskType(
    name="slider",
    flattening=Flattening(
        table="slider_annotations",
        task_types=("slider",),
        flatten=flatten,
        one={"slider": ()},
        example=pl.col("value").cast(pl.String),
        preview=("value", "untouched"),
    ),
    consensus=Consensus(
        table="slider_consensus",
        sources=("slider_annotations",),
        aggregate=slider_consensus,
        task_columns=TASK_COLUMNS,
        versions_together=True,
        rules={
            **at_most("n_answered", "n_classifications"),
            **at_most("n_untouched", "n_classifications"),
            **ordered("min", "q25", "median", "q75", "max"),
            **ordered("min", "mean", "max"),
            **ordered("mean_low", "mean", "mean_high"),
            "std is not negative": pl.col("std") < 0,
        },
        numbers={"mean_std": pl.col("std").mean(), "share_blank": share_blank()},
        plots=(sliders,),
        preview=("mean", "mean_low", "mean_high", "median", "n_answered"),
    ),
)
