"""COCO: pictures, categories and annotations in one JSON file, as detectors are trained on.

Boxes and outlines have a `segmentation`; what is known as a box only has an empty one. A point is a keypoint, with
a box without a size. Beside the fields of COCO are `score`, the detection of the cluster, and `attributes`, the
answers to sub-tasks, as CVAT writes those of an object. The file is written object by object, however many there
are.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from zoo_dag.formats.mark_answers import SubTasks, answers_about, sub_tasks
from zoo_dag.formats.objects import Form, form_of
from zoo_dag.formats.pictures import Pictures, left_out_objects, read_pictures
from zoo_dag.formats.source import Source
from zoo_dag.settings.publication import Publication
from zoo_dag.wording.sentences import counted

_VISIBLE = 2


def write(source: Source, target: Path) -> list[str]:
    """Write the pictures of drawing tasks, and the objects on them, to a JSON file."""
    pictures = read_pictures(source)
    without: list[str] = []
    with target.open("wb") as file:
        file.write(b'{"info":' + orjson.dumps(_info(source.settings.publication)) + b',"licenses":[]')
        n_pictures = _list(file, "images", _images(pictures))
        n_categories = _list(file, "categories", _categories(pictures))
        n_objects = _list(file, "annotations", _annotations(source, pictures, without))
        file.write(b"}\n")
    return [
        f"{counted(n_pictures, 'pictures')} with {counted(n_objects, 'objects')} of "
        f"{counted(n_categories, 'categories')} in {target}",
        *pictures.notes,
        *left_out_objects(without, "outside of their picture, or without a size"),
    ]


def _list(file: BinaryIO, name: str, values: Iterable[dict[str, Any]]) -> int:
    """Write a list as a field of an object; returns its length."""
    file.write(b',\n"' + name.encode() + b'":[')
    n = 0
    for n, value in enumerate(values, 1):
        file.write((b"\n" if n == 1 else b",\n") + orjson.dumps(value))
    file.write(b"]")
    return n


def _info(publication: Publication) -> dict[str, str]:
    said = {
        "description": publication.title,
        "version": publication.version,
        "url": publication.homepage,
        "contributor": ", ".join(each.title for each in publication.contributors),
    }
    return {name: value for name, value in said.items() if value}


def _images(pictures: Pictures) -> Iterator[dict[str, Any]]:
    for row in pictures.frames.iter_rows(named=True):
        url = {"coco_url": row["url"]} if row["url"] else {}
        yield {
            "id": row["picture"],
            "width": round(row["width"]),
            "height": round(row["height"]),
            "file_name": row["file_name"],
            **url,
            "subject_id": row["subject_id"],
            "frame": row["frame"],
            **({"original_name": row["original_name"]} if row["original_name"] else {}),
        }


def _categories(pictures: Pictures) -> Iterator[dict[str, Any]]:
    for row in pictures.categories.iter_rows(named=True):
        yield {
            "id": row["category"],
            "name": row["name"],
            "supercategory": row["task_label"] or "",
            "keypoints": ["point"],
            "skeleton": [],
        }


def _annotations(source: Source, pictures: Pictures, without: list[str]) -> Iterator[dict[str, Any]]:
    number, known = 0, sub_tasks(source.scan_tasks())
    for row in pictures.objects():
        form = form_of(row)
        if form is None:
            without.append(row["tool_type"] or "unknown tool")
            continue
        number += 1
        yield {
            "id": number,
            "image_id": row["picture"],
            "category_id": row["category"],
            "bbox": [form.x, form.y, form.width, form.height],
            "area": form.area,
            "iscrowd": 0,
            "segmentation": [[axis for point in ring for axis in point] for ring in form.rings],
            **_keypoints(form),
            "score": row["detection"],
            **_attributes(row, known),
        }


def _attributes(row: Mapping[str, Any], known: SubTasks) -> dict[str, Any]:
    answers = answers_about(row, known)
    return {"attributes": answers} if answers else {}


def _keypoints(form: Form) -> dict[str, Any]:
    return {"keypoints": [form.x, form.y, _VISIBLE], "num_keypoints": 1} if form.is_point else {}
