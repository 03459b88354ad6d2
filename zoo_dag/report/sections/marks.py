"""Marks: how many clusters each tool has, how clearly they are seen, and examples on the frame."""

from collections.abc import Iterable
from itertools import islice

import polars as pl

from zoo_dag.plots.agreement import named
from zoo_dag.report.histograms import histogram
from zoo_dag.report.parts import Chart, Columns, Group, Part, Picture, Section, Table
from zoo_dag.task_types.drawings.plot_samples import Sample
from zoo_dag.task_types.drawings.plots import Drawing, drawn_clusters
from zoo_dag.wording.sentences import counted

_MOST_TOOLS, _PICTURES = 60, 3


def marks(clusters: pl.LazyFrame, annotations: pl.LazyFrame | None, summary: pl.LazyFrame) -> Section:
    """Clusters by tool, detection and pictures, of `pooled_drawing_consensus` and `drawing_annotations`."""
    found = clusters.filter(pl.col("cluster_index").is_not_null())
    by_tool = _by_tool(found)
    if by_tool.is_empty():
        return Section("marks", "Marks")
    n_clusters, n_candidates = int(by_tool["Clusters"].sum()), int(by_tool["Candidates"].sum())
    sentence = (
        f"{counted(n_clusters, 'clusters')} of marks; {counted(n_candidates, 'candidates')} besides, which fewer "
        "volunteers marked than a cluster needs. Detection is the share of those asked who have a mark in a "
        "cluster."
    )
    caption = "Clusters by tool"
    if by_tool.height > _MOST_TOOLS:
        caption += f": the {_MOST_TOOLS} with most clusters, of {by_tool.height:,}"
    parts: list[Part] = [_detection(found), Table(caption, by_tool.head(_MOST_TOOLS))]
    drawings = dict(islice(drawn_clusters(clusters, annotations).items(), _PICTURES))
    urls = _urls(drawings, summary)
    pictures = [
        _picture(sample, drawing, urls.get(sample.subject_ids, [])) for sample, drawing in drawings.items()
    ]
    if pictures:
        text = "Clusters in the colours of their tools, over the marks of single volunteers in grey."
        parts.append(Group("Clusters on the frame", (text,), pictures))
    return Section("marks", "Marks", (sentence,), parts)


def _by_tool(found: pl.LazyFrame) -> pl.DataFrame:
    clear = ~pl.col("is_candidate")
    keys = ("parent_task", "task", "task_revision", "task_label", "tool_index", "tool_label", "tool_type")
    tools = (
        found.group_by(keys)
        .agg(
            pl.col("subject_ids").filter(clear).n_unique().alias("Subjects"),
            clear.sum().cast(pl.Int64).alias("Clusters"),
            pl.col("is_candidate").sum().cast(pl.Int64).alias("Candidates"),
            pl.col("detection").filter(clear).mean().round(3).alias("Mean detection"),
            pl.col("iou").filter(clear).mean().round(3).alias("Mean overlap (IoU)"),
        )
        .sort(pl.col("Clusters").neg(), *keys, nulls_last=True)
        .collect()
    )
    tool = pl.coalesce("tool_label", "tool_type", pl.format("tool {}", "tool_index"))
    shown = ("Subjects", "Clusters", "Candidates", "Mean detection", "Mean overlap (IoU)")
    return named(tools).select(
        pl.col("name").alias("Task"), tool.alias("Tool"), pl.col("tool_type").alias("Shape"), *shown
    )


def _detection(found: pl.LazyFrame) -> Chart:
    is_candidate = pl.col("is_candidate")
    numbers = histogram(
        found, "detection", "Detection", clusters=(~is_candidate).sum(), candidates=is_candidate.sum()
    )
    description = "Clusters and candidates by the share of those asked who marked them."
    return Chart("Detection", description, numbers, Columns("Detection", ("clusters", "candidates"), "clusters"))


def _urls(samples: Iterable[Sample], summary: pl.LazyFrame) -> dict[str, list[str]]:
    wanted = [sample.subject_ids for sample in samples]
    known = summary.filter(pl.col("subject_ids").is_in(wanted), pl.col("urls").is_not_null())
    return dict(known.select("subject_ids", "urls").collect().iter_rows()) if wanted else {}


def _picture(sample: Sample, drawing: Drawing, urls: list[str]) -> Picture:
    view = drawing.view
    return Picture(
        sample.why.capitalize(),
        drawing.caption.replace("`", ""),
        drawing.size,
        drawing.elements,
        (view.left, view.top),
        view.scale,
        urls[sample.frame] if sample.frame < len(urls) else None,
    )
