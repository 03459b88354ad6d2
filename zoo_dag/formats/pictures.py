"""Pictures with what volunteers marked on them, for the formats of computer vision.

A picture is a frame of a subject whose drawing task was answered, with marks or without: a picture on which nobody
marked anything says as much as the others. An object is a cluster of marks that is no candidate; its category is
its tool. Everything is in pixels of the natural picture, so a frame of unknown size is left out, and said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from zoo_dag.errors import ZooDagError
from zoo_dag.events.fields import field_names, file_name_field, read_fields
from zoo_dag.events.pictures import subjects_of
from zoo_dag.formats.objects import has_form
from zoo_dag.formats.of_subjects import of_subjects, several_subjects
from zoo_dag.formats.source import Source
from zoo_dag.tables.geometry import GEOMETRY
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted, listed

_TASK = ("workflow_id", "parent_task", "task")
_TOOL = (*_TASK, "tool_label", "tool_index")
_PICTURE = ("subject_id", "frame")
_BATCH = 10_000
# How a file name ends that is one.
_SUFFIX = r"(\.[A-Za-z0-9]{1,5})(?:\?.*)?$"


@dataclass(frozen=True)
class Pictures:
    """Pictures, categories and objects.

    `frames` has `picture` (from 1), `subject_id, frame, width, height, url, file_name`, `original_name`, which
    is that of the metadata, and `is_marked`, whether there is anything on it that is no candidate, be it an object
    or a line; in the order of subjects and frames. `categories` has `category` (from 1), `name,
    task_label`. `notes` are sentences about what is not among them.
    """

    frames: pl.DataFrame
    categories: pl.DataFrame
    notes: tuple[str, ...]
    _objects: pl.LazyFrame

    def objects(self) -> Iterator[dict[str, Any]]:
        """The objects as rows of `picture, category, detection, width_of_frame, height_of_frame` and geometry.

        They have their tool and `details` as well, as `drawing_consensus` has them.
        """
        sizes = self.frames.lazy().select(
            "picture", *_PICTURE, width_of_frame=pl.col("width"), height_of_frame=pl.col("height")
        )
        rows = self._objects.join(sizes, on=list(_PICTURE), how="inner")
        in_order = rows.sort(
            "picture", "category", "task_revision", "tool_index", "cluster_index", nulls_last=True
        )
        for batch in in_order.collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield from batch.iter_rows(named=True)


def read_pictures(source: Source, task: str | None = None) -> Pictures:
    """The pictures of the tasks that ask for objects with a form, or of one task, with the consensus of the marks.

    Raises ZooDagError where there are none of known size.
    """
    stored = source.scan_consensus("drawing_consensus").with_columns(pl.col("frame").fill_null(0))
    stored = stored.filter(task=task) if task else stored
    rows = of_subjects(stored)
    marks = rows.filter(pl.col("cluster_index").is_not_null())
    tasks = marks.filter(has_form()).select(_TASK).unique()
    rows = rows.join(tasks, on=list(_TASK), how="semi", nulls_equal=True)
    subjects = rows.select("subject_id").unique().collect()["subject_id"].sort()
    if subjects.is_empty():
        raise ZooDagError("There are no boxes, outlines, circles, ellipses or points in the marks of volunteers.")
    clusters = marks.filter(~pl.col("is_candidate"))
    marked = clusters.filter(has_form())
    categories, category_of = _categories(marked)
    frames = read_frames(source, subjects)
    if frames.is_empty():
        raise ZooDagError(
            f"The size of the pictures is known of none of {counted(len(subjects), 'subjects')}: no browser wrote "
            "it into the metadata of their classifications. Marks in pixels mean nothing without it."
        )
    objects = marked.join(category_of.lazy(), on=list(_TOOL), how="left", nulls_equal=True)
    of_tool = ("workflow_id", "task", "task_revision", "tool_index", "tool_type")
    further = ("category", *of_tool, "cluster_index", "detection", "unit", "details")
    unknown = _unknown(frames, subjects, marked.select(*_PICTURE).unique().collect())
    any_mark = clusters.select(*_PICTURE, is_marked=pl.lit(value=True)).unique().collect()
    frames = frames.join(any_mark, on=list(_PICTURE), how="left", maintain_order="left")
    of_several = several_subjects(stored.join(tasks, on=list(_TASK), how="semi", nulls_equal=True))
    others = clusters.filter(~has_form()).select(pl.col("tool_type").fill_null("unknown tool")).collect()
    return Pictures(
        frames.with_columns(pl.col("is_marked").fill_null(value=False)),
        categories,
        (*unknown, *of_several, *left_out_objects(others["tool_type"])),
        objects.select(*_PICTURE, *further, *GEOMETRY),
    )


def left_out_objects(kinds: Sequence[str] | pl.Series, reason: str = "without a form there") -> Iterator[str]:
    """A sentence about objects that are not written, by their tools, a text for each object."""
    if len(kinds):
        counts = pl.Series("kind", kinds).value_counts(name="n").sort("n", "kind", descending=[True, False])
        each = ", ".join(f"{kind} ({number:,})" for kind, number in counts.iter_rows())
        yield f"Left out: {counted(len(kinds), 'objects')} {reason}: {each}."


def _categories(marked: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The categories, and of which category each tool is. A label that several tasks have names the task too."""
    tools = marked.group_by(_TOOL).agg(pl.col("task_label").drop_nulls().max()).sort(_TOOL).collect()
    labels = [_label(**row) for row in tools.drop("workflow_id", "parent_task").iter_rows(named=True)]
    named = tools.with_columns(name=pl.Series(labels, dtype=pl.String))
    tasks = pl.struct(_TASK).n_unique().over("name")
    task = pl.concat_str(pl.lit("workflow "), "workflow_id", pl.lit(" task "), "task")
    name = pl.when(tasks > 1).then(pl.format("{} ({})", "name", task)).otherwise("name")
    named = named.with_columns(name)
    order = named.group_by("name", maintain_order=True).agg(
        pl.col("task_label").first(), pl.col(*_TASK, "tool_index").first()
    )
    categories = order.sort(*_TASK, "tool_index", "name", nulls_last=True).with_row_index("category", 1)
    of_tool = named.join(categories.select("category", "name"), on="name").select("category", *_TOOL)
    return categories.select("category", "name", "task_label"), of_tool


