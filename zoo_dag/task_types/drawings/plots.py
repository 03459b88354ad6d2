"""Plots of marks on pictures: raw marks of some sample subjects, and their clusters.

Spans on light curves are not on a picture, and not drawn. The plots are longer than Dagster's pages show at once,
and open with a click.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.consensus.pictures import in_pixels
from zoo_dag.plots import Other, Shown
from zoo_dag.plots.agreement import named, over_ranges
from zoo_dag.plots.examples import with_examples
from zoo_dag.plots.outlines import Mark, View, dot, frame, outline, view_of
from zoo_dag.plots.picture import COLOURS, GREY, WIDTH, legend, line, many, pens, picture
from zoo_dag.task_types.drawings.geometry import MEASURES
from zoo_dag.task_types.drawings.shapes import is_closed, shape_of
from zoo_dag.wording.markdown import code, plain

_HIGHEST = 240
# The largest number of marks in a plot; of more, a plot shows an even sample.
_MOST_MARKS = 100
_UNIT = ["task", "subject_ids"]
_TOOL = ("tool_index", "tool_type", "tool_label")
# The largest number of tools, as many as have room for their names below the picture.
_MOST_TOOLS = 4


class Sample(NamedTuple):
    """A subject and task: the reason for its choice, and the frame with most marks."""

    why: str
    task: str
    subject_ids: str
    frame: int

    def __str__(self) -> str:
        """Subject, task, and the frame where it is not the first."""
        on_frame = f", frame {self.frame}" if self.frame else ""
        return f"Subject {code(self.subject_ids, 20)}, task {code(self.task, 12)}{on_frame}"


class Drawing(NamedTuple):
    """Marks as elements of an SVG of a size, a caption in Markdown, and the sample and the part of the image."""

    sample: Sample
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

    Takes `drawing_consensus` or its pooled twin; the marks are those of `drawing_annotations`, if it exists.
    """
    units, drawings = _drawn_clusters(clusters, other("drawing_annotations"))
    plots = {f"marks, {drawing.sample.why}": drawing.as_markdown for drawing in drawings}
    counts = pl.format("{} cluster{}", "n", pl.when(pl.col("n") > 1).then(pl.lit("s")).otherwise(pl.lit("")))
    return {**plots, **with_examples(units.with_columns(name="task", winner=counts), other)}


def drawn_clusters(clusters: pl.LazyFrame, marks: pl.LazyFrame | None) -> list[Drawing]:
    """Clusters as in `consensus`, of `drawing_consensus` or its twin, over raw marks of `drawing_annotations`."""
    return _drawn_clusters(clusters, marks)[1]


def _drawn_clusters(clusters: pl.LazyFrame, marks: pl.LazyFrame | None) -> tuple[pl.DataFrame, list[Drawing]]:
    """All units, and the drawings of some."""
    clustered = clusters.filter(~pl.col("is_candidate"), in_pixels())
    in_combos = clustered.filter(pl.col("parent_task").is_not_null()).select(pl.col("task").unique()).collect()
    apart = in_combos["task"].to_list()
    clustered = _named(clustered, apart)
    units = _units(
        clustered,
        pl.col("subject_id").first(),
        agreement=pl.col("detection").mean(),
        n_answered=pl.col("n_classifications").first(),
    )
    samples = _chosen(units, by="agreement", names=("most clusters", "median detection", "least detection"))
    drawn = _marks_of(clustered, samples, ("n_classifications", "detection"))
    raw = _marks_of(_named(_counted(marks), apart), samples) if marks is not None and samples else {}
    return units, [
        _drawing(sample, own, raw.get(sample, []), _detected(sample, own)) for sample, own in drawn.items()
    ]


