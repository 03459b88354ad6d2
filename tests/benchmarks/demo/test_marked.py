"""The crops and light curves of the demo: consensus finds the truth that they were made from."""

from random import Random

import pytest

from benchmarks.demo.sheets import crops, light_curves
from tests.task_types.drawings.marks import consensus
from tests.task_types.samples import NO_WORKFLOWS, flat


def test_crops_are_found_where_they_are() -> None:
    random = Random(5)  # noqa: S311  (a seeded simulation)
    truth = crops.make_crop(800, 600, random)
    values = [crops.crop_of(truth, 800, 600, random) for _ in range(20)]
    elements = [[{"task": "T6", "value": value, "taskType": "crop"}] for value in values]
    (row, *_) = consensus(flat(*elements, workflows=NO_WORKFLOWS).tables["drawing_annotations"]).to_dicts()
    assert (row["n_members"], row["n_blank"]) == (sum(value is not None for value in values), values.count(None))
    assert row["x"] == pytest.approx(truth.x + truth.width / 2, abs=5)
    assert row["width"] == pytest.approx(truth.width, abs=8)
    assert row["height"] == pytest.approx(truth.height, abs=8)


def test_dips_are_found_where_they_are() -> None:
    random = Random(5)  # noqa: S311  (a seeded simulation)
    for _ in range(5):
        curve = light_curves.make_curve(random)
        elements = [
            [{"task": "T1", "value": light_curves.spans_of(curve, random), "taskType": "dataVisAnnotation"}]
            for _ in range(20)
        ]
        found = consensus(flat(*elements, workflows=NO_WORKFLOWS).tables["drawing_annotations"])
        centres = found.filter(~found["is_candidate"])["x"].sort().to_list()
        assert centres == pytest.approx([x for x, _ in curve.dips], abs=0.1)
