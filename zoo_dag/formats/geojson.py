"""What volunteers drew on maps, as GeoJSON (RFC 7946): a feature for each drawing of each volunteer.

There is no consensus of drawings on maps, so these are the drawings themselves, of the classifications that count.
Positions are longitude and latitude in degrees of WGS 84. Outer rings go counter-clockwise, rings end where they
begin, and what crosses the antimeridian is cut there.
"""

from collections.abc import Iterator, Mapping
from math import floor
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import polars as pl
import shapely
from shapely.affinity import translate

from zoo_dag.errors import ZooDagError
from zoo_dag.formats.source import Source
from zoo_dag.wording.sentences import counted

_TASK_TYPE = "geoDrawing"
_ABOUT = ("subject_ids", "workflow_id", "workflow_version", "task", "task_label", "classification_id")
_ORDER = ("subject_ids", "workflow_id", "task", "classification_id", "annotation_index")
_BATCH = 10_000
# A map that somebody moved once around. What lies further is no longitude.
_FURTHEST = 540


def write(source: Source, target: Path) -> list[str]:
    """Write the features of tasks with maps to a file. Raises ZooDagError where there are none."""
    rows = source.scan("other_annotations").filter(pl.col("task_type") == _TASK_TYPE, pl.col("excluded").is_null())
    subject = ["workflow_id", "task", "subject_ids"]
    asked = rows.with_columns(n_classifications=pl.col("classification_id").n_unique().over(subject))
    drawn = asked.filter(pl.col("value").is_not_null()).sort(_ORDER)
    n_written, n_wrong = 0, 0
    with target.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[')
        for batch in drawn.collect_batches(chunk_size=_BATCH, maintain_order=True):
            for row in batch.iter_rows(named=True):
                for feature in _features(row["value"]):
                    geometry = _geometry(feature)
                    if geometry is None:
                        n_wrong += 1
                        continue
                    _put(
                        file,
                        {"type": "Feature", "geometry": geometry, "properties": _properties(row, feature)},
                        n_written,
                    )
                    n_written += 1
        file.write(b"\n]}\n")
    if not n_written:
        raise ZooDagError("There are no drawings on maps to write: no element of a task geoDrawing has a feature.")
    said = [f"{counted(n_written, 'features')} in {target}"]
    if n_wrong:
        said.append(f"Left out: {counted(n_wrong, 'features')} whose geometry is none, or not in degrees.")
    return said


def cut(geometry: shapely.Geometry) -> shapely.Geometry:
    """A geometry with longitudes from -180 to 180: what lies in other turns of the map is moved, and cut there."""
    west, _, east, _ = shapely.bounds(geometry)
    if west >= -180 and east <= 180:
        return geometry
    if shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION:
        members = (cut(member) for member in _members(geometry))
        return shapely.GeometryCollection([member for member in members if not member.is_empty])
    turns = range(floor((west + 180) / 360), floor((east + 180) / 360) + 1)
    parts = []
    for turn in turns:
        here = shapely.intersection(
            shapely.make_valid(geometry), shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90)
        )
        # What only touches the antimeridian is in the other turn.
        if not here.is_empty and shapely.get_dimensions(here) == shapely.get_dimensions(geometry):
            parts.append(translate(here, xoff=-360.0 * turn))
    return shapely.union_all(parts)


def _members(collection: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """The members of a collection, and of the collections in it, which RFC 7946 advises against."""
    waiting = [collection]
    while waiting:
        member = waiting.pop()
        if shapely.get_type_id(member) == shapely.GeometryType.GEOMETRYCOLLECTION:
            waiting += reversed(shapely.get_parts(member))
        else:
            yield member


def _put(file: BinaryIO, feature: dict[str, Any], number: int) -> None:
    file.write((b",\n" if number else b"\n") + orjson.dumps(feature))


def _features(value: str) -> Iterator[Mapping[str, Any]]:
    """The features in the value of an element, whatever it is; of an element kept whole, those of its value."""
    found = orjson.loads(value)
    if isinstance(found, dict) and "value" in found and "type" not in found:
        found = found["value"]
    if not isinstance(found, dict):
        return
    features = found.get("features") if found.get("type") == "FeatureCollection" else [found]
    if isinstance(features, list):
        yield from (feature if isinstance(feature, dict) else {} for feature in features)


def _geometry(feature: Mapping[str, Any]) -> dict[str, Any] | None:
    """The geometry of a feature as RFC 7946 has it; None for what has none, or none in degrees."""
    geometry = feature.get("geometry") if feature.get("type") == "Feature" else feature
    try:
        shape = shapely.from_geojson(orjson.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError):
        return None
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shapely.bounds(shape)
    if not (west >= -_FURTHEST and east <= _FURTHEST and south >= -90 and north <= 90):
        return None
    here = cut(shape)
    if here.is_empty:
        return None
    turned = shapely.orient_polygons(here)
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(turned))
    return found


def _properties(row: Mapping[str, Any], feature: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: row[name] for name in _ABOUT}
    drawn = feature.get("properties") if feature.get("type") == "Feature" else None
    return {"subject_id": row["subject_id"], **own, "n_classifications": row["n_classifications"], "drawn": drawn}
