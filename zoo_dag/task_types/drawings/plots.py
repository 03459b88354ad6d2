"""Plots of marks: raw marks of some sample subjects, and their clusters, on pictures or along the axis of data.

The plots are longer than Dagster's pages show at once, and open with a click.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.consensus.pictures import in_pixels
from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, over_ranges
from zoo_dag.plots.examples import with_examples
from zoo_dag.plots.outlines import Mark, View, dot, frame, outline, view_of
from zoo_dag.plots.picture import COLOURS, GREY, WIDTH, legend, line, many, pens, picture
from zoo_dag.plots.spans import along_axis
from zoo_dag.task_types.drawings.plot_samples import (
    MOST_TOOLS,
    UNIT,
    Sample,
    by_tool,
    chosen,
    clusters_of,
    counted,
    marks_of,
    named_in_combos,
    units_of,
    units_of_clusters,
)

_HIGHEST = 240
# Marks by tool, raw marks, and the caption.
Plot = Callable[[Mapping[str, Sequence[Mark]], Sequence[Mark], str], str]


class Drawing(NamedTuple):
    """Marks as elements of an SVG of a size, a caption in Markdown, and the part of the image."""

    view: View
    size: tuple[int, int]
    elements: Sequence[str]
    caption: str

    @property
    def as_markdown(self) -> str:
        """The picture for Dagster's pages."""
        return picture("Marks", self.size, self.elements, self.caption)


def consensus(clusters: pl.LazyFrame, other: Other) -> dict[str, Shown]:
    """Clusters over raw marks, of the subject with most clusters and those of median and of least detection.

    Takes `drawing_consensus` or its pooled twin; the marks are those of `drawing_annotations`, if it exists. Spans
    on light curves are along the axis of their data.
    """
    table = other("drawing_annotations")
    plots: dict[str, Shown] = {}
    every = []
    for what, where, plot in _kinds(clusters):
        units, samples = _over_marks(clusters, table, where)
        every.append(units)
        for sample, (own, raw) in samples.items():
            plots[f"{what}, {sample.why}"] = plot(by_tool(own), raw, _detected(sample, own))
    return {**plots, **with_examples(pl.concat(every), other)} if every else {}


def drawn_clusters(clusters: pl.LazyFrame, marks: pl.LazyFrame | None) -> dict[Sample, Drawing]:
    """Clusters on pictures as in `consensus`, of `drawing_consensus` or its twin, over raw marks."""
    _, samples = _over_marks(clusters, marks, in_pixels())
    return {sample: _drawing(by_tool(own), raw, _detected(sample, own)) for sample, (own, raw) in samples.items()}


def _over_marks(
    clusters: pl.LazyFrame, table: pl.LazyFrame | None, where: pl.Expr
) -> tuple[pl.DataFrame, dict[Sample, tuple[list[Mark], list[Mark]]]]:
    """All units, and the clusters of the sample ones with the marks of `drawing_annotations` below them."""
    clustered, apart = clusters_of(clusters, where)
    units = units_of_clusters(clustered)
    samples = chosen(units, by="agreement", names=("most clusters", "median detection", "least detection"))
    drawn = marks_of(clustered, samples, ("n_classifications", "detection"))
    named_marks = None if table is None or not samples else named_in_combos(counted(table, where), apart)
    raw = {} if named_marks is None else marks_of(named_marks, samples, ("classification_id",))
    return units, {sample: (own, raw.get(sample, [])) for sample, own in drawn.items()}


