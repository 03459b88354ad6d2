"""Plots of the consensus of surveys."""

from tests.plots.samples import caption, image, nothing, question, rows, texts
from zoo_dag.tables import TABLES
from zoo_dag.task_types.surveys.plots import surveys


def test_of_surveys_the_share_is_of_those_who_named_anything():
    choice = {"choice_id": "FX", "choice_label": "Fox", "votes": 6, "n_answered": 8, "n_classifications": 12}
    known = TABLES["survey_consensus"].dtypes
    base = {name: value for name, value in question(1, None, 0).items() if name in known}
    found = surveys(rows("survey_consensus", [base | choice]), nothing)
    assert "mean 0.75" in caption(found["agreement"])
    assert texts(image(found["most frequent"])) == ["1 Fox"]
