"""Observations of Camtrap DP from the marks of a drawing task: boxes, and points by their number."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from zoo_dag.formats.camtrap_dp.choices import BLANK
from zoo_dag.formats.camtrap_dp.observations import Observing, joined
from zoo_dag.formats.objects import Form, form_of
from zoo_dag.formats.pictures import Pictures, left_out_objects, read_pictures
from zoo_dag.wording.sentences import counted, listed


def of_boxes(observing: Observing, task: str) -> tuple[pl.DataFrame, list[str]]:
    """The observations of a drawing task, and what to say about them.

    A row for each box, one without a box for each label of points, with their number as count, and one for each
    picture without any mark. A picture with other marks only, such as lines, has none, and is said.
    """
    pictures = read_pictures(observing.source, task)
    frames = pictures.frames.select("picture", "subject_id", pl.col("frame").cast(pl.Int64), "is_marked")
    media = observing.with_media(frames, by_frame=True).with_columns(n_frames=pl.lit(1))
    marks = _Marks(observing, task, {row["picture"]: row for row in media.iter_rows(named=True)})
    found = observing.written(marks.observations(pictures))
    others = marks.without_an_observation()
    notes = [*pictures.notes, *left_out_objects(marks.nowhere, "outside of their picture, or without a size")]
    if others:
        notes.append(
            f"Left out: {counted(len(others), 'pictures')} with marks of which none is a box or a point: "
            f"{listed(others)}."
        )
    return found, notes


@dataclass
class _Marks:
    """The marks of a task on pictures with a medium, which `media` has by the number of the picture.

    As observations are made, `seen` are the pictures that have one, `nowhere` the tools of marks without a form.
    """

    observing: Observing
    task: str
    media: Mapping[int, Mapping[str, Any]]
    seen: set[int] = field(default_factory=set)
    nowhere: list[str] = field(default_factory=list)

    def observations(self, pictures: Pictures) -> Iterator[dict[str, Any]]:
        """What is on the pictures, as `Observing.written` takes it."""
        labels = dict(pictures.categories.select("category", "name").iter_rows())
        points: Counter[tuple[int, int]] = Counter()
        n_boxes = 0
        for mark in pictures.objects():
            picture, form = mark["picture"], form_of(mark)
            if picture not in self.media:
                continue
            if form is None:
                self.nowhere.append(mark["tool_type"] or "unknown tool")
            elif form.is_point:
                points[picture, mark["category"]] += 1
            else:
                label = labels[mark["category"]]
                size = (mark["width_of_frame"], mark["height_of_frame"])
                yield self._of(
                    picture, str(n_boxes), choice=self.observing.what(label, label), **_box(form, *size)
                )
                n_boxes += 1
        for (picture, category), number in points.items():
            choice = self.observing.what(labels[category], labels[category])
            yield self._of(picture, "points", str(category), choice=choice, count=str(number))
        for picture, row in self.media.items():
            if not row["is_marked"]:
                yield self._of(picture, "blank", choice=BLANK)

    def without_an_observation(self) -> list[str]:
        """The media that have none, after all observations were made."""
        return [row["mediaID"] for picture, row in self.media.items() if picture not in self.seen]

    def _of(self, picture: int, *name: str, **fields: Any) -> dict[str, Any]:
        self.seen.add(picture)
        row = self.media[picture]
        return {
            "observationID": joined(row["mediaID"], self.task, *name),
            "observationLevel": "media",
            "classifiedBy": f"Volunteers of {self.observing.title}",
            "row": row,
            **fields,
        }


def _box(form: Form, width: float, height: float) -> dict[str, float]:
    """A box as fractions of its medium."""
    return {
        "bboxX": form.x / width,
        "bboxY": form.y / height,
        "bboxWidth": form.width / width,
        "bboxHeight": form.height / height,
    }
