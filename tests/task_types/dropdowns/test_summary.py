"""Dropdowns in `subject_summary`: the columns of questions, for each select."""

from tests.builders import classification_row
from tests.task_types.consensus_samples import chosen, consensus, dropdown_workflow
from tests.task_types.samples import NO_WORKFLOWS, flat, sample
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
            "T0_0_fraction_blank": 0.25,
            "T0_0_reached": False,
            "T0_1_answer": "North; Andes",
            "T0_1_fraction": 0.5,
            "T0_1_agreement": 0.5,
            "T0_1_n_answered": 2,
            "T0_1_fraction_blank": 0.5,
            "T0_1_reached": False,
            "T0_agreement": 1 / 3,
        }
    ]
    enough = DROPDOWNS.consensus.task_columns.named(rows, "T0", Agreement(min_agreement=0.6))
    assert enough.select("T0_0_reached", "T0_1_reached").row(0) == (True, False)


def test_a_task_left_blank_is_blank_in_every_select_also_where_its_selects_are_unknown() -> None:
    rows = [
        classification_row(number, subject_ids=subject, annotations=[answer])
        for number, (subject, answer) in enumerate(
            [("1", chosen("pe", "n")), ("2", {"task": "T0", "value": []}), ("2", {"task": "T0", "value": None})], 1
        )
    ]
    found = consensus(DROPDOWNS, sample(rows, NO_WORKFLOWS))
    summarized = DROPDOWNS.consensus.task_columns.named(found, "T0", Agreement(min_classifications=1))
    columns = [f"T0_{n}_{name}" for n in (0, 1) for name in ("answer", "n_answered", "fraction_blank", "reached")]
    assert summarized.select("subject_ids", *columns).rows() == [
        ("1", "Peru", 1, 0.0, True, "North", 1, 0.0, True),
        ("2", None, 0, 1.0, False, None, 0, 1.0, False),
    ]


def test_a_task_with_one_select_has_no_agreement_of_its_own() -> None:
    rows = consensus(DROPDOWNS, flat([chosen("pe")], [chosen("cl")], workflows=NO_WORKFLOWS))
    columns = DROPDOWNS.consensus.task_columns.named(rows, "T0", Agreement()).columns
    assert "T0_0_agreement" in columns
    assert "T0_agreement" not in columns
