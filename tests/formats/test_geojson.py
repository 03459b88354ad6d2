"""Drawings on maps as GeoJSON, checked against the profile that Frictionless ships."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.stored import source, store
from zoo_dag.errors import ZooDagError
from zoo_dag.formats.geojson import cut, write

PROFILE = orjson.loads(files("frictionless").joinpath("assets/profiles/geojson.json").read_bytes())


def drawn(number: int, *geometries: Any, **columns: Any) -> dict[str, Any]:
    """An element of a task with a map."""
    features = [{"type": "Feature", "geometry": each, "properties": {"toolIndex": 0}} for each in geometries]
    value = orjson.dumps({"type": "FeatureCollection", "features": features}).decode()
    row = {
        "classification_id": number,
        "subject_id": 7,
        "subject_ids": "7",
        "task": "T0",
        "task_type": "geoDrawing",
    }
    return {**row, "annotation_index": 0, "value": value, **columns}


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


CLOCKWISE = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
ACROSS = [[170, 0], [190, 0], [190, 10], [170, 10], [170, 0]]


def written(tmp_path: Path, *rows: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    said = write(source(store(tmp_path / "data", {"other_annotations": rows})), tmp_path / "map.geojson")
    collection = orjson.loads((tmp_path / "map.geojson").read_bytes())
    jsonschema.validate(collection, PROFILE)
    return said, collection["features"]


def test_features_are_as_the_standard_has_them(tmp_path: Path) -> None:
    said, features = written(
        tmp_path,
        drawn(2, geometry("Polygon", [CLOCKWISE]), geometry("Polygon", [ACROSS])),
        drawn(1, geometry("Point", [-82.55, 35.4]), geometry("LineString", [[0, 0], [1, 1]])),
        # Nothing drawn, a classification that does not count, and another task type.
        drawn(3, value=None),
        drawn(4, geometry("Point", [1, 1]), excluded="repeat"),
        drawn(5, geometry("Point", [1, 1]), task_type="volumetric"),
    )
    assert said == [f"4 features in {tmp_path / 'map.geojson'}"]
    point, line, ring, halves = (each["geometry"] for each in features)
    assert point == geometry("Point", [-82.55, 35.4])
    assert line == geometry("LineString", [[0, 0], [1, 1]])
    assert ring["coordinates"][0][0] == ring["coordinates"][0][-1]
    assert shapely.LinearRing(ring["coordinates"][0]).is_ccw
    assert sorted(shapely.bounds(part).tolist() for part in shapely.geometry.shape(halves).geoms) == [
        [-180, 0, -170, 10],
        [170, 0, 180, 10],
    ]
    assert features[0]["properties"] == {
        "subject_id": 7,
        "subject_ids": "7",
        "workflow_id": 11,
        "workflow_version": "1.1",
        "task": "T0",
        "task_label": None,
        "classification_id": 1,
        "n_classifications": 3,
        "drawn": {"toolIndex": 0},
    }


@pytest.mark.parametrize(
    "value",
    [
        geometry("Point", [500_000, 4_000_000]),
        geometry("LineString", [[0, 0], [1e15, 1]]),
        # Without an area, in another turn of the map.
        geometry("Polygon", [[[200, 0], [201, 0], [200, 0], [200, 0]]]),
        geometry("Point", ["1", None]),
        geometry("Polygon", [[[0, 0], [1, 1]]]),
        geometry("Nothing", [1]),
        {"coordinates": {}},
        None,
        [1],
    ],
)
def test_what_is_no_geometry_in_degrees_is_counted(value: Any, tmp_path: Path) -> None:
    said, features = written(tmp_path, drawn(1, value, geometry("Point", [1, 2])))
    assert [each["geometry"] for each in features] == [geometry("Point", [1, 2])]
    assert said[1] == "Left out: 1 feature whose geometry is none, or not in degrees."


def test_members_of_a_collection_are_cut_one_by_one() -> None:
    nested = shapely.GeometryCollection([shapely.Point(190, 5), shapely.Polygon(ACROSS)])
    point, halves = cut(shapely.GeometryCollection([nested])).geoms
    assert point == shapely.Point(-170, 5)
    assert (halves.area, len(halves.geoms)) == (200, 2)


@pytest.mark.parametrize("value", ["null", "[]", '"text"', '{"type": "FeatureCollection", "features": 1}'])
def test_without_any_feature_a_sentence_says_so(value: str, tmp_path: Path) -> None:
    with pytest.raises(ZooDagError, match="no drawings on maps"):
        written(tmp_path, drawn(1, value=value))


@given(st.floats(-1000, 1000), st.floats(1, 300))
def test_cutting_keeps_the_area_and_leaves_no_other_turn(west: float, width: float) -> None:
    pieces = cut(shapely.box(west, -10, west + width, 10))
    assert pieces.area == pytest.approx(20 * width)
    left, _, right, _ = shapely.bounds(pieces)
    assert left >= -180
    assert right <= 180
