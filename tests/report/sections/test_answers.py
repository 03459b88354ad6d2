"""Answers, agreement, and where there is none."""

from tests.plots.samples import question, rows
from tests.volunteers.vote_rows import vote_rows
from zoo_dag.report.parts import Part
from zoo_dag.report.sections.answers import answers
from zoo_dag.volunteers.cast import by_task
from zoo_dag.volunteers.task_agreement import task_agreement

NO_AGREEMENT = rows("task_agreement", [])
SUMMARY = rows("subject_summary", [{"subject_ids": "2", "urls": ["https://example.org/2.jpg"]}])


def of(*found: dict, table: str = "pooled_question_consensus") -> list[Part]:
    return list(answers({table: rows(table, list(found))}, NO_AGREEMENT, SUMMARY, 0.6).parts)


def test_a_task_has_its_commonest_answers_its_agreement_and_its_least_certain_subjects():
    overview, group = of(
        question(1, "Fox ![a fox](https://example.org/f.png)", 1.0),
        question(2, "Bird", 0.5),
        question(3, "Bird", 0.9),
        question(4, "Deer", 0.5, tied=True),
        question(5, "Deer", 1.0),
        question(6, "Bird", 1.0),
    )
    assert overview.rows.rows() == [("T0", "What is it?", 6, 0.817, 2, 1)]
    assert group.title == "T0: What is it?"
    sentence = "6 results: 67 % have an agreement of 0.6 and more, 2 less; 1 is tied. The mean is 0.82."
    assert group.sentences == (sentence,)
    commonest, agreement, least = group.parts
    assert commonest.numbers.rows() == [("Bird", 3), ("Deer", 1), ("Fox a fox", 1)]
    assert [row for row in agreement.numbers.rows() if row[1]] == [("0.5 to 0.6", 2), ("0.9 to 1", 4)]
    assert least.rows.rows() == [
        ({"text": "2", "url": "https://example.org/2.jpg"}, "Bird", 0.5, 10, "no"),
        ({"text": "4", "url": None}, "Deer", 0.5, 10, "yes"),
        ({"text": "3", "url": None}, "Bird", 0.9, 10, "no"),
    ]


def test_revisions_of_a_task_are_apart():
    again = {"task_revision": "T0@2.1"}
    first = [question(number, "Fox", 1.0) for number in range(5)]
    overview, *groups = of(*first, *(question(number, "Bird", 0.9, **again) for number in range(5)))
    assert overview.rows["Task"].to_list() == ["T0@1.1", "T0@2.1"]
    assert [group.title for group in groups] == ["T0@1.1: What is it?", "T0@2.1: What is it?"]


def test_of_very_many_tasks_and_of_very_few_results_there_are_no_charts():
    found = [question(n, "Fox", 0.5, task=f"T{number}") for number in range(17) for n in range(5)]
    found += [question(n, "Fox", 0.5, task="T99") for n in range(4)]
    pooled = {"pooled_question_consensus": rows("pooled_question_consensus", found)}
    section = answers(pooled, NO_AGREEMENT, SUMMARY, 0.6)
    overview, *groups = section.parts
    assert overview.rows.height == 18
    assert len(groups) == 16
    assert "T99: What is it?" not in [group.title for group in groups]
    assert section.sentences[-1] == "16 of 18 tasks have charts: those with most results, and at least 5."


def test_agreement_beyond_chance_is_that_of_the_table_with_the_sentence_of_ask():
    votes = [(str(subject), who, "ab"[subject % 2]) for subject in range(4) for who in "xyz"]
    table = task_agreement(by_task(vote_rows([*votes, ("0", "w", "b")])))
    (group,) = answers({}, table, SUMMARY, 0.6).parts
    (chart,) = group.parts
    alpha = table.collect()["alpha"][0]
    assert chart.numbers.select("Task", "alpha", "Votes").rows() == [("T0@1.1", round(alpha, 3), 13)]
    assert group.sentences[0].startswith("Of 1 task volunteers agree reliably on 0")


def test_sliders_have_a_histogram_of_their_medians():
    units = [
        {"task": "T6", "task_revision": "T6@1.1", "median": value, "std": 2.0} for value in (0.0, 10.0, 100.0)
    ]
    (group,) = of(*units, table="pooled_slider_consensus")
    assert group.title == "T6"
    assert group.sentences == (
        "Medians lie between 0 and 100. Half of the subjects have a standard deviation of at most 2.",
    )
    assert [row for row in group.parts[0].numbers.rows() if row[1]] == [
        ("0 to 10", 1),
        ("10 to 20", 1),
        ("90 to 100", 1),
    ]


def test_a_slider_with_one_value_is_one_bar():
    unit = {"task": "T6", "task_revision": "T6@1.1", "median": 5.0}
    (group,) = of(unit, unit, table="pooled_slider_consensus")
    assert group.parts[0].numbers["subjects"].to_list() == [2]


def test_without_answers_there_is_nothing():
    assert answers({}, NO_AGREEMENT, SUMMARY, 0.6).parts == []
