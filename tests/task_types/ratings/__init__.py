"""Ratings: 0 to 4 stars, whose labels the workflow defines."""

from collections.abc import Iterator

import polars as pl

from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_index, json_text
from zoo_dag.consensus.learned_revisions import OptionColumns
from zoo_dag.consensus.rules import at_most, fractions, ordered
from zoo_dag.consensus.task_columns import (
    FRACTION_BLANK,
    REACHED,
    SUBJECT,
    TaskColumn,
    TaskColumns,
    fraction_blank,
    is_reached,
)
from zoo_dag.consensus.units import Scope, units
from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, of_votes
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus, Flattening, Row, TaskType


def flatten(element: Element) -> Iterator[Row]:
    """One row of `status, stars, label`; what is no number of stars is kept as the label, JSON text."""
    stars = as_index(element.value)
    if element.value is None:
        yield "blank", None, None
    elif stars is None:
        yield "malformed", None, json_text(element.value)
    else:
        options = element.definition.by_path if element.definition else {}
        option = options.get(f"answers.{stars}")
        lost = bool(options) and option is None
        yield "unknown_label" if lost else "answered", stars, option.label if option else None


def rating_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, _settings: Settings
) -> Aggregated:
    """Aggregate `rating_annotations` to `rating_consensus`: the mean of the stars, and how many agree on them."""
    rows = annotations["rating_annotations"]
    stars = pl.col("stars")
    answered = rows.filter(pl.col("status") == "answered").group_by(scope.unit)
    measures = answered.agg(
        label=pl.col("label").mode().sort().first(),
        mean=stars.mean(),
        lowest=stars.min(),
        highest=stars.max(),
        agreement=stars.unique_counts().max() / pl.len(),
    )
    # A left join, so that a subject without ratings keeps its row.
    found = units(rows, scope).join(measures, on=scope.unit, how="left", nulls_equal=True)
    return Aggregated(found.sort(scope.unit))


def of_task(rows: pl.DataFrame, agreement: Agreement) -> pl.DataFrame:
    """The columns of a task in `subject_summary`."""
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        stars=pl.col("mean").first(),
        agreement=pl.col("agreement").first(),
        fraction_blank=fraction_blank(),
        reached=is_reached(pl.col("n_answered").first(), pl.col("agreement").first(), agreement),
    )


def ratings(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Agreement by task, the commonest ratings and sample subjects."""
    columns = ("subject_id", "parent_task", "task", "task_revision", "task_label", "n_answered", "agreement")
    rated = consensus.filter(pl.col("agreement").is_not_null())
    return of_votes(named(rated.select(*columns, winner="label", tied=False).collect()), other)


RATINGS = TaskType(
    name="rating",
    flattening=Flattening(
        table="rating_annotations",
        task_types=("rating",),
        flatten=flatten,
        # Of several ratings in one classification one counts.
        one={"rating": ()},
        options=(OptionColumns("answer", key="stars", key_part="index", columns={"label": "label"}),),
        example=pl.coalesce("label", pl.format("{} stars", "stars")),
        preview=("stars", "label"),
    ),
    consensus=Consensus(
        table="rating_consensus",
        sources=("rating_annotations",),
        aggregate=rating_consensus,
        task_columns=TaskColumns(
            {
                "stars": TaskColumn(pl.Float64(), "Mean of the stars", ("mean",)),
                "agreement": TaskColumn(
                    pl.Float64(), "Share of the commonest number of stars", ("agreement",), is_share=True
                ),
                "fraction_blank": FRACTION_BLANK,
                "reached": TaskColumn(pl.Boolean(), REACHED, ("agreement", "n_answered", "asked")),
            },
            of_task,
        ),
        rules={
            **at_most("n_answered", "n_classifications"),
            **ordered("lowest", "mean", "highest"),
            **fractions("agreement"),
        },
        numbers={"mean_stars": pl.col("mean").mean()},
        plots=(ratings,),
        preview=("mean", "label", "agreement"),
    ),
)
