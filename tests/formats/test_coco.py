"""Pictures as COCO, read by its own library."""

import math
from pathlib import Path

import orjson
import pytest
from pycocotools.coco import COCO

from tests.formats.marks import CLUSTERS, NO_FORM, TABLES, UNKNOWN_SIZE, frame, mark
from tests.formats.stored import source, store
from zoo_dag.errors import ZooDagError
from zoo_dag.formats.coco import write


def test_pictures_with_objects_of_all_forms_and_one_without(tmp_path: Path) -> None:
    folder = store(tmp_path / "data", TABLES, '[publication]\ntitle = "Birds"')
    said = write(source(folder), tmp_path / "coco.json")
    assert said == [
        f"3 pictures with 7 objects of 4 categories in {tmp_path / 'coco.json'}",
        UNKNOWN_SIZE,
        NO_FORM,
        "Left out: 1 object outside of their picture, or without a size: point (1).",
    ]
    coco = COCO(str(tmp_path / "coco.json"))
    assert coco.dataset["info"] == {"description": "Birds"}
    assert coco.loadImgs([1, 2, 3]) == [
        {
            "id": 1,
            "width": 100,
            "height": 80,
            "file_name": "1_0.JPG",
            "coco_url": "https://example.org/a.JPG?x=.png",
            "subject_id": 1,
            "frame": 0,
        },
        {
            "id": 2,
            "width": 100,
            "height": 80,
            "file_name": "1_1",
            "coco_url": "https://example.org/b",
            "subject_id": 1,
            "frame": 1,
        },
        {
            "id": 3,
            "width": 100,
            "height": 80,
            "file_name": "2_0.png",
            "coco_url": "https://example.org/c.png",
            "subject_id": 2,
            "frame": 0,
            "original_name": "../=c.png",
        },
    ]
    names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
    assert names == {1: "Bird", 2: "Nest", 3: "Egg", 4: "Reed"}
    found = [
        (each["image_id"], names[each["category_id"]], [round(x, 3) for x in each["bbox"]], round(each["area"], 3))
        for each in coco.loadAnns(coco.getAnnIds())
    ]
    assert found == [
        (1, "Bird", [40, 35, 20, 10], 200),
        (1, "Bird", [45, 30, 10, 20], 200),
        (1, "Nest", [0, 30, 15, 20], 300),
        (1, "Egg", [30, 20, 0, 0], 0),
        (1, "Reed", [10, 10, 20, 20], 200),
        (1, "Reed", [90, 0, 10, 10], 100),
        (2, "Nest", [40, 20, 20, 40], round(200 * math.pi, 3)),
    ]
    bird, _, nest, egg, reed, *_ = coco.loadAnns(coco.getAnnIds())
    assert bird["segmentation"] == [[40, 35, 60, 35, 60, 45, 40, 45]]
    assert (bird["attributes"], "attributes" in nest) == ({"Does it fly?": "Yes"}, False)
    assert coco.annToMask(reed).sum() == pytest.approx(200, rel=0.1)
    assert (nest["segmentation"], nest["score"]) == ([], 0.5)
    assert (egg["keypoints"], egg["num_keypoints"]) == ([30, 20, 2], 1)


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    tables = {**TABLES, "pooled_drawing_consensus": CLUSTERS[::-1]}
    folders = (store(tmp_path / "data", TABLES), store(tmp_path / "other", tables))
    for number, folder in enumerate(folders):
        write(source(folder), tmp_path / f"{number}.json")
    assert (tmp_path / "0.json").read_bytes() == (tmp_path / "1.json").read_bytes()


def test_a_label_of_two_tasks_is_two_categories_and_of_two_revisions_one(tmp_path: Path) -> None:
    bird = CLUSTERS[0]
    again = {**bird, "task_revision": "T0@2.1", "subject_id": 2, "subject_ids": "2"}
    other = {**bird, "task": "T1", "task_revision": "T1@1.1", "tool_label": "**Bird**"}
    tables = {**TABLES, "pooled_drawing_consensus": [bird, again, other]}
    write(source(store(tmp_path / "data", tables)), tmp_path / "coco.json")
    coco = orjson.loads((tmp_path / "coco.json").read_bytes())
    names = ["Bird (workflow 11 task T0)", "Bird (workflow 11 task T1)"]
    assert [each["name"] for each in coco["categories"]] == names
    assert sorted(each["category_id"] for each in coco["annotations"]) == [1, 1, 2]


def test_pictures_of_one_subject_set_have_the_answers_about_objects_too(tmp_path: Path) -> None:
    subjects = [{"subject_id": number, "is_current": True, "subject_set_id": number} for number in (1, 2)]
    folder = store(tmp_path / "data", {**TABLES, "subjects": subjects})
    write(source(folder, subject_set=1), tmp_path / "coco.json")
    coco = orjson.loads((tmp_path / "coco.json").read_bytes())
    assert {each["subject_id"] for each in coco["images"]} == {1}
    assert [each["attributes"] for each in coco["annotations"] if "attributes" in each] == [
        {"Does it fly?": "Yes"}
    ]


def test_a_task_without_tools_is_a_category_by_its_label(tmp_path: Path) -> None:
    crop = mark(1, "crop", None, task_label="Cut out the **map**", x=50.0, y=40.0, width=20.0, height=10.0)
    unnamed = {**crop, "task": "T1", "task_label": None}
    write(
        source(store(tmp_path / "data", {**TABLES, "pooled_drawing_consensus": [crop, unnamed]})), tmp_path / "c"
    )
    coco = orjson.loads((tmp_path / "c").read_bytes())
    assert [each["name"] for each in coco["categories"]] == ["Cut out the map", "task T1"]


def test_without_objects_or_sizes_a_sentence_says_so(tmp_path: Path) -> None:
    lines = store(tmp_path / "lines", {**TABLES, "pooled_drawing_consensus": [CLUSTERS[-1]]})
    with pytest.raises(ZooDagError, match="There are no boxes, outlines, circles, ellipses or points"):
        write(source(lines), tmp_path / "coco.json")
    unknown = store(tmp_path / "unknown", {**TABLES, "subject_frames": [frame(9, 0)]})
    with pytest.raises(ZooDagError, match="is known of none of 3 subjects"):
        write(source(unknown), tmp_path / "coco.json")
