"""Subjects with the same picture."""

from typing import Any

import polars as pl
import pytest

from tests.builders import json_text
from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.parsed import pictures_are_unique
from zoo_dag.exports.same_pictures import same_pictures


def same(*metadata: Any) -> dict[int, list[int]]:
    """The others with the same picture, by subject; subjects are numbered from 1."""
    return dict(same_pictures(table(*metadata)).iter_rows())


def table(*metadata: Any) -> pl.DataFrame:
    texts = [json_text(each) if isinstance(each, dict) else each for each in metadata]
    rows = {"subject_id": range(1, len(texts) + 1), "metadata": texts}
    return pl.DataFrame(rows, schema={"subject_id": pl.Int64, "metadata": pl.String})


@pytest.mark.parametrize("name", ["Filename", "#file", "image_name", "!picture ", "origin"])
def test_a_file_name_shows_a_picture_that_was_uploaded_twice(name: str) -> None:
    assert same({name: "a.jpg"}, {name: "b.jpg"}, {name: "A.JPG"}) == {1: [3], 2: [], 3: [1]}


def test_a_field_that_was_hidden_or_has_other_letters_is_the_same() -> None:
    cells = [
        {"Filename": "a.jpg", "site": "K7"},
        {"#filename": "a.jpg", "Site": "K7"},
        {"filename": "a.jpg", "site": 8},
    ]
    assert same(*cells) == {1: [2], 2: [1], 3: []}


def test_cameras_give_the_same_names_at_each_place() -> None:
    cells = [
        {"Filename": "IMG_0001.JPG", "site": "K7"},
        {"Filename": "IMG_0001.JPG", "site": "K8"},
        {"Filename": "IMG_0001.JPG", "site": "K7", "#batch": 2},
    ]
    assert same(*cells) == {1: [3], 2: [], 3: [1]}


def test_all_frames_have_to_be_the_same() -> None:
    both = {"image_1": "a.png", "image_2": "b.png"}
    assert same(both, both, {"image_1": "a.png"}, both | {"image_2": "c.png"}) == {1: [2], 2: [1], 3: [], 4: []}


def test_a_sum_of_the_content_is_surer_than_a_name() -> None:
    one, other = "9e107d9d372bb6826bd81d3542a419d6", "e4d909c290d0fb1ca068ffaddf22cbd0"
    cells = [
        {"md5": one, "Filename": "a.jpg"},
        {"md5": other, "Filename": "a.jpg"},
        {"md5": one.upper(), "Filename": "b.jpg", "site": "K8"},
        {"Filename": "a.jpg"},
    ]
    assert same(*cells) == {1: [3], 2: [], 3: [1], 4: []}


def test_without_a_file_nothing_is_known() -> None:
    assert same({"name": "bird 1"}, {"name": "bird 1"}, None, "{", "", {"file": 3}, {"hash": "#birds"}) == {}
    assert same() == {}


def test_the_check_names_the_subjects() -> None:
    rows = pl.concat([table({"f": "a.jpg"}, {"f": "b.jpg"}, {"f": "a.jpg"}, {})] * 2)
    finding = pictures_are_unique(CheckInput({"subjects": rows.lazy()}))
    assert not finding.passed
    assert finding.message == (
        "2 of 3 subjects (67 %) show a picture that another subject shows too; uploaded more than once: 1 picture."
    )
    assert finding.examples is not None
    assert finding.examples.rows() == [(1, [3]), (3, [1])]
    unknown = pictures_are_unique(CheckInput({"subjects": table({"name": "bird"}, {}).lazy()}))
    assert (unknown.passed, unknown.message) == (
        True,
        "Not compared: no metadata has the name or the sum of a file.",
    )
    unique = pictures_are_unique(CheckInput({"subjects": table({"f": "a.jpg"}, {"f": "b.jpg"}, {}).lazy()}))
    assert (unique.passed, unique.message) == (True, "2 subjects with a known picture, each with its own.")
