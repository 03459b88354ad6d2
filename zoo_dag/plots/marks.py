"""Plots of marks: what volunteers drew on some sample subjects, and the clusters that became of it."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.examples import with_examples
from zoo_dag.plots.outlines import Mark, Stroke, dot, frame, outline, path, view_of
from zoo_dag.plots.picture import COLOURS, GREY, WIDTH, line, many, pens, picture, words
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.shapes import is_closed, shape_of
from zoo_dag.wording.markdown import code, first_fitting, most_that_fits, plain

_HIGHEST = 240
# More than this is drawn in no plot.
_MOST_MARKS = 400
_UNIT = ["task", "subject_ids"]
_TOOL = ("tool_index", "tool_type", "tool_label")
# Of tools, no more than have room for their names below the picture.
_MOST_TOOLS = 4
# The points that a path has at most, from the richest plot to the poorest.
_POINTS = (12, 8, 5)
_FEWER_POINTS, _FEWEST_POINTS = _POINTS[1:]
# Fewer raw marks than this tell nothing beside clusters, and fewer shapes no more than many dots.
_ENOUGH_RAW, _ENOUGH_SHAPES = 24, 24


class _Sample(NamedTuple):
    """A subject and task: why it was chosen, and the frame with most marks."""

    why: str
    task: str
    subject_ids: str
    frame: int


def consensus(clusters: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Clusters over raw marks, of the subject with most clusters and those of median and of least detection.

    Takes `drawing_consensus` or its pooled twin; the marks are those of `drawing_annotations`, where it is there.
    """
    found = clusters.filter(pl.col("cluster_index").is_not_null())
    units = (
        found.group_by(_UNIT)
        .agg(
            pl.col("subject_id").first(),
            n=pl.len(),
            frame=pl.col("frame").fill_null(0).mode().sort().first(),
            agreement=pl.col("detection").mean(),
            n_answered=pl.col("n_classifications").first(),
        )
        .sort(_UNIT)
        .collect()
    )
    samples = _chosen(units, by="agreement", names=("most clusters", "median detection", "least detection"))
    drawn = _marks_of(found, samples, ("n_classifications", "detection"))
    table = other("drawing_annotations")
    raw = _marks_of(_counted(table), samples) if table is not None and samples else {}
    plots = {
        f"marks, {sample.why}": _with_clusters(sample, drawn[sample], raw.get(sample, []))
        for sample in samples
        if drawn[sample]
    }
    clusters_told = pl.format(
        "{} {}", "n", pl.when(pl.col("n") == 1).then(pl.lit("cluster")).otherwise(pl.lit("clusters"))
    )
    named = units.with_columns(name="task", winner=clusters_told)
    return {**_made(plots), **with_examples(named, other)}


