"""Consensus of corrections: what volunteers changed in a text that they were given, and what of it is accepted."""

from typing import Any

import polars as pl

from zoo_dag.consensus.intervals import wilson_high, wilson_low
from zoo_dag.consensus.rules import at_most, fractions, ordered
from zoo_dag.consensus.task_columns import SUBJECT, TaskColumn, TaskColumns
from zoo_dag.consensus.units import Scope, units
from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, of_votes
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement
from zoo_dag.store.given_texts import GIVEN_TEXTS, NO_TEXTS
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus
from zoo_dag.task_types.texts.corrections import corrected

CORRECTED = "textFromSubject"
_SOURCE = "text_annotations"
_DTYPES = TABLES["correction_consensus"].dtypes
_OF_A_CHANGE = ("start", "end", "before", "after", "votes", "n_changed", "rank", "tied", "accepted")
_CHANGES = pl.List(pl.Struct({name: _DTYPES[name] for name in _OF_A_CHANGE}))


def correction_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, _settings: Settings
) -> Aggregated:
    """Aggregate `text_annotations` of given texts to `correction_consensus`, with the columns of `zoo_dag.tables`.

    Takes the given texts as well, by `subject_ids`. A unit of which nobody changed anything keeps one row of nulls
    with `n_changed` 0; one whose given text is not known has none there either. `corrections` has the formula.
    """
    rows = _of_given(annotations[_SOURCE])
    texts = last_texts(rows, scope).group_by(scope.unit).agg(texts=pl.col("text"))
    of_units = units(rows, scope).join(texts, on=scope.unit, how="left", nulls_equal=True)
    of_units = of_units.join(given_of(annotations), on="subject_ids", how="left")
    known = pl.struct("given", pl.col("texts").fill_null([]))
    found = of_units.with_columns(
        known.map_batches(_changes, return_dtype=_CHANGES, is_elementwise=True).alias("found")
    )
    each = found.drop("given", "texts").explode("found").unnest("found")
    votes, n_changed = pl.col("votes"), pl.col("n_changed")
    fraction = votes / n_changed
    measured = each.with_columns(
        fraction=fraction,
        fraction_low=wilson_low(votes, n_changed),
        fraction_high=wilson_high(votes, n_changed),
        to_review=pl.col("accepted") & (fraction < 0.5),
    )
    return Aggregated(measured.sort(*scope.unit, "start", "end", "rank", nulls_last=True))


def answered(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The units that have to be in the table: those of given texts."""
    return _of_given(annotations[_SOURCE]).select(scope.unit)


def last_texts(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The text of each classification, the last where it has several: it is the whole text each time."""
    written = rows.filter(pl.col("status") == "answered")
    last = pl.col("text").sort_by("annotation_index").last()
    return written.group_by([*scope.unit, "classification_id"]).agg(last)


def given_of(annotations: Annotations) -> pl.LazyFrame:
    """The given texts, `subject_ids` and `given`; none where nobody says."""
    return annotations.get(GIVEN_TEXTS, NO_TEXTS.texts.lazy())


def _of_given(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter(pl.col("task_type") == CORRECTED)


def _changes(of_units: pl.Series) -> pl.Series:
    return pl.Series(of_units.name, [_of_unit(unit["given"], unit["texts"]) for unit in of_units], _CHANGES)


def _of_unit(given: str | None, texts: list[str]) -> list[dict[str, Any]]:
    nothing = dict.fromkeys(_OF_A_CHANGE)
    if given is None or not texts:
        return [nothing]
    found = corrected(given, texts)
    rows = [{**change._asdict(), "n_changed": found.n_changed} for change in found.changes]
    return [{name: row[name] for name in _OF_A_CHANGE} for row in rows] or [nothing | {"n_changed": 0}]


def _of_task(rows: pl.DataFrame, _agreement: Agreement) -> pl.DataFrame:
    known = pl.col("n_changed").is_not_null().any()
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        pl.when(known).then(pl.col("accepted").sum()).alias("corrections"),
        pl.when(known).then(pl.col("to_review").sum()).alias("to_review"),
        pl.col("n_changed").first(),
    )


def _plots(consensus: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """By how many of those who changed anything accepted changes were made, and the commonest changes."""
    accepted = consensus.filter("accepted").select(
        *("subject_id", "parent_task", "task", "task_revision", "task_label"),
        n_answered="n_changed",
        agreement="fraction",
        winner=pl.format("{} to {}", "before", "after"),
        tied=False,
    )
    return of_votes(named(accepted.collect()), other, "Share of corrections")


CORRECTIONS = Consensus(
    table="correction_consensus",
    sources=(_SOURCE,),
    aggregate=correction_consensus,
    answered=answered,
    from_outside=(GIVEN_TEXTS,),
    task_columns=TaskColumns(
        {
            "corrections": TaskColumn(
                pl.Int64(),
                "Accepted changes of the given text; null where it is not known",
                ("accepted", "n_changed"),
            ),
            "to_review": TaskColumn(
                pl.Int64(),
                "Accepted changes that fewer than half of those made who changed anything",
                ("to_review", "n_changed"),
            ),
            "n_changed": TaskColumn(pl.Int64(), "Texts that differ from the given one", ("n_changed",)),
        },
        _of_task,
    ),
    rules={
        **at_most("votes", "n_changed"),
        **at_most("n_changed", "n_answered"),
        **at_most("n_answered", "n_classifications"),
        **fractions("fraction"),
        **ordered("fraction_low", "fraction", "fraction_high"),
        **ordered("start", "end"),
    },
    numbers={"accepted": pl.col("accepted").sum(), "to_review": pl.col("to_review").sum()},
    plots=(_plots,),
    preview=("before", "after", "votes", "n_changed", "accepted"),
)
