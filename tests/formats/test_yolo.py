"""Pictures as YOLO."""

from pathlib import Path

import polars as pl
import yaml

from tests.formats.marks import CLUSTERS, NO_FORM, TABLES, UNKNOWN_SIZE, mark, outline
from tests.formats.stored import Tables, source, store
from zoo_dag.formats.yolo import write


def labels(folder: Path) -> dict[str, list[list[float]]]:
    return {
        file.name: [[float(number) for number in line.split()] for line in file.read_text().splitlines()]
        for file in sorted((folder / "labels").iterdir())
    }


def written(tmp_path: Path, settings: str, name: str = "yolo", tables: Tables = TABLES) -> tuple[Path, list[str]]:
    target = tmp_path / name
    target.mkdir()
    return target, write(source(store(tmp_path / f"data_{name}", tables, settings)), target)


def test_a_picture_has_a_line_for_each_box_and_an_empty_file_without(tmp_path: Path) -> None:
    target, said = written(tmp_path, "")
    assert said == [
        f"3 pictures with 6 objects of 4 classes in {target}",
        UNKNOWN_SIZE,
        NO_FORM,
        "Left out: 2 objects that are points (pictures.point_pixels in the settings makes boxes of them), or "
        "outside of their picture, or without a size: point (2).",
    ]
    assert labels(target) == {
        "1_0.txt": [
            [0, 0.5, 0.5, 0.2, 0.125],
            [0, 0.5, 0.5, 0.1, 0.25],
            [1, 0.075, 0.5, 0.15, 0.25],
            [3, 0.2, 0.25, 0.2, 0.25],
            [3, 0.95, 0.0625, 0.1, 0.125],
        ],
        "1_1.txt": [[1, 0.5, 0.5, 0.2, 0.5]],
        "2_0.txt": [],
    }
    pictures = pl.read_csv(target / "pictures.csv")
    assert pictures.select("file_name", "url", "subject_id", "frame").rows()[2] == (
        *("2_0.png", "https://example.org/c.png"),
        *(2, 0),
    )


def test_points_become_boxes_of_a_size_and_outlines_polygons(tmp_path: Path) -> None:
    target, _ = written(tmp_path, "[pictures]\npoint_pixels = 20", "points")
    assert [0.0 + 2, 0.3, 0.25, 0.2, 0.25] in labels(target)["1_0.txt"]
    target, said = written(tmp_path, '[pictures]\nyolo = "outlines"', "outlines")
    assert said[-1].startswith("Left out: 4 objects without an outline (pictures.yolo in the settings): point (2)")
    assert labels(target)["1_0.txt"][2] == [3, 0.1, 0.125, 0.3, 0.125, 0.3, 0.375]


def test_an_outline_that_the_edge_cuts_in_two_has_two_lines(tmp_path: Path) -> None:
    # A fork whose teeth reach into the picture from the right.
    fork = outline((90, 0), (120, 0), (120, 40), (80, 40), (80, 30), (110, 30), (110, 10), (90, 10))
    reed = mark(1, "polygon", "Reed", tool_index=4, closed=True, points=fork)
    older = {**reed, "task_revision": "T0@1.0", "points": outline((0, 0), (9, 0), (9, 9))}
    tables = {**TABLES, "pooled_drawing_consensus": [reed, older]}
    target, said = written(tmp_path, '[pictures]\nyolo = "outlines"', "two", tables)
    assert said[0].startswith("2 pictures with 1 object of 1 class")
    pieces = [sorted(zip(numbers[1::2], numbers[2::2], strict=True)) for numbers in labels(target)["1_0.txt"]]
    assert pieces == [
        [(0.8, 0.375), (0.8, 0.5), (1, 0.375), (1, 0.5)],
        [(0.9, 0), (0.9, 0.125), (1, 0), (1, 0.125)],
    ]


def test_names_of_classes_are_names_whatever_is_in_them(tmp_path: Path) -> None:
    names = ['a: "b" # c\u2028d', "- \\n{", "null", "雪"]
    clusters = [{**CLUSTERS[0], "tool_label": name, "tool_index": number} for number, name in enumerate(names)]
    folder = store(tmp_path / "data", {**TABLES, "pooled_drawing_consensus": clusters})
    target = tmp_path / "yolo"
    target.mkdir()
    write(source(folder), target)
    read = yaml.safe_load((target / "data.yaml").read_text(encoding="utf-8"))
    assert list(read["names"].values()) == ['a: "b" # c d', *names[1:]]
