"""Consensus of highlights: the spans of a text that several volunteers highlighted with a label.

A unit is a subject (or the subjects shown together) and a task. All counted classifications that reached the task
are the denominator of `detection`, those without a highlight included.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from zoo_dag.clustering.dbscan import Integers
from zoo_dag.consensus.intervals import wilson_high, wilson_low
from zoo_dag.consensus.units import Scope, units
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Highlights
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import Aggregated, Annotations
from zoo_dag.task_types.highlights.passages import letters, passages
from zoo_dag.task_types.highlights.spans import (
    Intervals,
    Spans,
    clusters_of,
    pieces_of,
    spans_of,
    volunteers_of_half,
)

# Fewer classifications than this are enough for a span with two volunteers.
_SEVERAL = 5
# A fixed order of highlights, independent of the order of the rows and the names of volunteers.
_ORDER = ("classification_id", "annotation_index", "start", "end", "text")
_OF_A_SPAN = (
    *("span_index", "label", "color", "start", "end", "text", "n_marks", "n_members", "is_candidate"),
    *("start_std", "end_std", "iou", "n_any_label"),
)
_SPANS = pl.Schema({name: TABLES["highlight_consensus"].dtypes[name] for name in _OF_A_SPAN})


def highlight_consensus(
    annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, settings: Settings
) -> Aggregated:
    """Aggregate `highlight_annotations` to `highlight_consensus`, with the columns of `zoo_dag.tables`.

    Spans are those of `spans`, candidates included. A unit without any keeps one row, with `n_marks` 0 and no
    label. Highlights of white space are in none. A highlight ends where its text does, whatever its exported `end`
    says. Computed at once.

    The parameters are one record: `join, eps_overlap, min_volunteers, min_detection`.
    """
    chosen = settings.highlights
    rows = annotations["highlight_annotations"]
    columns = list(dict.fromkeys([*scope.unit, *_ORDER, "user_key", "label", "color"]))
    every, drawn = pl.collect_all([units(rows, scope).sort(scope.unit), _readable(rows).select(columns)])
    every = every.with_row_index("unit")
    numbered = every.select("unit", "n_classifications", *scope.unit)
    found = _spans(drawn.join(numbered, on=scope.unit, nulls_equal=True), chosen)
    consensus = every.join(found, on="unit", how="left", maintain_order="left_right").drop("unit")
    consensus = consensus.with_columns(pl.col("n_marks", "n_members", "n_any_label").fill_null(0))
    members, seen = consensus["n_members"], consensus["n_classifications"]
    # NumPy, because Polars divides by a column of one value through its reciprocal.
    detection = pl.Series(members.to_numpy() / seen.to_numpy(), dtype=pl.Float64)
    n, of = pl.col("n_members"), pl.col("n_classifications")
    consensus = consensus.with_columns(
        detection=detection, detection_low=wilson_low(n, of), detection_high=wilson_high(n, of)
    )
    no_span = pl.col("start").is_null()
    measures = ("detection", "detection_low", "detection_high")
    consensus = consensus.with_columns(pl.when(~no_span).then(pl.col(measures)).name.keep())
    return Aggregated(consensus.lazy(), [chosen.model_dump()])


def needed_volunteers(n_classifications: Integers, chosen: Highlights) -> Integers:
    """The number of volunteers that a span needs, of so many classifications."""
    # Rounding must not make three of ten more than .3.
    share: Integers = np.ceil(chosen.min_detection * n_classifications - 1e-9).astype(np.int64)
    floor = np.where(n_classifications < _SEVERAL, min(chosen.min_volunteers, 2), chosen.min_volunteers)
    return np.maximum(share, floor)


def _readable(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.filter(pl.col("status") == "answered", pl.col("text").str.contains(r"\S"))


def _spans(drawn: pl.DataFrame, chosen: Highlights) -> pl.DataFrame:
    """The spans of all units: `unit` and _SPANS, in the order of `unit` and `span_index`.

    Takes readable rows of `highlight_annotations` with `unit` and `n_classifications`.
    """
    drawn = drawn.sort("unit", "label", *_ORDER, nulls_last=True).with_columns(length=letters(pl.col("text")))
    starts_group = (pl.col("unit") != pl.col("unit").shift()) | pl.col("label").ne_missing(pl.col("label").shift())
    drawn = drawn.with_columns(group=starts_group.fill_null(True).cum_sum() - 1)
    start = drawn["start"].to_numpy()
    groups = drawn["group"].to_numpy().astype(np.int64)
    volunteers = _numbered_volunteers(drawn)
    highlights = Intervals(groups, volunteers, start, start + drawn["length"].to_numpy().astype(np.int64))
    pieces, piece = pieces_of(highlights, chosen.join)
    of_group = drawn.group_by("group", maintain_order=True).agg(
        pl.col("unit", "label", "n_classifications").first(),
        color=pl.col("color").drop_nulls().mode().sort().first(),
    )
    needed = needed_volunteers(of_group["n_classifications"].to_numpy(), chosen)
    spans, span_of_piece = spans_of(pieces, clusters_of(pieces, chosen.eps_overlap, needed[pieces.groups]))
    span = span_of_piece[piece]
    unit_of_group = of_group["unit"].to_numpy().astype(np.int64)
    found = _frame(spans, of_group, needed).with_columns(
        n_marks=np.bincount(span, minlength=len(spans.start)),
        n_any_label=_in_any_label(spans, pieces, unit_of_group),
        text=passages(drawn, highlights, span, spans),
    )
    in_order = found.sort("unit", "start", "end", "label", nulls_last=True)
    numbered = in_order.with_columns(span_index=pl.int_range(pl.len(), dtype=pl.Int32).over("unit"))
    return numbered.select("unit", *(pl.col(name).cast(dtype) for name, dtype in _SPANS.items()))


def _numbered_volunteers(drawn: pl.DataFrame) -> Integers:
    """A number for each volunteer. Whom the export does not identify counts as a different person each time."""
    person = pl.coalesce("user_key", pl.col("classification_id").cast(pl.String)).alias("person")
    people = drawn.select(person)
    numbers = people.unique(maintain_order=True).with_row_index("number")
    return people.join(numbers, on="person", maintain_order="left")["number"].to_numpy().astype(np.int64)


def _frame(spans: Spans, of_group: pl.DataFrame, needed: Integers) -> pl.DataFrame:
    measures: Mapping[str, Any] = {
        "start": spans.start,
        "end": spans.end,
        "n_members": spans.n_members,
        "is_candidate": spans.n_members < needed[spans.groups],
        "start_std": spans.start_std,
        "end_std": spans.end_std,
        "iou": spans.iou,
    }
    found = pl.DataFrame(measures).with_columns(pl.col("start_std", "end_std").fill_nan(None))
    return of_group[spans.groups].select("unit", "label", "color").hstack(found)


def _in_any_label(spans: Spans, pieces: Intervals, unit_of_group: Integers) -> Integers:
    """For each span how many volunteers highlighted at least half of it, with whatever label."""
    # By unit in place of the label, in the order of start.
    of_units = pieces._replace(groups=unit_of_group[pieces.groups])
    of_units = of_units.at(np.lexsort((of_units.start, of_units.groups)))
    places = spans._replace(groups=unit_of_group[spans.groups])
    order = np.lexsort((places.start, places.groups))
    counts = np.empty(len(order), np.int64)
    counts[order] = volunteers_of_half(places.at(order), of_units)
    return counts
