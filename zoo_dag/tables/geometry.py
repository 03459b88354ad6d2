"""The geometry columns of marks and of clusters of marks, one set for all tools."""

import polars as pl

from zoo_dag.tables.columns import Column, flag, measure, of, structs, with_sources

POINT = {"x": measure("Pixels"), "y": measure("Pixels, downwards")}


def _points(description: str) -> Column:
    return structs(description, POINT)


def rings(description: str, sources: tuple[str, ...] = ()) -> Column:
    """Several rings of points."""
    ring = structs(description, POINT, sources)
    return Column(pl.List(ring.dtype), ring.description, sources)


# Lengths are pixels of the natural image, y downwards, unless the column `unit` says `data`.
GEOMETRY = {
    "x": measure("Centre, pixels of the natural image; in the unit of the data where `unit` says so"),
    "y": measure("Centre, pixels of the natural image, downwards"),
    "x1": measure("Start of a line"),
    "y1": measure("Start of a line"),
    "x2": measure("End of a line"),
    "y2": measure("End of a line"),
    "length": measure("Length of a line in pixels"),
    "width": measure("Width in pixels, or in the unit of the data"),
    "height": measure("Height in pixels"),
    "r": measure("Radius in pixels"),
    "rx": measure("Radius along the first axis in pixels"),
    "ry": measure("Radius along the second axis in pixels"),
    "angle": measure("Degrees clockwise; of a line from its start to its end, above -180 and up to 180"),
    "spread": measure("Opening of a fan in degrees"),
    "start_time": measure("Start as a fraction of the video"),
    "points": _points("Vertices of a path"),
    "closed": flag("The path is closed"),
}
# Single numbers have a spread over volunteers; paths have none.
MEASURES = tuple(name for name, column in GEOMETRY.items() if column.dtype == pl.Float64)

_OF_A_CLUSTER = {
    "x1": measure("Start of a line, in the direction in which most volunteers drew it"),
    "length": measure("Mean length of the lines, which is more than that of the mean line where they cross"),
    "angle": measure(
        "Degrees clockwise, nearest to zero of those that look the same; of a line in the direction in which most "
        "volunteers drew it, above -180 and up to 180"
    ),
    "points": _points(
        "Outline of the area that more than half of the volunteers enclosed, its largest piece, holes filled; or "
        "mean path"
    ),
}
_SPREADS = {
    "angle": "around the circle, in degrees",
    "spread": "in degrees",
    "start_time": "as a fraction of the video",
}


def of_clusters(marks: str) -> dict[str, Column]:
    """The geometry of clusters of marks, and the spread of each measure, from the table of the marks."""
    sources = {name: of(marks, name, "user_key", "excluded") for name in GEOMETRY}
    spreads = {
        f"{name}_std": measure(f"Spread of {name} {_SPREADS.get(name, 'in pixels')}", sources[name])
        for name in MEASURES
    }
    return {**with_sources(GEOMETRY | _OF_A_CLUSTER, sources), **spreads}