def annotations(marks: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The raw marks of the subject with most marks and of the one with the median number, by tool."""
    plots: dict[str, Shown] = {}
    for what, where, plot in _kinds(marks, pen=1):
        drawn = counted(marks, where)
        samples = chosen(units_of(drawn), by="n", names=("most marks", "median number"))
        for sample, own in marks_of(drawn, samples, ("classification_id",)).items():
            plots[f"{what}, {sample.why}"] = plot(by_tool(own), [], f"{sample}: {many(own[0]['total'], 'mark')}")
    return plots


def contours(of_areas: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """What at least k volunteers cover, of the tool and frame with most pieces; takes `contour_consensus`."""
    place = [*UNIT, "frame", "tool_index"]
    of_all = of_areas.filter(pl.col("cluster_index").is_null(), pl.col("n_pieces") > 0)
    most = (
        of_all.group_by(place).agg(n=pl.col("n_pieces").sum()).sort(["n", *place], descending=[True] + [False] * 4)
    )
    rows = of_all.join(most.head(1).select(place), on=place, how="semi", nulls_equal=True).sort("k")
    levels = rows.select(*place, "k", "pieces").collect().to_dicts()
    # Of many levels some are drawn, evenly, the first and the last among them.
    last, number = len(levels) - 1, min(len(levels), MOST_TOOLS)
    drawn = [levels[round(step * last / max(number - 1, 1))] for step in range(number)]
    marks = [
        {"shape": "outline", "points": ring, "x": None, "y": None, "total": 1}
        | {"tool_index": level["k"], "tool_type": None, "tool_label": f"{level['k']} or more"}
        for level in drawn
        for ring in level["pieces"]
    ]
    if not marks:
        return {}
    sample = Sample("contours", *(drawn[0][name] for name in (*UNIT, "frame")))
    return {"contours": _on_picture(by_tool(marks), [], f"{sample}: what so many volunteers cover", pen=1)}


def counts(of_tools: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The distribution of the median number of marks with all tools of a task, over its range."""
    every = of_tools.filter(pl.col("tool_index").is_null())
    units = named(every.select("parent_task", "task", "task_revision", "task_label", "median").collect())
    plot = over_ranges(units, "median", "Marks of a volunteer", "Median number of marks")
    return {"marks of a volunteer": plot} if plot else {}


def _kinds(marks: pl.LazyFrame, pen: int = 2) -> list[tuple[str, pl.Expr, Plot]]:
    """What marks are called, which they are, and how they are drawn: those on pictures, those on data, or both."""
    on_picture = functools.partial(_on_picture, pen=pen)
    kinds: tuple[tuple[str, pl.Expr, Plot], ...] = (
        ("marks", in_pixels(), on_picture),
        ("spans", ~in_pixels(), along_axis),
    )
    there = marks.select(where.any().alias(what) for what, where, _ in kinds).collect().row(0)
    return [kind for kind, is_there in zip(kinds, there, strict=True) if is_there]


def _detected(sample: Sample, clusters: Sequence[Mark]) -> str:
    detection = sum(cluster["detection"] for cluster in clusters) / len(clusters)
    of = many(clusters[0]["n_classifications"], "classification")
    return f"{sample}: {many(clusters[0]['total'], 'cluster')}, mean detection {detection:.2f} in {of}"


def _on_picture(tools: Mapping[str, Sequence[Mark]], raw: Sequence[Mark], caption: str, pen: int = 2) -> str:
    return _drawing(tools, raw, caption, pen).as_markdown


def _drawing(tools: Mapping[str, Sequence[Mark]], raw: Sequence[Mark], caption: str, pen: int = 2) -> Drawing:
    """Marks in the colours of their tools, over raw marks in grey."""
    marks = [mark for group in tools.values() for mark in group]
    view = view_of([*marks, *raw], WIDTH, _HIGHEST)
    drawn = [
        line("".join(outline(mark, view) for mark in group), colour, pen)
        for group, colour in zip(tools.values(), COLOURS, strict=False)
    ]
    _, height = view.size
    names = legend(list(tools), COLOURS, height + 13)
    elements = [pens([*_faint(raw, view), *drawn]), *names]
    return Drawing(view, (WIDTH + 1, height + 18), elements, _completed(caption, marks, raw, view))


def _completed(caption: str, marks: Sequence[Mark], raw: Sequence[Mark], view: View) -> str:
    if len(marks) < marks[0]["total"]:
        caption += f"; {len(marks):,} are drawn"
    if raw:
        caption += f"; grey: {len(raw):,} of {many(raw[0]['total'], 'mark')}"
    return f"{caption}. The part shown is {view.width:,.0f} by {view.height:,.0f} pixels."


def _faint(raw: Sequence[Mark], view: View) -> list[str]:
    """The border and raw marks in grey: points as dots."""
    shapes = [outline(mark, view) for mark in raw if mark["shape"] != "point"]
    dots = [dot(mark, view) for mark in raw if mark["shape"] == "point"]
    return [line("".join([frame(view), *shapes]), GREY), line("".join(dots), GREY, 4)]
