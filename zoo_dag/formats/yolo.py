"""YOLO: a text file for each picture, a line for each object on it, and `data.yaml` with the names of the classes.

A picture without objects has an empty file. `pictures.csv` says where each picture is: it is to be saved under its
name in the folder `images`.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import orjson

from zoo_dag.formats.objects import Form, box_around, form_of
from zoo_dag.formats.pictures import Pictures, left_out_objects, read_pictures
from zoo_dag.formats.source import Source
from zoo_dag.settings.pictures import Pictures as Options
from zoo_dag.store.exporting import write_csv
from zoo_dag.wording.sentences import counted

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def write(source: Source, target: Path) -> list[str]:
    """Write the labels of the pictures of drawing tasks to a folder."""
    pictures, options = read_pictures(source), source.settings.pictures
    labels = target / "labels"
    for folder in (labels, target / "images"):
        folder.mkdir()
    names = pictures.frames["file_name"].to_list()
    stems = [name.partition(".")[0] for name in names]
    for stem in stems:
        (labels / f"{stem}.txt").touch()
    without: list[str] = []
    n_objects = 0
    for picture, objects in _objects(pictures, options, without):
        (labels / f"{stems[picture - 1]}.txt").write_text("".join(objects), encoding="ascii")
        n_objects += len(objects)
    (target / "data.yaml").write_text(_data(pictures.categories["name"]), encoding="utf-8")
    columns = ("file_name", "url", "original_name", "subject_id", "frame", "width", "height")
    write_csv(pictures.frames.lazy().select(columns), target / "pictures.csv", verbatim=source.verbatim)
    return [
        f"{counted(len(names), 'pictures')} with {counted(n_objects, 'objects')} of "
        f"{counted(pictures.categories.height, 'classes')} in {target}",
        *pictures.notes,
        *left_out_objects(without, _reason(options)),
    ]


def _objects(pictures: Pictures, options: Options, without: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The objects of each picture that has some; each is its lines, one for each piece of an outline."""
    for picture, rows in groupby(pictures.objects(), key=lambda row: int(row["picture"])):
        objects = []
        for row in rows:
            frame = (row["width_of_frame"], row["height_of_frame"])
            form = form_of(row)
            if form and form.is_point:
                form = box_around(form, options.point_pixels, frame) if options.point_pixels else None
            lines = [
                f"{row['category'] - 1} {' '.join(f'{number:.6f}' for number in numbers)}\n"
                for numbers in (_numbers(form, frame, options) if form else ())
            ]
            if lines:
                objects.append("".join(lines))
            else:
                without.append(row["tool_type"])
        yield picture, objects


def _numbers(form: Form, frame: tuple[float, float], options: Options) -> Iterator[tuple[float, ...]]:
    """The numbers of each piece of an object as fractions of its frame.

    None for what has no outline where one is wanted. A box has one piece.
    """
    width, height = frame
    if options.yolo == "outlines":
        yield from (tuple(each for x, y in ring for each in (x / width, y / height)) for ring in form.rings)
    else:
        centre = (form.x + form.width / 2) / width, (form.y + form.height / 2) / height
        yield (*centre, form.width / width, form.height / height)


def _reason(options: Options) -> str:
    if options.yolo == "outlines":
        return "without an outline (pictures.yolo in the settings)"
    points = (
        "" if options.point_pixels else "points (pictures.point_pixels in the settings makes boxes of them), or "
    )
    return f"that are {points}outside of their picture, or without a size"


def _data(names: Iterable[str]) -> str:
    """`data.yaml`. A string of JSON is one of YAML too, but for letters that YAML does not print."""
    printable = (_UNPRINTABLE.sub(" ", name) for name in names)
    classes = "".join(f"  {number}: {orjson.dumps(name).decode()}\n" for number, name in enumerate(printable))
    return f"path: .\ntrain: images\nval: images\nnames:\n{classes}"
