"""Plots of the consensus of texts."""

from tests.plots.samples import caption, nothing, rows
from zoo_dag.task_types.texts.plots import texts


def test_lines_of_a_page_count_one_by_one():
    lines = [
        {
            "subject_id": 1,
            "task": "T2",
            "task_revision": "T2@1.1",
            "line_index": line,
            "text": "Dear Sir",
            "agreement": share,
            "n_answered": 5,
        }
        for line, share in enumerate((0.5, 1.0))
    ]
    blank = {"subject_id": 2, "task": "T2", "task_revision": "T2@1.1", "n_answered": 0}
    found = texts(rows("text_consensus", [*lines, blank]), nothing)
    assert caption(found["agreement"]).startswith("Agreement on 2 pairs")
    assert "- 1: `T2`, `Dear Sir`, 50 % of 5" in found["example subjects"]