def contours(of_areas: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """What at least k volunteers cover, of the tool and frame with most pieces; takes `contour_consensus`."""
    place = [*_UNIT, "frame", "tool_index"]
    of_all = of_areas.filter(pl.col("cluster_index").is_null(), pl.col("n_pieces") > 0)
    most = (
        of_all.group_by(place).agg(n=pl.col("n_pieces").sum()).sort(["n", *place], descending=[True] + [False] * 4)
    )
    chosen = most.head(1).select(place)
    rows = of_all.join(chosen, on=place, how="semi", nulls_equal=True).sort("k")
    levels = rows.select(*place, "k", "pieces").collect().to_dicts()
    # Of many levels some are drawn, evenly, the first and the last among them.
    last, number = len(levels) - 1, min(len(levels), _MOST_TOOLS)
    drawn = [levels[round(step * last / max(number - 1, 1))] for step in range(number)]
    marks = [
        {"shape": "outline", "points": ring, "x": None, "y": None, "total": 1}
        | {"tool_index": level["k"], "tool_type": None, "tool_label": f"{level['k']} or more"}
        for level in drawn
        for ring in level["pieces"]
    ]
    if not marks:
        return {}
    sample = Sample("contours", *(drawn[0][name] for name in (*_UNIT, "frame")))
    drawing = _drawing(sample, marks, [], f"{sample}: what so many volunteers cover", pen=1)
    return {"contours": drawing.as_markdown}


def annotations(marks: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The raw marks of the subject with most marks and of the one with the median number, by tool."""
    counted = _counted(marks)
    samples = _chosen(_units(counted), by="n", names=("most marks", "median number"))
    drawings = {
        f"marks, {sample.why}": _drawing(sample, drawn, [], f"{sample}: {many(drawn[0]['total'], 'mark')}", pen=1)
        for sample, drawn in _marks_of(counted, samples).items()
    }
    return {name: drawing.as_markdown for name, drawing in drawings.items()}


def _named(rows: pl.LazyFrame, apart: Sequence[str]) -> pl.LazyFrame:
    """The rows with the combo in the name of the tasks that combos tell apart."""
    in_combo = pl.coalesce(pl.format("{}.{}", "parent_task", "task"), "task")
    return rows.with_columns(task=pl.when(pl.col("task").is_in(apart)).then(in_combo).otherwise("task"))


def counts(of_tools: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The distribution of the median number of marks with all tools of a task, over its range."""
    every = of_tools.filter(pl.col("tool_index").is_null())
    units = named(every.select("parent_task", "task", "task_revision", "task_label", "median").collect())
    plot = over_ranges(units, "median", "Marks of a volunteer", "Median number of marks")
    return {"marks of a volunteer": plot} if plot else {}


def _counted(marks: pl.LazyFrame) -> pl.LazyFrame:
    return marks.filter(pl.col("excluded").is_null(), pl.col("status") == "answered", in_pixels())


def _units(marks: pl.LazyFrame, *measures: pl.Expr, **named: pl.Expr) -> pl.DataFrame:
    """By task and subject the number of marks `n`, the `frame` with most of them, and the measures."""
    most = pl.col("frame").fill_null(0).mode().sort().first()
    return marks.group_by(_UNIT).agg(*measures, n=pl.len(), frame=most, **named).sort(_UNIT).collect()


def _chosen(units: pl.DataFrame, by: str, names: Sequence[str]) -> list[Sample]:
    """The unit with most marks, and of the others the middle and the lowest one, as far as there are names."""
    if units.is_empty():
        return []
    largest = units.sort(["n", *_UNIT], descending=[True, False, False]).head(1)
    others = units.join(largest, on=_UNIT, how="anti").sort([by, *_UNIT])
    middle, lowest = others.slice((others.height - 1) // 2, 1), others.head(1 if others.height > 2 else 0)
    picked = zip(names, (largest, middle, lowest), strict=False)
    return [Sample(why, *row.select(*_UNIT, "frame").row(0)) for why, row in picked if row.height]


def _marks_of(
    marks: pl.LazyFrame, samples: Sequence[Sample], extra: Sequence[str] = ()
) -> dict[Sample, list[Mark]]:
    """The marks of the samples that have any, with their shape, by tool; `total` says how many there are."""
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
        .sort("tool_index", "tool_type", maintain_order=True)
        .to_dicts()
    )
    by_sample: dict[Sample, list[Mark]] = {
        sample: [row for row in rows if (row["task"], row["subject_ids"], row["frame"]) == sample[1:]]
        for sample in samples
    }
    return {sample: drawn for sample, drawn in by_sample.items() if drawn}


def _detected(sample: Sample, clusters: Sequence[Mark]) -> str:
    detection = sum(cluster["detection"] for cluster in clusters) / len(clusters)
    of = many(clusters[0]["n_classifications"], "classification")
    return f"{sample}: {many(clusters[0]['total'], 'cluster')}, mean detection {detection:.2f} in {of}"


def _drawing(sample: Sample, marks: Sequence[Mark], raw: Sequence[Mark], caption: str, pen: int = 2) -> Drawing:
    """Marks in the colours of their tools, over raw marks in grey."""
    view = view_of([*marks, *raw], WIDTH, _HIGHEST)
    tools = _by_tool(marks)
    drawn = [
        line("".join(outline(mark, view) for mark in group), colour, pen)
        for group, colour in zip(tools.values(), COLOURS, strict=False)
    ]
    _, height = view.size
    names = legend(list(tools), COLOURS, height + 13)
    elements = [pens([*_faint(raw, view), *drawn]), *names]
    return Drawing(sample, view, (WIDTH + 1, height + 18), elements, _completed(caption, marks, raw, view))


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


def _by_tool(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    """The marks of each tool by its name; of many tools, the last are one group."""
    tools: dict[tuple[int | None, str | None], list[Mark]] = {}
    for mark in marks:
        tools.setdefault((mark["tool_index"], mark["tool_type"]), []).append(mark)
    groups: dict[str, list[Mark]] = {}
    for number, group in enumerate(tools.values()):
        last = number >= _MOST_TOOLS - 1 and len(tools) > _MOST_TOOLS
        name = "other tools" if last else plain(group[0]["tool_label"] or group[0]["tool_type"] or "?", 14)
        groups.setdefault(name, []).extend(group)
    return groups