def _label(task: str, task_label: str | None, tool_label: str | None, tool_index: int | None) -> str:
    """What a category is called: as its tool, or as its task where that has no tools, such as one that crops."""
    if tool_index is None and not tool_label:
        return without_markup(task_label or "") or f"task {task}"
    return without_markup(tool_label or "") or f"tool {tool_index}"


def read_frames(source: Source, subjects: pl.Series) -> pl.DataFrame:
    """The frames of these subjects with what is known of them: `Pictures.frames` without `is_marked`."""
    of_these = pl.col("subject_id").is_in(subjects.implode())
    sizes = source.scan_of_workflow("subject_frames").filter(of_these)
    # Of several workflows what most classifications saw.
    best = sizes.sort("n_classifications", "width", "height", descending=True)
    best = best.unique(_PICTURE, keep="first", maintain_order=True).select(*_PICTURE, "width", "height")
    exported = source.scan_subjects().filter(of_these)
    addresses = exported.group_by("subject_id").agg(pl.col("locations").sort_by("updated_at").last())
    url = pl.col("locations").list.get(pl.col("frame"), null_on_oob=True)
    found = best.join(addresses, on="subject_id", how="left").with_columns(url=url).collect()
    names = _original_names(subjects_of(exported, source.scan_shown().filter(of_these)))
    name = pl.format("{}_{}{}", *_PICTURE, pl.col("url").str.extract(_SUFFIX, 1).fill_null(""))
    numbered = found.join(names, on="subject_id", how="left").sort(_PICTURE).with_row_index("picture", 1)
    return numbered.select("picture", *_PICTURE, "width", "height", "url", "original_name", file_name=name)


def _original_names(subjects: pl.DataFrame) -> pl.DataFrame:
    """`subject_id, original_name`: the name of the file by the metadata, null where no field is called so."""
    field = file_name_field(field_names(subjects["metadata"]))
    if field is None:
        return subjects.select("subject_id", original_name=pl.lit(None, pl.String))
    return subjects.select("subject_id", original_name=read_fields(subjects["metadata"], [field])[field])


def _unknown(frames: pl.DataFrame, subjects: pl.Series, marked: pl.DataFrame) -> Iterator[str]:
    """A sentence about the pictures whose size is not known, and one about those whose address is not."""
    first = subjects.to_frame("subject_id").with_columns(frame=pl.lit(0, pl.Int32))
    wanted = pl.concat([marked, first]).unique()
    without = wanted.join(frames, on=list(_PICTURE), how="anti").sort(_PICTURE)
    if without.height:
        names = [f"frame {frame} of subject {subject}" for subject, frame in without.iter_rows()]
        yield (
            f"Left out: {counted(len(names), 'pictures')} whose size no browser wrote into the metadata of a "
            f"classification: {listed(names)}."
        )
    n_nowhere = frames["url"].null_count()
    if n_nowhere:
        yield (
            f"Note: where {counted(n_nowhere, 'pictures')} are is not known. The subjects export says it: import "
            "it to have the addresses beside the file names."
        )
