"""Transcriptions as PAGE XML (version 2019-07-15), a file for each page, as Transkribus and eScriptorium read it.

A task is a `TextRegion`, a line a `TextLine` with its `Baseline`; `conf` is the agreement of the volunteers. How
high letters are is not known, so the `Coords` of a line are its baseline: those tools compute outlines from it.
Characters that XML 1.0 cannot hold become U+FFFD.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET  # only written here, never read

import polars as pl

from zoo_dag import __version__
from zoo_dag.errors import ZooDagError
from zoo_dag.formats.pages import Page, Region, on_no_page, read_pages
from zoo_dag.formats.pictures import read_frames
from zoo_dag.formats.source import Source
from zoo_dag.formats.xml_text import xml_text
from zoo_dag.wording.sentences import counted, listed

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


class Size(NamedTuple):
    """The size of a page in whole pixels."""

    width: int
    height: int

    def point(self, x: float, y: float) -> str:
        """A point of the page, as near as it is there: the format knows no others."""
        return f"{min(max(round(x), 0), self.width)},{min(max(round(y), 0), self.height)}"


def write(source: Source, target: Path) -> list[str]:
    """Write each page of known size to a file of a folder. Raises ZooDagError where there is none."""
    created = _newest(source)
    subjects = (
        source.scan_consensus("text_consensus").select("subject_id").unique().collect()["subject_id"].drop_nulls()
    )
    frames = {
        (row["subject_id"], row["frame"]): row for row in read_frames(source, subjects).iter_rows(named=True)
    }
    n_pages, n_replaced = 0, 0
    unknown = []
    for page in read_pages(source):
        frame = frames.get((page.subject_id, page.frame))
        if frame is None:
            unknown.append(f"frame {page.frame} of subject {page.subject_id}")
            continue
        text, n_here = xml_text(_document(page, frame, created))
        n_pages, n_replaced = n_pages + 1, n_replaced + bool(n_here)
        (target / f"{page.name}.xml").write_text(text, encoding="utf-8", newline="\n")
    if not n_pages:
        raise ZooDagError(
            f"The size of none of {counted(len(unknown), 'pages')} is known: no browser wrote it into the "
            "metadata of their classifications. PAGE XML requires it; `--format text` does not."
        )
    said = [f"{counted(n_pages, 'pages')} in {target}", *on_no_page(source)]
    if unknown:
        said.append(f"Left out: {counted(len(unknown), 'pages')} whose size is not known: {listed(unknown)}.")
    if n_replaced:
        said.append(f"Replaced by U+FFFD: what XML cannot hold, in {counted(n_replaced, 'pages')}.")
    return said


def _newest(source: Source) -> str:
    """When the newest classification was stored: equal tables give equal files."""
    created = source.scan("classifications").select(pl.col("created_at").max()).collect().item()
    return f"{created:%Y-%m-%dT%H:%M:%SZ}" if created else "1970-01-01T00:00:00Z"


def _document(page: Page, frame: dict[str, Any], created: str) -> ET.Element:
    size = Size(round(frame["width"]), round(frame["height"]))
    root = ET.Element("PcGts", {"xmlns": NAMESPACE})
    metadata = ET.SubElement(root, "Metadata")
    ET.SubElement(metadata, "Creator").text = f"zoo_dag {__version__}"
    ET.SubElement(metadata, "Created").text = created
    ET.SubElement(metadata, "LastChange").text = created
    shown = {"imageFilename": frame["file_name"], "imageWidth": str(size.width), "imageHeight": str(size.height)}
    element = ET.SubElement(root, "Page", shown)
    order = ET.SubElement(ET.SubElement(element, "ReadingOrder"), "OrderedGroup", {"id": "order"})
    for number, region in enumerate(page.regions):
        ET.SubElement(order, "RegionRefIndexed", {"index": str(number), "regionRef": f"region_{number}"})
        _add_region(element, f"region_{number}", region, size)
    return root


def _add_region(page: ET.Element, name: str, region: Region, size: Size) -> None:
    custom = {"custom": f"task {region.task}: {region.label}" if region.label else f"task {region.task}"}
    element = ET.SubElement(page, "TextRegion", {"id": name, **custom})
    lines = [row for row in region.rows if row["line_index"] is not None and row["x1"] is not None]
    ET.SubElement(element, "Coords", {"points": _around(lines, size)})
    for number, row in enumerate(lines):
        line = ET.SubElement(element, "TextLine", {"id": f"{name}_line_{number}"})
        points = f"{size.point(row['x1'], row['y1'])} {size.point(row['x2'], row['y2'])}"
        ET.SubElement(line, "Coords", {"points": points})
        ET.SubElement(line, "Baseline", {"points": points})
        _add_text(line, row["text"], row["agreement"])
    agreements = [row["agreement"] for row in region.rows if row["agreement"] is not None]
    mean = sum(agreements) / len(agreements) if agreements else None
    _add_text(element, "\n".join(row["text"] for row in region.rows), mean)


def _around(lines: Sequence[dict[str, Any]], size: Size) -> str:
    """The corners of the box around lines; of texts without lines those of the page."""
    xs = [row[name] for row in lines for name in ("x1", "x2")] or [0, size.width]
    ys = [row[name] for row in lines for name in ("y1", "y2")] or [0, size.height]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return " ".join(size.point(*corner) for corner in ((left, top), (right, top), (right, bottom), (left, bottom)))


def _add_text(parent: ET.Element, text: str, agreement: float | None) -> None:
    confidence = {} if agreement is None else {"conf": f"{min(max(agreement, 0.0), 1.0):.4f}"}
    ET.SubElement(ET.SubElement(parent, "TextEquiv", confidence), "Unicode").text = text