def annotations(marks: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """The raw marks of the subject with most marks and of the one with the median number, by tool."""
    counted = _counted(marks)
    units = (
        counted.group_by(_UNIT)
        .agg(n=pl.len(), frame=pl.col("frame").fill_null(0).mode().sort().first())
        .sort(_UNIT)
        .collect()
    )
    samples = _chosen(units, by="n", names=("most marks", "median number"))
    drawn = _marks_of(counted, samples)
    return _made({f"marks, {sample.why}": _raw_only(sample, drawn[sample]) for sample in samples if drawn[sample]})


def _made(plots: dict[str, str | None]) -> dict[str, Shown]:
    return {name: plot for name, plot in plots.items() if plot}


def _counted(marks: pl.LazyFrame) -> pl.LazyFrame:
    return marks.filter(pl.col("excluded").is_null(), pl.col("status") == "answered")


def _chosen(units: pl.DataFrame, by: str, names: Sequence[str]) -> list[_Sample]:
    """The unit with most marks, and of the others the middle and the lowest one, as far as there are names."""
    if units.is_empty():
        return []
    largest = units.sort(["n", *_UNIT], descending=[True, False, False]).head(1)
    others = units.join(largest, on=_UNIT, how="anti").sort([by, *_UNIT])
    middle, lowest = others.slice((others.height - 1) // 2, 1), others.head(1 if others.height > 2 else 0)
    picked = zip(names, (largest, middle, lowest), strict=False)
    return [_Sample(why, *row.select(*_UNIT, "frame").row(0)) for why, row in picked if row.height]


def _marks_of(
    marks: pl.LazyFrame, samples: Sequence[_Sample], extra: Sequence[str] = ()
) -> dict[_Sample, list[Mark]]:
    """The marks of the samples with their shape, in the order of the table; `total` says how many there are.

    Of very many marks some are given, evenly: no plot has room for all.
    """
    subjects = sorted({sample.subject_ids for sample in samples})
    group = [*_UNIT, "frame"]
    every = (pl.col("total") + _MOST_MARKS - 1) // _MOST_MARKS
    rows = (
        marks.filter(pl.col("subject_ids").is_in(subjects))
        .select(*group, *_TOOL, *MEASURES, "points", "closed", *extra)
        .with_columns(pl.col("frame").fill_null(0), shape=shape_of(is_closed()))
        .filter(pl.col("shape").is_not_null())
        .collect()
        .with_columns(total=pl.len().over(group), number=pl.int_range(pl.len()).over(group))
        .filter(pl.col("number") % every == 0)
        .to_dicts()
    )
    return {
        sample: [row for row in rows if (row["task"], row["subject_ids"], row["frame"]) == sample[1:]]
        for sample in samples
    }


def _with_clusters(sample: _Sample, clusters: list[Mark], raw: list[Mark]) -> str | None:
    """The first plot that fits: all clusters matter most, then raw marks, then their shapes, then the tools."""
    detection = sum(cluster["detection"] for cluster in clusters) / len(clusters)
    told = (
        f"{_place(sample)}: {many(clusters[0]['total'], 'cluster')}, mean detection {detection:.2f} in "
        f"{many(clusters[0]['n_classifications'], 'classification')}"
    )
    plot = _Plot(clusters, raw, told)
    everything = partial(plot.draft, len(clusters), len(raw))
    rich = (
        partial(everything, coloured=True),
        partial(everything, coloured=True, dots=True, points=_FEWER_POINTS),
        everything,
        partial(everything, dots=True),
    )
    found = first_fitting(draft() for draft in rich)
    for points, least in ((_FEWER_POINTS, _ENOUGH_RAW), (_FEWEST_POINTS, _ENOUGH_RAW), (_FEWEST_POINTS, 1)):
        dotted = partial(plot.draft, len(clusters), dots=True, points=points)
        found = found or most_that_fits(dotted, len(raw), least)
    return found or most_that_fits(lambda n: plot.draft(n, 0, points=_FEWEST_POINTS), len(clusters))


def _raw_only(sample: _Sample, marks: list[Mark]) -> str | None:
    plot = _Plot(marks, marks, f"{_place(sample)}: {many(marks[0]['total'], 'mark')}", pen=1)
    rich = (partial(plot.draft, coloured=True), partial(plot.draft, points=_FEWER_POINTS))
    enough = min(len(marks), _ENOUGH_SHAPES)
    return (
        first_fitting(draft(len(marks), 0) for draft in rich)
        or most_that_fits(lambda n: plot.draft(n, 0, points=_FEWER_POINTS), len(marks), enough)
        or most_that_fits(lambda n: plot.draft(0, n, dots=True), len(marks))
    )


def _place(sample: _Sample) -> str:
    frame_told = f", frame {sample.frame}" if sample.frame else ""
    return f"Subject {code(sample.subject_ids, 20)}, task {code(sample.task, 12)}{frame_told}"


class _Plot:
    """Marks in colour over raw marks in grey; what was drawn for one draft serves the others."""

    def __init__(self, marks: list[Mark], raw: list[Mark], told: str, pen: int = 2) -> None:
        self._marks = sorted(marks, key=_tool_order)
        # Marks that lie near each other one after the other take fewer characters.
        self._raw = sorted(raw, key=lambda mark: (*_tool_order(mark), mark["x"] or 0, mark["y"] or 0))
        self._told, self._pen = told, pen
        self._view = view_of([*marks, *raw], WIDTH, _HIGHEST)
        self._shapes: dict[tuple[bool, int], list[Stroke]] = {}
        self._dots: list[Stroke] = []

    def draft(
        self, n_marks: int, n_raw: int, *, coloured: bool = False, dots: bool = False, points: int = _POINTS[0]
    ) -> str:
        """So many marks and raw marks: tools in colours of their own or not, raw marks as dots or not."""
        chosen, (width, height) = _some(range(len(self._marks)), n_marks), self._view.size
        strokes = self._strokes(points)
        groups = self._tools(chosen) if coloured else {"": chosen}
        drawn = [
            line(path(strokes[place] for place in group), colour, self._pen)
            for group, colour in zip(groups.values(), COLOURS, strict=False)
        ]
        names = [
            words(name, (WIDTH * place // _MOST_TOOLS, height + 13), COLOURS[place], limit=14)
            for place, name in enumerate(groups)
            if coloured
        ]
        size = ((WIDTH if names else width) + 1, height + (18 if names else 1))
        elements = [pens([*self._faint(n_raw, points, dots=dots), *drawn]), *names]
        return picture("Marks", size, elements, self._caption(len(chosen), n_raw, dots=dots))

    def _caption(self, n_marks: int, n_raw: int, *, dots: bool) -> str:
        told = self._told
        if 0 < n_marks < self._marks[0]["total"]:
            told += f"; {n_marks:,} are drawn"
        if n_raw:
            told += f"; grey: {n_raw:,} of {many(self._raw[0]['total'], 'mark')}{', as dots' if dots else ''}"
        return f"{told}. The part shown is {self._view.width:,.0f} by {self._view.height:,.0f} pixels."

    def _strokes(self, points: int, *, raw: bool = False) -> list[Stroke]:
        if (raw, points) not in self._shapes:
            marks = self._raw if raw else self._marks
            self._shapes[raw, points] = [outline(mark, self._view, points) for mark in marks]
        return self._shapes[raw, points]

    def _faint(self, count: int, points: int, *, dots: bool) -> list[str]:
        """Raw marks in grey, with the border: points as dots, and where that is wanted all others too."""
        if not count:
            return [line(path([frame(self._view)]), GREY)]
        self._dots = self._dots or [dot(mark, self._view) for mark in self._raw]
        chosen = _some(range(len(self._raw)), count)
        dotted = [place for place in chosen if dots or self._raw[place]["shape"] == "point"]
        others = [] if len(dotted) == len(chosen) else self._strokes(points, raw=True)
        shapes = [others[place] for place in chosen if place not in set(dotted)] if others else []
        return [
            line(path([frame(self._view), *shapes]), GREY),
            line(path(self._dots[place] for place in dotted), GREY, 4),
        ]

    def _tools(self, chosen: Sequence[int]) -> dict[str, list[int]]:
        """The marks of each tool by its name; of many tools the last are one group."""
        tools: dict[tuple[int, str], list[int]] = {}
        for place in chosen:
            tools.setdefault(_tool_order(self._marks[place]), []).append(place)
        groups: dict[str, list[int]] = {}
        for number, group in enumerate(tools.values()):
            mark = self._marks[group[0]]
            last = number >= _MOST_TOOLS - 1 and len(tools) > _MOST_TOOLS
            name = "other tools" if last else plain(mark["tool_label"] or mark["tool_type"] or "?", 14)
            groups.setdefault(name, []).extend(group)
        return groups


def _tool_order(mark: Mark) -> tuple[int, str]:
    index = mark["tool_index"]
    return (-1 if index is None else index, mark["tool_type"] or "")


def _some(places: Sequence[int], most: int) -> Sequence[int]:
    """At most so many of the places, evenly."""
    if len(places) <= most:
        return places
    return [places[number * len(places) // most] for number in range(most)]
