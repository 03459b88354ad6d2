"""Dropdowns in `subject_summary`: the columns of questions, for each select."""

from tests.task_types.consensus_samples import chosen, consensus, dropdown_workflow
from tests.task_types.samples import flat
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.dropdowns import DROPDOWNS


def test_each_select_has_its_winner_and_agreement() -> None:
    answers = [chosen("pe", "n"), chosen("pe", None), chosen("cl", "*Andes"), chosen(None, None)]
    rows = consensus(DROPDOWNS, flat(*([answer] for answer in answers), workflows=[dropdown_workflow()]))
    agreement = Agreement(min_classifications=4, min_agreement=0.6)
    summarized = DROPDOWNS.consensus.task_columns.named(rows, "T0", agreement)
    assert summarized.to_dicts() == [
        {
            "subject_ids": "101",
            "T0_0_answer": "Peru",
            "T0_0_fraction": 2 / 3,
            "T0_0_agreement": 2 / 3,
            "T0_0_n_answered": 3,
            "T0_0_reached": True,
            "T0_1_answer": "North; Andes",
            "T0_1_fraction": 0.5,
            "T0_1_agreement": 0.5,
            "T0_1_n_answered": 2,
            "T0_1_reached": False,
        }
    ]
