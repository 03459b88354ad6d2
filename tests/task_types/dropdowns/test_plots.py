"""Plots of the consensus of dropdowns."""

from tests.plots.samples import image, nothing, question, rows, texts
from zoo_dag.task_types.dropdowns.plots import dropdowns


def test_selects_are_tasks_of_their_own():
    select = {"select_index": 0, "select_label": "Sky", "option_label": "Rain"}
    found = dropdowns(rows("dropdown_consensus", [question(1, None, 0.7, **select) | {"answer": None}]), nothing)
    assert texts(image(found["agreement"]))[0] == "T0 Sky"
    assert texts(image(found["most frequent"])) == ["1 Rain"]
