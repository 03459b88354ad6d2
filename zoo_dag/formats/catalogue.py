"""Every format of `zoo-dag export --format`, for the help, the completion of shells, and docs/formats.md.

A format `data-package` is the module `zoo_dag.formats.data_package`, which has a function

    def write(source: Source, target: Path) -> list[str]

that writes what was asked for to a file, or to the files of an empty folder, and returns what to say about it. It
raises ZooDagError where something that it needs is missing. This module imports none of them: the help of a
command has to come at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from zoo_dag.formats.source import Source


@dataclass(frozen=True)
class Format:
    """A format: its name, what it is in one line, and what it is written to.

    `suffixes` are those of its file, the usual one first; a format without is a folder. One `of_tables` writes the
    tables that are named, or all of them; another one what it is made for.
    """

    name: str
    description: str
    suffixes: tuple[str, ...] = ()
    of_tables: bool = False

    def write(self, source: "Source", target: Path) -> list[str]:
        """Write the source to a file, or to the files of a folder; returns what to say about it."""
        module = import_module(f"zoo_dag.formats.{self.name.replace('-', '_')}")
        return cast("Callable[[Source, Path], list[str]]", module.write)(source, target)


CATALOGUE = {
    each.name: each
    for each in (
        Format(
            "duckdb",
            "one DuckDB file with all tables, comments, and views of the newest versions",
            (".duckdb", ".db"),
            of_tables=True,
        ),
        Format(
            "data-package",
            "a Frictionless data package: tables as CSV, with what their columns mean, for a repository",
            of_tables=True,
        ),
        Format("coco", "pictures with boxes, outlines and points, as COCO", (".json",)),
        Format("yolo", "pictures with boxes, or with outlines, as YOLO"),
        Format("geojson", "what volunteers drew on maps, as GeoJSON", (".geojson", ".json")),
        Format("text", "transcriptions as plain text, a file for each page"),
        Format("page-xml", "transcriptions as PAGE XML 2019-07-15, a file for each page"),
        Format("camtrap-dp", "deployments, media and observations of camera traps, as Camtrap DP 1.0.2"),
        Format("darwin-core", "what volunteers transcribed as occurrences, a Darwin Core archive", (".zip",)),
    )
}


def help_lines() -> str:
    """The formats with what they are, a line each, as the help of the command shows them."""
    width = max(map(len, CATALOGUE))
    return "\n".join(f"{each.name:{width}}  {each.description}" for each in CATALOGUE.values())
