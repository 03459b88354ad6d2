"""The check of the sizes of pictures."""

from typing import Any

from tests.checks.inputs import check_input, table
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.pictures import picture_sizes_are_known

MARK = {
    "classification_id": 1, "subject_ids": "7", "workflow_id": 11, "task": "T0", "status": "answered", "frame": 0,
    "tool_index": 0, "tool_type": "point", "x": 900.0, "y": 100.0,
}  # fmt: skip
KNOWN = {"frame_width": 1000.0, "frame_height": 800.0}


def evaluate(*rows: dict[str, Any], **drawings: Any) -> Finding:
    tables = {"drawing_annotations": table("drawing_annotations", *rows)}
    return picture_sizes_are_known(check_input(None, {"drawings": drawings}, **tables))


def test_a_size_from_anybody_is_enough() -> None:
    finding = evaluate(MARK, MARK | KNOWN | {"classification_id": 2, "task": "T1"})
    assert (finding.passed, finding.numbers) == (True, {"pictures": 1, "without a size": 0})


def test_a_missing_size_is_said_with_what_is_taken_instead() -> None:
    other = MARK | {"subject_ids": "8", "x": 3000.0}
    finding = evaluate(MARK | KNOWN, other, other | {"frame": 1})
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "Without a known size: 2 of 3 pictures (67 %) with marks. By the marks, their larger side is 4,500 pixels."
    )
    assert finding.examples is not None
    assert finding.examples.rows() == [("8", 0), ("8", 1)]


def test_where_distances_are_in_pixels_or_overlap_no_size_is_needed() -> None:
    assert evaluate(MARK, eps_pixels=20).passed
    assert not evaluate(MARK, eps_pixels=20, overrides=[{"task": "T0", "eps_share": 0.1}]).passed
    assert evaluate(MARK | {"tool_type": "rectangle", "width": 5.0, "height": 5.0}).numbers["pictures"] == 0


def test_blank_and_excluded_rows_are_no_marks() -> None:
    rows = [MARK | {"excluded": "repeat"}, MARK | {"status": "blank", "frame": None, "x": None, "y": None}]
    assert evaluate(*rows).passed
