"""The check that a survey's choice for empty subjects is known."""

from typing import Any

import pytest

from tests.checks.inputs import check_input, table
from zoo_dag.checks.blank_choices import blank_choice_is_known
from zoo_dag.checks.finding import Finding


def evaluate(
    *named: tuple[str, str | None, int], offered: tuple[str, ...] = (), task: str = "T0", **surveys: Any
) -> Finding:
    """The finding for choices that were named: id, label and votes; and for others that the workflow offers."""
    rows = [{"task": task, "choice_id": one, "choice_label": label, "votes": votes} for one, label, votes in named]
    tasks = [{"task": task, "option_kind": "choice", "option_id": one, "option_label": one} for one in offered]
    settings = {"surveys": surveys}
    tables = {"survey_consensus": table("survey_consensus", *rows), "tasks": table("tasks", *tasks)}
    return blank_choice_is_known(check_input("10-v3.9", settings, **tables))


def test_a_choice_that_looks_like_nothing_is_asked_for_with_its_votes() -> None:
    finding = evaluate(("GRASS", "Nothing but grass", 5), ("GRASS", "Nothing but grass", 7), ("LION", "Lion", 9))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "These choices look like an empty subject, but no choice of their survey is known to stand for one: task "
        "`T0` `Nothing but grass` (12 votes)."
    )
    assert "surveys.blank_choices" in finding.advice
    assert finding.examples is not None
    assert finding.examples.rows() == [("T0", "GRASS", "Nothing but grass", 12)]


@pytest.mark.parametrize("label", ["No kangaroo", "None of these", "NOTHING BUT GRASS", "Empty nest", "Blank sky"])
def test_words_of_labels_decide(label: str) -> None:
    assert not evaluate(("C7", label, 1)).passed
    assert evaluate(("C7", label, 1), ("NTHNGHR", "Nothing here", 1)).passed


@pytest.mark.parametrize("label", ["Northern cardinal", "Noctule", "Monotreme", "Blanket octopus"])
def test_parts_of_words_do_not(label: str) -> None:
    assert evaluate(("C7", label, 1)).passed


@pytest.mark.parametrize(("choice", "passes"), [("NTHNGBTGRSS", False), ("EMPTYNEST", False), ("NOCTULE", True)])
def test_without_labels_ids_are_looked_at(choice: str, passes: bool) -> None:
    assert evaluate((choice, None, 1)).passed == passes


def test_a_known_choice_that_nobody_named_is_enough() -> None:
    finding = evaluate(("C7", "No tail visible", 3), offered=("LION", "NOANIMALSPRESENT"))
    assert finding.passed
    assert finding.message == "Surveys in which a choice is known to stand for an empty subject: 1 of 1."


def test_the_settings_answer_the_question_either_way() -> None:
    grass = ("GRASS", "Nothing but grass", 5)
    assert evaluate(grass, blank_choices=("GRASS",)).passed
    assert evaluate(grass, not_blank_choices=("nothing but grass",)).passed


def test_surveys_without_such_a_choice_and_no_surveys_pass() -> None:
    assert evaluate(("LION", "Lion", 1)).passed
    assert evaluate().message == "No surveys."
