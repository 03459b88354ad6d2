"""Plots of the consensus of sliders."""

from tests.plots.samples import caption, image, nothing, paths, rows
from zoo_dag.task_types.sliders.plots import sliders


def test_each_slider_is_drawn_over_its_range():
    means = [("T6", 6.0), ("T6", 78.0), ("T7", 5.0)]
    found = sliders(
        rows("slider_consensus", [{"task": task, "task_revision": task, "mean": mean} for task, mean in means]),
        nothing,
    )
    assert caption(found["means"]).endswith("T6 6 to 78; T7 5 to 5.")
    assert paths(image(found["means"])) == ["M150 28V4h14v24h242V4h14v24M150 58V34h14v24"]
