"""Transcriptions as plain text and as PAGE XML."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.formats.marks import frame
from tests.formats.stored import Tables, source, store
from zoo_dag.errors import ZooDagError
from zoo_dag.formats import page_xml, text

PAGE = {"p": page_xml.NAMESPACE}
POINTS = re.compile(r"([0-9]+,[0-9]+ )+[0-9]+,[0-9]+")


def line(subject: int, number: int | None, words: str | None, **columns: Any) -> dict[str, Any]:
    """A line of a page, or a text without one."""
    row = {"subject_id": subject, "subject_ids": str(subject), "task": "T0", "task_revision": "T0@1.1"}
    place = (
        {} if number is None else {"frame": 1, "x1": 10.4, "y1": 20.0 * number, "x2": 90.6, "y2": 20.0 * number}
    )
    return {**row, "line_index": number, "text": words, "agreement": 0.75, **place, **columns}


TABLES: Tables = {
    "pooled_text_consensus": [
        line(2, 1, "<b> & \x07second"),
        line(2, 0, "first"),
        line(2, None, "Kew\r\nGardens", task="T1", task_revision="T1@1.1", task_label='"Where?"'),
        line(2, 2, None),
        line(10, 0, "off the page", frame=0, x1=-5.0, y1=99.0),
    ],
    "subject_frames": [frame(2, 0), frame(2, 1), frame(10, 0)],
    "subjects": [{"subject_id": 2, "locations": ["https://example.org/a.png", "https://example.org/b.jpg"]}],
    "shown_subjects": [],
    "classifications": [{"classification_id": 1, "created_at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)}],
}


def test_a_page_is_a_file_of_its_lines(tmp_path: Path) -> None:
    target = tmp_path / "pages"
    target.mkdir()
    said = text.write(source(store(tmp_path / "data", TABLES)), target)
    assert said == [f"3 pages with 4 texts in {target}", "Replaced: 1 control character by U+FFFD."]
    assert {file.name: file.read_bytes().decode() for file in target.iterdir()} == {
        "2_0.txt": "Kew\nGardens\n",
        "2_1.txt": "first\n<b> & \ufffdsecond\n",
        "10_0.txt": "off the page\n",
    }


def test_texts_of_several_tasks_on_a_page_are_apart(tmp_path: Path) -> None:
    rows = [line(2, None, "1 May", task="T2", task_revision="T2@1.1"), line(2, None, "Kew", task="T1")]
    folder = store(tmp_path / "data", {"pooled_text_consensus": rows})
    (tmp_path / "pages").mkdir()
    text.write(source(folder), tmp_path / "pages")
    assert (tmp_path / "pages" / "2_0.txt").read_text() == "Kew\n\n1 May\n"


def test_a_page_has_the_newest_revision_of_a_task(tmp_path: Path) -> None:
    rows = [line(2, 0, "old", task_revision="T0@1.9"), line(2, 0, "new", task_revision="T0@1.10")]
    rows.append({**line(2, 0, "of both"), "subject_id": None, "subject_ids": "2;3"})
    (tmp_path / "pages").mkdir()
    said = text.write(source(store(tmp_path / "data", {"pooled_text_consensus": rows})), tmp_path / "pages")
    assert said[1:] == ["Left out: 1 set of several subjects that were shown together as one."]
    assert [file.read_text() for file in (tmp_path / "pages").iterdir()] == ["new\n"]


def xml_pages(tmp_path: Path, tables: Tables, name: str = "pages") -> tuple[list[str], dict[str, ET.Element]]:
    """What was said, and the pages, which hold together by the rules of the schema."""
    target = tmp_path / name
    target.mkdir()
    said = page_xml.write(source(store(tmp_path / f"data_{name}", tables)), target)
    pages = {
        file.name: ET.parse(file).getroot()  # noqa: S314
        for file in target.iterdir()
    }
    for root in pages.values():
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", str(each)) for each in ids)
        assert {element.get("regionRef") for element in root.iterfind(".//p:RegionRefIndexed", PAGE)} <= set(ids)
        for element in root.iter():
            assert element.tag.startswith(f"{{{page_xml.NAMESPACE}}}")
            points, conf = element.get("points"), element.get("conf")
            assert points is None or POINTS.fullmatch(points)
            assert conf is None or 0 <= float(conf) <= 1
    return said, pages


def test_a_page_of_xml_has_lines_with_their_baselines(tmp_path: Path) -> None:
    said, pages = xml_pages(tmp_path, TABLES)
    assert said == [f"3 pages in {tmp_path / 'pages'}", "Replaced by U+FFFD: what XML cannot hold, in 1 page."]
    root = pages["2_1.xml"]
    assert root.findtext("p:Metadata/p:Created", None, PAGE) == "2024-01-02T03:04:05Z"
    page = root.find("p:Page", PAGE)
    assert page is not None
    assert page.attrib == {"imageFilename": "2_1.jpg", "imageWidth": "100", "imageHeight": "80"}
    lines = [
        (each.find("p:Baseline", PAGE).get("points"), each.findtext("p:TextEquiv/p:Unicode", None, PAGE))  # type: ignore[union-attr]
        for each in root.iterfind(".//p:TextLine", PAGE)
    ]
    assert lines == [("10,0 91,0", "first"), ("10,20 91,20", "<b> & \ufffdsecond")]
    region = root.find(".//p:TextRegion", PAGE)
    assert region is not None
    assert region.findtext("p:TextEquiv/p:Unicode", None, PAGE) == "first\n<b> & \ufffdsecond"
    assert region.find("p:Coords", PAGE).get("points") == "10,0 91,0 91,20 10,20"  # type: ignore[union-attr]

    place = pages["2_0.xml"].find(".//p:TextRegion", PAGE)
    assert place is not None
    assert place.get("custom") == 'task T1: "Where?"'
    assert place.find("p:Coords", PAGE).get("points") == "0,0 100,0 100,80 0,80"  # type: ignore[union-attr]
    # What reaches beyond the page ends at its edge.
    beyond = pages["10_0.xml"].find(".//p:Baseline", PAGE)
    assert beyond is not None
    assert beyond.get("points") == "0,80 91,0"


def test_pages_of_unknown_size_are_named(tmp_path: Path) -> None:
    said, pages = xml_pages(tmp_path, {**TABLES, "subject_frames": [frame(10, 0)]})
    assert pages.keys() == {"10_0.xml"}
    assert said[1] == "Left out: 2 pages whose size is not known: frame 0 of subject 2, frame 1 of subject 2."
    with pytest.raises(ZooDagError, match="The size of none of 3 pages is known"):
        xml_pages(tmp_path, {**TABLES, "subject_frames": []}, "none")


def test_without_texts_a_sentence_says_so(tmp_path: Path) -> None:
    folder = store(tmp_path / "data", {**TABLES, "pooled_text_consensus": [line(2, None, None)]})
    for module in (text, page_xml):
        with pytest.raises(ZooDagError, match="no transcribed texts"):
            module.write(source(folder), tmp_path)
