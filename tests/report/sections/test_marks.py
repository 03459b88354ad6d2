"""Clusters by tool, their detection, and pictures of them."""

from tests.plots.samples import rows
from zoo_dag.report.sections.marks import marks

SUMMARY = rows(
    "subject_summary", [{"subject_ids": "5", "urls": ["https://example.org/0.jpg", "https://example.org/1.jpg"]}]
)


def cluster(number: int, detection: float, *, candidate: bool = False, **columns: object) -> dict:
    return {
        "task": "T1",
        "task_revision": "T1@1.1",
        "subject_id": 5,
        "subject_ids": "5",
        "n_classifications": 10,
        "frame": 1,
        "tool_index": 0,
        "tool_type": "circle",
        "tool_label": "Nest",
        "unit": "pixels",
        "cluster_index": number,
        "n_members": int(10 * detection),
        "detection": detection,
        "is_candidate": candidate,
        "x": 100.0 * number,
        "y": 50.0,
        "r": 10.0,
    } | columns


def test_clusters_by_tool_with_their_detection_and_a_picture():
    none = {"cluster_index": None, "is_candidate": None, "detection": None}
    found = [cluster(0, 0.9), cluster(1, 0.5), cluster(2, 0.1, candidate=True), cluster(0, 0.0) | none]
    section = marks(rows("pooled_drawing_consensus", found), None, SUMMARY)
    detection, table, pictures = section.parts
    assert section.sentences[0].startswith("2 clusters of marks; 1 candidate besides")
    shown = [row for row in detection.numbers.rows() if row[1:] != (0, 0)]
    assert shown == [("0.1 to 0.2", 0, 1), ("0.5 to 0.6", 1, 0), ("0.9 to 1", 1, 0)]
    assert table.rows.rows() == [("T1", "Nest", "circle", 1, 2, 1, 0.7, None)]
    (picture,) = pictures.parts
    assert picture.title == "Most clusters"
    assert picture.url == "https://example.org/1.jpg"
    assert picture.description.startswith("Subject 5, task T1, frame 1: 2 clusters, mean detection 0.70")
    assert any("<path" in element or "<g" in element for element in picture.elements)


def test_without_clusters_there_is_nothing():
    assert marks(rows("pooled_drawing_consensus", []), None, SUMMARY).parts == ()
