"""Posteriors, calibration and skills; and the subjects to look at."""

import pytest

from tests.plots.samples import rows
from tests.volunteers.vote_rows import vote_rows
from zoo_dag.report.sections.posteriors import posteriors
from zoo_dag.report.sections.triage import triage
from zoo_dag.settings.volunteers import Volunteers

NO_VOTES = rows("votes", [])
NOBODY = rows("volunteers", [])


def answer(subject: int, posterior: float, *, wins: bool = True, **columns: object) -> dict:
    return {
        "workflow_id": 11,
        "task": "T0",
        "task_revision": "T0@1.1",
        "task_label": "What is it?",
        "subject_id": subject,
        "subject_ids": str(subject),
        "answer": "Fox",
        "votes": 3,
        "fraction": 0.6,
        "posterior": posterior,
        "wins": wins,
        "differs_from_plurality": False,
        "is_gold": False,
        "method": "dawid_skene",
    } | columns


ANSWERS = [
    answer(1, 0.95),
    answer(1, 0.05, wins=False),
    answer(2, 0.99, posterior_calibrated=0.72, differs_from_plurality=True),
    answer(3, 1.0, is_gold=True),
]


def test_winners_are_counted_by_their_calibrated_posterior_and_gold_is_apart():
    section = posteriors(
        {"question_posteriors": rows("question_posteriors", ANSWERS)}, NO_VOTES, NOBODY, Volunteers()
    )
    histogram, table = section.parts
    assert [row for row in histogram.numbers.rows() if row[1]] == [("0.7 to 0.8", 1), ("0.9 to 1", 1)]
    assert table.rows.rows() == [("T0", 3, 1, 0.835, 1, "dawid_skene", None)]
    assert section.sentences[0].endswith("1 (33 %) differ from what most votes say.")
    assert section.sentences[1] == "1 result is gold: it is known what is right. The chart is of the others."


def test_held_out_gold_calibrates_the_posteriors():
    votes, gold = [], {}
    for subject in range(40):
        right = "ab"[subject % 2]
        gold[str(subject)] = right
        # Everybody is right on nine of ten, and on the others everybody is wrong together.
        said = right if subject % 10 else "ba"[subject % 2]
        votes += [(str(subject), who, said) for who in "uvwxyz"]
    rows_of_votes = vote_rows(votes, gold=gold)
    table = {"question_posteriors": rows("question_posteriors", ANSWERS)}
    chart = posteriors(table, rows_of_votes, NOBODY, Volunteers()).parts[2]
    assert chart.title == "T0@1.1: calibration"
    assert chart.numbers["Gold results"].sum() == 40
    right = (chart.numbers["Gold results"] * chart.numbers["Share that is right"]).sum()
    assert right == pytest.approx(36, abs=0.1)
    assert chart.description.startswith("40 gold results, each hidden from the model in turn")
    assert "after calibration (temperature" in chart.description


def test_skills_are_of_people_and_nobody_is_named():
    people = [("user:1", 0.95), ("user:2", 0.55), ("anonymous", 0.2), ("machine", 0.1)]
    found = [
        {
            "task": "T0",
            "task_revision": "T0@1.1",
            "user_key": who,
            "skill": skill,
            "n_gold": 2,
            "gold_accuracy": 0.5,
        }
        for who, skill in people
    ]
    table = {"question_posteriors": rows("question_posteriors", ANSWERS)}
    group = posteriors(table, NO_VOTES, rows("volunteers", found), Volunteers()).parts[-1]
    (chart,) = group.parts
    assert [row for row in chart.numbers.rows() if row[1]] == [("0.5 to 0.6", 1), ("0.9 to 1", 1)]
    assert chart.description == (
        "2 volunteers by their skill; the median is 0.75. 2 voted on gold, with a median accuracy of 0.50."
    )
    assert "user:" not in str(group)


def test_without_posteriors_there_is_nothing():
    assert posteriors({}, NO_VOTES, NOBODY, Volunteers()).parts == ()


def test_the_subjects_to_look_at_have_a_link_and_the_largest_loss_is_first():
    summary = rows("subject_summary", [{"subject_ids": "2", "urls": ["https://example.org/2.jpg"]}])
    found = [rows("question_posteriors", ANSWERS)]
    section = triage(found, vote_rows([("1", "x", "Fox")]), summary)
    (table,) = section.parts
    assert table.rows.rows() == [
        ({"text": "2", "url": "https://example.org/2.jpg"}, "T0@1.1", "Fox", 0.28, 5, "yes", "an expert"),
        ({"text": "1", "url": None}, "T0@1.1", "Fox", 0.05, 5, "no", "an expert"),
    ]
    assert section.sentences[0].startswith(
        "1 answer of 2 that are not certain have an expected loss of more than 0.2"
    )
    assert triage([rows("question_posteriors", [])], NO_VOTES, summary).parts == ()
