"""Consensus of surveys: votes for choices, answers about them, and the measures of Snapshot Serengeti."""

import math
import statistics
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from tests.task_types.consensus_samples import BINS, CHOICES, DOING, Row, consensus, named, survey_workflow
from tests.task_types.metamorphic import PROPERTY, counted
from tests.task_types.said import CASES
from tests.task_types.samples import NO_WORKFLOWS, aggregated, flat, tasks_of
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Surveys
from zoo_dag.tables import TABLES
from zoo_dag.task_types.surveys import SURVEYS

WORKFLOW = survey_workflow()


def agreed(*answers: Row, workflow: Row | None = WORKFLOW, **settings: Any) -> pl.DataFrame:
    sampled = flat(*([answer] for answer in answers), workflows=[workflow] if workflow else NO_WORKFLOWS)
    return consensus(SURVEYS, sampled, Settings(surveys=Surveys(**settings)))


def rows(found: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return found.select(columns).rows()


def many(*bins: Any, choice: str = "LION", question: str = "HOWMANY") -> list[Row]:
    return [named((choice, {question: one} if one else {})) for one in bins]


def counts(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    return rows(found, "count_min", "count_median", "count_max")


def told(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    answers = found["answers"].to_list()[0]
    return [(row["question_id"], row["answer_id"], row["votes"], row["fraction"]) for row in answers]


def test_the_columns_are_those_of_the_design_and_the_evenness_without_blanks() -> None:
    own = (
        "choice_id choice_label votes fraction_of_all fraction_low fraction_high rank tied n_answered n_choices "
        "evenness answers count_min count_median count_max evenness_without_blanks fraction_blank is_blank "
        "is_blank_choice counts"
    )
    assert agreed(named("LION")).columns == [*TABLES["question_consensus"].dtypes.names()[:15], *own.split()]


def test_every_column_of_a_contested_subject() -> None:
    found = agreed(
        named(("LION", {"HOWMANY": "1150", "WHATDOING": ["RESTING", "EATING"]}), "ZEBRA"),
        named(("LION", {"HOWMANY": "2", "WHATDOING": ["EATING"]})),
        named(("LION", {"HOWMANY": "51"})),
        named("NOTHINGHERE"),
        named(),
    )
    shared = {
        "workflow_id": 11,
        "workflow_version": "3.10",
        "parent_task": None,
        "task": "T0",
        "task_revision": "T0@3.10",
        "task_label": None,
        "subject_id": 101,
        "subject_ids": "101",
        "n_classifications": 5,
        "n_seen": 5,
        "asked": 1.0,
        "n_blank": 1,
        "n_volunteers": 5,
        "n_anonymous": 0,
        "n_after_retirement": 0,
        "n_answered": 4,
        "n_choices": 1.0,
        # Votes 3 : 1 : 1 and, without blanks, 3 : 1.
        "evenness": pytest.approx((0.6 * math.log(5 / 3) + 0.4 * math.log(5)) / math.log(3)),
        "evenness_without_blanks": pytest.approx(0.8112781244591328),
        # One left it blank, one said that nothing is there.
        "fraction_blank": 0.4,
        "is_blank": False,
    }
    doing = {"question_id": "WHATDOING", "question_label": "What are they doing?"}
    many = {"question_id": "HOWMANY", "question_label": "How many?"}
    lions = [
        {**doing, "answer_id": "RESTING", "answer_label": "Resting", "votes": 1, "fraction": 1 / 3},
        {**doing, "answer_id": "EATING", "answer_label": "Eating", "votes": 2, "fraction": 2 / 3},
        {**many, "answer_id": "2", "answer_label": "2", "votes": 1, "fraction": 1 / 3},
        {**many, "answer_id": "1150", "answer_label": "11-50", "votes": 1, "fraction": 1 / 3},
        {**many, "answer_id": "51", "answer_label": "51+", "votes": 1, "fraction": 1 / 3},
    ]
    how_many = {"question_id": "HOWMANY", "question_label": "How many?"}
    nobody = {**how_many, "votes": 0, "min": None, "median": None, "max": None}
    # Wilson for 3 of 5 and 1 of 5, computed by hand.
    three = {"fraction_low": pytest.approx(0.2307, abs=6e-5), "fraction_high": pytest.approx(0.8824, abs=6e-5)}
    one = {"fraction_low": pytest.approx(0.0362, abs=6e-5), "fraction_high": pytest.approx(0.6245, abs=6e-5)}
    lion = {"choice_id": "LION", "choice_label": "Lion", "votes": 3, "fraction_of_all": 0.6, "rank": 1}
    lion |= {"tied": False, "answers": lions, "count_min": "2", "count_median": "11-50", "count_max": "51+"}
    lion |= {"counts": [{**how_many, "votes": 3, "min": "2", "median": "11-50", "max": "51+"}]}
    lion |= {"is_blank_choice": False}
    single = {"votes": 1, "fraction_of_all": 0.2, "tied": False, "answers": [], "counts": [nobody]}
    single |= dict.fromkeys(["count_min", "count_median", "count_max"])
    zebra = {"choice_id": "ZEBRA", "choice_label": "Zebra", "rank": 2, "is_blank_choice": False}
    nothing = {"choice_id": "NOTHINGHERE", "choice_label": "Nothing here", "rank": 3, "is_blank_choice": True}
    expected = [
        {**shared, **three, **lion},
        {**shared, **one, **single, **zebra},
        {**shared, **one, **single, **nothing},
    ]
    assert found.to_dicts() == [{name: row[name] for name in found.columns} for row in expected]


def test_edge_case_a_tie_is_flagged_and_in_the_order_of_the_workflow_not_of_arrival() -> None:
    found = agreed(named("ANTELOPE"), named("LION"), named("ZEBRA"), named("LION", "UNKNOWN"))
    assert rows(found, "choice_id", "votes", "rank", "tied") == [
        ("LION", 2, 1, False),
        ("ZEBRA", 1, 2, True),
        ("ANTELOPE", 1, 3, True),
        ("UNKNOWN", 1, 4, True),
    ]


def test_edge_case_one_vote_has_an_interval() -> None:
    found = agreed(named("LION"))
    measures = ("fraction_of_all", "fraction_low", "fraction_high", "evenness", "n_choices")
    assert rows(found, *measures) == [(1.0, pytest.approx(0.2065, abs=6e-5), 1.0, 0.0, 1.0)]


def test_edge_case_zero_votes_keep_the_subject() -> None:
    (row,) = agreed(named(), named()).to_dicts()
    numbers = {name: row[name] for name in ("votes", "n_classifications", "n_blank", "n_answered", "subject_id")}
    assert numbers == {"votes": 0, "n_classifications": 2, "n_blank": 2, "n_answered": 0, "subject_id": 101}
    nothing = ("choice_id", "rank", "tied", "fraction_low", "n_choices", "evenness", "answers", "count_median")
    assert {name: row[name] for name in nothing} == dict.fromkeys(nothing)


def test_edge_case_nothing_here_is_a_choice_and_an_empty_task_is_none() -> None:
    found = agreed(named("NOTHINGHERE"), named("NOTHINGHERE"), named())
    columns = ("choice_id", "votes", "fraction_of_all", "n_blank", "evenness", "evenness_without_blanks")
    assert rows(found, *columns) == [("NOTHINGHERE", 2, 2 / 3, 1, 0.0, None)]


def test_edge_case_a_choice_named_twice_by_one_volunteer_is_one_vote_of_the_highest_bin() -> None:
    twice = named(
        ("LION", {"HOWMANY": "1150", "WHATDOING": ["EATING"]}),
        ("LION", {"HOWMANY": "1", "WHATDOING": ["EATING", "RESTING"]}),
    )
    found = agreed(twice, *many("2"))
    assert rows(found, "choice_id", "votes", "n_choices", "n_answered") == [("LION", 2, 1.0, 2)]
    assert counts(found) == [("2", "11-50", "11-50")]
    assert told(found)[:2] == [("WHATDOING", "RESTING", 1, 0.5), ("WHATDOING", "EATING", 1, 0.5)]


def test_the_denominator_is_classifications_not_identifications() -> None:
    # panoptes_aggregation counts 3 votes of 2 volunteers here.
    found = agreed(named("LION", "ZEBRA"), named("LION"))
    columns = ("choice_id", "votes", "fraction_of_all", "n_answered", "n_choices")
    assert rows(found, *columns) == [("LION", 2, 1.0, 2, 1.5), ("ZEBRA", 1, 0.5, 2, 1.5)]


def test_an_identification_that_nobody_can_read_leaves_the_others_of_its_classification() -> None:
    mixed = {
        "task": "T0",
        "value": [{"choice": "LION", "answers": {}, "filters": {}}, {"choice": "LION", "answers": 3}],
    }
    lost = {"task": "T0", "value": [{"choice": "ZEBRA", "answers": 3}]}
    found = agreed(mixed, lost)
    assert rows(found, "choice_id", "votes", "n_classifications", "n_answered", "n_blank") == [
        ("LION", 1, 2, 1, 0)
    ]


@pytest.mark.parametrize(
    ("bins", "expected"),
    [
        (("1", "2", "51"), ("1", "2", "51+")),
        (("51", "1150", "1150"), ("11-50", "11-50", "51+")),
        # Between two bins the upper one.
        (("1", "2"), ("1", "2", "2")),
        (("1", "1", "2", "51"), ("1", "2", "51+")),
        # Who did not say how many is in no count.
        (("2", None, None), ("2", "2", "2")),
        ((None,), (None, None, None)),
        # A bin that the workflow does not have has no place among others, but alone it needs none.
        (("2", "7"), (None, None, None)),
        (("7", "7"), ("7", "7", "7")),
    ],
)
def test_counts_are_bins_in_the_order_of_the_workflow(bins: Any, expected: Any) -> None:
    assert counts(agreed(*many(*bins))) == [expected]


@pytest.mark.parametrize(
    ("bins", "expected"),
    [
        (("2", "4", "3"), ("2", "3", "4")),
        (("7", "7"), ("7", "7", "7")),
        # 35 may be "3-5", 1150 is "11-50": they are no numbers, not even alone.
        (("35",), (None, None, None)),
        (("1150", "1150"), (None, None, None)),
        (("2", "10", "9"), (None, None, None)),
        (("MANY", "1"), (None, None, None)),
        (("MANY", "MANY"), ("MANY", "MANY", "MANY")),
    ],
)
def test_without_a_definition_only_single_digits_are_numbers(bins: Any, expected: Any) -> None:
    assert counts(agreed(*many(*bins, question="HWMN"), workflow=None)) == [expected]


def test_with_a_definition_the_labels_of_bins_decide() -> None:
    bins = {"1": "1", "2": "2", "35": "3-5", "1150": "11-50", "51": "51+"}
    workflow = survey_workflow({"HOWMANY": ("How many?", bins)})
    assert counts(agreed(*many("35", "2", "1150", "51"), workflow=workflow)) == [("2", "11-50", "51+")]
    # A bin that the workflow does not have has no label either.
    assert counts(agreed(*many("2", "610"), workflow=workflow)) == [(None, None, None)]
    assert counts(agreed(*many("610"), workflow=workflow)) == [(None, None, None)]


YOUNG = ("How many young are there?", {"1": "1", "2": "2"})
ADULTS = ("HOW MANY adults?", {"1": "1", "2": "2"})


def medians(found: pl.DataFrame) -> dict[str, Any]:
    """The median of each question that counts, of the first choice."""
    return {one["question_id"]: one["median"] for one in found["counts"].to_list()[0]}


def test_each_question_that_counts_has_its_own_median_and_none_is_the_count_unless_the_settings_say_so() -> None:
    workflow = survey_workflow({"DOING": ("What?", DOING), "YOUNG": YOUNG, "ADULTS": ADULTS})
    answers = [named(("LION", {"ADULTS": adults, "YOUNG": "2", "DOING": "EATING"})) for adults in ("1", "1", "2")]
    found = agreed(*answers, workflow=workflow)
    assert medians(found) == {"YOUNG": "2", "ADULTS": "1"}
    assert counts(found) == [(None, None, None)]
    for name in ("ADULTS", "how many adults"):
        by_settings = agreed(*answers, workflow=workflow, count_questions=("ABSENT", name))
        assert (counts(by_settings), medians(by_settings)) == ([("1", "1", "2")], medians(found))
    both = agreed(*answers, workflow=workflow, count_questions=("YOUNG", "ADULTS"))
    assert counts(both) == [("2", "2", "2")]


def test_the_only_question_that_counts_is_the_count() -> None:
    workflow = survey_workflow({"DOING": ("What?", DOING), "ADULTS": ADULTS})
    found = agreed(named(("LION", {"ADULTS": "2", "DOING": "EATING"})), workflow=workflow)
    assert (counts(found), medians(found)) == ([("2", "2", "2")], {"ADULTS": "2"})
    assert found["counts"].to_list()[0][0] == {
        "question_id": "ADULTS", "question_label": "HOW MANY adults?", "votes": 1,
        "min": "2", "median": "2", "max": "2",
    }  # fmt: skip


def test_a_question_that_the_settings_name_is_the_count_whether_or_not_a_subject_has_answers_to_it() -> None:
    workflow = survey_workflow({"YOUNG": YOUNG, "ADULTS": ADULTS, "HOWMANY": ("Number", BINS)})
    found = agreed(named(("LION", {"YOUNG": "1", "ADULTS": "2", "HOWMANY": "1150"})), workflow=workflow)
    assert counts(found) == [("11-50", "11-50", "11-50")]
    without = agreed(named(("LION", {"YOUNG": "1", "ADULTS": "2"})), workflow=workflow)
    assert counts(without) == [(None, None, None)]
    assert medians(without) == {"YOUNG": "1", "ADULTS": "2", "HOWMANY": None}


@pytest.mark.parametrize(
    ("label", "answers", "expected"),
    [
        ("Number of calves", ["A herd", "Some"], True),
        ("Adults", ["0", "1 or 2", "3-5", "6+", "more than 10", "Not sure"], True),
        ("Antlers", ["Yes", "No", "Can't see"], False),
        ("Cover", ["0%", "1-50%", "51-100%"], False),
        ("Doing", ["1 is resting", "2 are fighting"], False),
        ("Sex", ["Male 1", "Female 2", "3"], False),
    ],
)
def test_questions_that_ask_for_numbers_or_have_numbers_as_answers_count(
    label: str, answers: list[str], expected: bool
) -> None:
    ids = {f"A{place}": answer for place, answer in enumerate(answers)}
    found = agreed(named(("LION", {"Q": "A0"})), workflow=survey_workflow({"Q": (label, ids)}))
    assert medians(found) == ({"Q": answers[0]} if expected else {})


def test_without_a_definition_questions_count_by_their_ids_or_by_answers_that_are_digits() -> None:
    about = {"HOWMANYYOUNG": "2", "ADULTS": "1", "DOING": "EATING", "HWMNDLTS": "3"}
    assert medians(agreed(named(("LION", about)), workflow=None)) == {
        "ADULTS": "1", "HOWMANYYOUNG": "2", "HWMNDLTS": "3"
    }  # fmt: skip


NUMBERS = {"1": "1", "2": "2", "3": "3 or more", "CNT": "Can&#39;t tell", "MNY": "Many", "HERD": "A herd"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("2", "2", "3", "CNT", "CNT", "CNT"), ("2", "2", "3 or more")),
        (("1", "1", "1", "CNT", "CNT", "CNT", "CNT"), ("1", "1", "1")),
        (("CNT", "CNT"), (None, None, None)),
        (("1", "HERD", "HERD"), ("1", "1", "1")),
        # An amount in words is a number.
        (("1", "MNY", "MNY"), ("1", "Many", "Many")),
    ],
)
def test_an_answer_without_a_digit_among_answers_with_digits_is_no_number(answers: Any, expected: Any) -> None:
    workflow = survey_workflow({"HOWMANY": ("How many?", NUMBERS)})
    found = agreed(*many(*answers), workflow=workflow)
    assert counts(found) == [expected]
    # The votes for it stay among the answers.
    assert sum(vote for *_, vote, _ in told(found)) == len(answers)


def test_the_settings_name_numbers_without_a_digit_and_others_that_are_none() -> None:
    workflow = survey_workflow({"HOWMANY": ("How many?", NUMBERS)})
    answers = many("1", "HERD", "HERD", "MNY", "3")
    assert counts(agreed(*answers, workflow=workflow)) == [("1", "3 or more", "Many")]
    herds = agreed(*answers, workflow=workflow, number_answers=("a HERD",))
    assert counts(herds) == [("1", "Many", "A herd")]
    fewer = agreed(*answers, workflow=workflow, not_number_answers=("MNY", "3 or more"))
    assert counts(fewer) == [("1", "1", "1")]


def test_where_no_answer_has_a_digit_all_are_numbers() -> None:
    words = {"ALONE": "Alone", "PAIR": "A pair", "HERD": "A herd"}
    workflow = survey_workflow({"HOWMANY": ("How many?", words)})
    assert counts(agreed(*many("HERD", "PAIR", "PAIR"), workflow=workflow)) == [("A pair", "A pair", "A herd")]


def test_without_a_definition_cannot_tell_is_no_number_either() -> None:
    assert counts(agreed(*many("2", "1", "CNTTLL", "CNTTLL", question="HWMN"), workflow=None)) == [("1", "2", "2")]


def blanks(found: pl.DataFrame) -> tuple[Any, ...]:
    (row,) = rows(found.unique(["fraction_blank", "is_blank"]), "fraction_blank", "is_blank")
    return row


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # Nothing named is no choice, and nothing here is one.
        ([named(), named()], (1.0, None)),
        ([named("NOTHINGHERE"), named("NOTHINGHERE"), named("LION"), named()], (0.75, True)),
        # At most half saw something.
        ([named("NOTHINGHERE"), named("LION")], (0.5, True)),
        ([named("NOTHINGHERE"), named("LION"), named("LION")], (1 / 3, False)),
        # Who named an animal as well did not say that the subject is empty.
        ([named("NOTHINGHERE"), named("NOTHINGHERE", "LION")], (0.5, True)),
    ],
)
def test_a_subject_is_blank_where_at_most_half_of_those_who_answered_named_an_animal(
    answers: Any, expected: Any
) -> None:
    assert blanks(agreed(*answers)) == expected


def test_animals_come_first_where_most_saw_one_although_the_blank_choice_has_most_votes() -> None:
    found = agreed(*[named("NOTHINGHERE")] * 4, *[named("ANTELOPE")] * 3, *[named("LION")] * 3, named())
    assert rows(found, "choice_id", "votes", "rank", "tied", "is_blank") == [
        ("LION", 3, 1, True, False),
        ("ANTELOPE", 3, 2, True, False),
        ("NOTHINGHERE", 4, 3, False, False),
    ]
    blank = agreed(*[named("NOTHINGHERE")] * 4, *[named("ANTELOPE")] * 4)
    assert rows(blank, "choice_id", "rank", "tied", "is_blank") == [
        ("NOTHINGHERE", 1, False, True),
        ("ANTELOPE", 2, False, True),
    ]


def test_the_number_of_choices_is_of_those_who_saw_something_and_blanks_are_none() -> None:
    both, nothing = named("LION", "ZEBRA"), named("NOTHINGHERE")
    assert agreed(both, both, both, nothing, nothing)["n_choices"].unique().to_list() == [2.0]
    assert agreed(both, both, named("LION"), nothing)["n_choices"].unique().to_list() == [2.0]
    assert agreed(both, *[nothing] * 4)["n_choices"].unique().to_list() == [2.0]
    assert agreed(nothing)["n_choices"].to_list() == [None]


def test_an_animal_beats_the_blank_choice_of_the_same_person() -> None:
    found = agreed(*[named("NOTHINGHERE", "LION")] * 2, named(("NOTHINGHERE", {"HOWMANY": "2"}), "LION"))
    columns = ("choice_id", "votes", "n_answered", "n_choices", "evenness", "fraction_blank", "is_blank")
    assert rows(found, *columns) == [("LION", 3, 3, 1.0, 0.0, 0.0, False)]
    with_another = agreed(named("NOTHINGHERE", "LION"), named("NOTHINGHERE"))
    assert rows(with_another, "choice_id", "votes") == [("NOTHINGHERE", 1), ("LION", 1)]


def test_choices_that_all_named_do_not_tie() -> None:
    found = agreed(*[named("LION", "ZEBRA")] * 3)
    assert rows(found, "choice_id", "tied") == [("ZEBRA", False), ("LION", False)]
    assert agreed(*[named("LION", "ZEBRA")] * 3, named())["tied"].to_list() == [False, False]
    assert agreed(*[named("LION", "ZEBRA")] * 3, named("ANTELOPE"))["tied"].to_list() == [True, True, False]


def test_two_blank_choices_that_tie_are_blank() -> None:
    workflow = survey_workflow(choices={"LION": "Lion", "NTHNGHR": "Nothing here", "EMPTY": "Empty"})
    answers = [named("NTHNGHR"), named("EMPTY"), named("NTHNGHR", "EMPTY"), named("LION")]
    found = agreed(*answers, workflow=workflow)
    assert blanks(found) == (0.75, True)
    assert found["evenness_without_blanks"].to_list() == [0.0] * 3


@pytest.mark.parametrize(
    "label",
    [
        *("Nothing here", "nothing here!", "Nothing there", "NOTHING", "No animals present", "No animal", "Blank"),
        *("Empty", "None", "no wildlife seen", "I see nothing", "Vegetation - no animal", "Nothing in this image"),
        *("**Nothing** here", "![x.png](https://example.org/a_(b).png) Nothing here", "<b>Nothing&nbsp;here</b>"),
        *("[Nothing here](https://example.org)", "🚫 Nothing here", "Nothing_here", "Nothing\u00a0here"),
    ],
)
def test_common_labels_of_blank_choices_are_recognised(label: str) -> None:
    workflow = survey_workflow(choices={"LION": "Lion", "C7": label})
    assert blanks(agreed(named("C7"), named("C7"), named("LION"), workflow=workflow)) == (2 / 3, True)


@pytest.mark.parametrize(
    "label", ["Lion", "Nothing but grass", "None of these", "Empty nest", "Noctule", "🦁", "Blanket octopus", "No"]
)
def test_other_labels_are_not(label: str) -> None:
    workflow = survey_workflow(choices={"LION": "Lion", "C7": label})
    assert blanks(agreed(named("C7"), workflow=workflow)) == (0.0, False)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        *((one, True) for one in ("NOTHINGHERE", "NTHNGHR", "NTHNG", "NOANIMALSPRESENT", "NNMLSPRSNT", "BLNK")),
        *((one, False) for one in ("NN", "LN", "NOCTULE", "NTHNGHRSTH")),
    ],
)
def test_without_a_definition_blank_choices_are_recognised_by_their_ids(choice: str, expected: bool) -> None:
    assert blanks(agreed(named(choice), workflow=None)) == (float(expected), expected)


def test_blank_choices_are_added_and_taken_out_by_id_or_label() -> None:
    workflow = survey_workflow(choices={"LION": "Lion", "VC": "Vacío", "NONE": "None"})
    answers = [named("VC"), named("VC"), named("LION"), named("NONE")]
    assert blanks(agreed(*answers, workflow=workflow)) == (0.25, False)
    for name in ("VC", "vacío"):
        assert blanks(agreed(*answers, workflow=workflow, blank_choices=(name,))) == (0.75, True)
    assert blanks(agreed(*answers, workflow=workflow, not_blank_choices=("none",))) == (0.0, False)


def test_the_evenness_without_blanks_leaves_out_all_blank_choices() -> None:
    answers = [named("LION"), named("ZEBRA"), named("ANTELOPE"), named("ANTELOPE")]
    found = agreed(*answers, blank_choices=("ANTELOPE",))
    assert found["evenness_without_blanks"].to_list() == [pytest.approx(1.0)] * 3
    assert found["evenness"].to_list() == [pytest.approx(1.5 * math.log(2) / math.log(3))] * 3


def test_of_pooled_versions_labels_and_order_are_the_newest() -> None:
    later = survey_workflow(choices={name: CHOICES[name] for name in sorted(CHOICES)}, version=4, minor_version=1)
    tasks = pl.concat([tasks_of(version, [WORKFLOW, later]) for version in ("4.1", "3.10")])
    assert tasks["task_revision"].unique().to_list() == ["T0@3.10"]
    sampled = flat([named("ZEBRA")], [named("ANTELOPE")], workflows=[WORKFLOW])
    older = sampled.tables["survey_annotations"]
    newer = older.with_columns(
        pl.col("classification_id") + 10, workflow_version=pl.lit("4.1"), choice_label=pl.lit("New")
    )
    both = pl.concat([newer, older])
    pooled = aggregated(SURVEYS, {"survey_annotations": both}, tasks, scope=POOLED)
    columns = ("versions", "choice_id", "choice_label", "votes", "rank")
    assert rows(pooled, *columns) == [
        (["3.10", "4.1"], "ANTELOPE", "New", 2, 1),
        (["3.10", "4.1"], "ZEBRA", "New", 2, 2),
    ]


def test_of_pooled_versions_earlier_ids_of_a_question_are_no_question_of_their_own() -> None:
    bins = {"1": "1", "2": "2"}
    earlier = survey_workflow({"DLTS": ("Adults", bins)})
    later = survey_workflow({"ADULTS": ("Adults", bins)}, version=4, minor_version=1)
    tasks = pl.concat([tasks_of(version, [earlier, later]) for version in ("3.10", "4.1")])
    sampled = flat(*([named(("LION", {"ADULTS": one}))] for one in ("1", "2", "2")), workflows=[later])
    pooled = aggregated(SURVEYS, {"survey_annotations": sampled.tables["survey_annotations"].with_columns(
        task_revision=pl.lit("T0@3.10"), workflow_version=pl.lit("4.1")
    )}, tasks, scope=POOLED)  # fmt: skip
    assert counts(pooled) == [("1", "2", "2")]
    assert medians(pooled) == {"ADULTS": "2"}


ROWS, CHECK = CASES["survey"]


def recount(classifications: dict[int, list[Row]]) -> dict[str | None, dict[str, Any]]:
    """The consensus of one subject, by choice, in plain Python."""
    said: dict[int, dict[str, set[tuple[str, str]]]] = {}
    for number, own in classifications.items():
        for row in own:
            if row["status"] == "answered":
                about = said.setdefault(number, {}).setdefault(row["choice_id"], set())
                about |= {(one["question_id"], one["answer_id"]) for one in row["answers"]}
    said = {number: without_blank(about) for number, about in said.items()}
    votes = Counter(choice for named_choices in said.values() for choice in named_choices)
    animals = [len(about) for about in said.values() if "NOTHINGHERE" not in about]
    is_blank = len(animals) * 2 <= len(said) if said else None
    shared = {
        "n_classifications": len(classifications),
        "n_blank": sum(own[0]["status"] == "blank" for own in classifications.values()),
        "n_answered": len(said),
        "n_choices": statistics.median(animals) if animals else None,
        "evenness": evenness(votes),
        "evenness_without_blanks": evenness(Counter({c: n for c, n in votes.items() if c != "NOTHINGHERE"})),
        "fraction_blank": sum(
            own[0]["status"] == "blank" or said.get(number, {}).keys() == {"NOTHINGHERE"}
            for number, own in classifications.items()
        )
        / len(classifications),
        "is_blank": is_blank,
    }
    found: dict[str | None, dict[str, Any]] = {}
    others = [choice for choice in votes if (choice == "NOTHINGHERE") != is_blank]
    places = list(CHOICES)
    order = sorted(votes, key=lambda choice: (choice in others, -votes[choice], places.index(choice)))
    for rank, choice in enumerate(order, 1):
        about = [one[choice] for one in said.values() if choice in one]
        bins = list(BINS)
        highest = sorted(
            max(bins.index(answer) for question, answer in one if question == "HOWMANY")
            for one in about
            if any(question == "HOWMANY" for question, _ in one)
        )
        counts = (
            [BINS[bins[place]] for place in (highest[0], highest[len(highest) // 2], highest[-1])]
            if highest
            else []
        )
        found[choice] = {
            **shared,
            **dict(zip(("count_min", "count_median", "count_max"), counts or [None] * 3, strict=True)),
            "votes": votes[choice],
            "rank": rank,
            "tied": votes[choice] < len(said)
            and sum(votes[one] == votes[choice] and (one in others) == (choice in others) for one in votes) > 1,
            "is_blank_choice": choice == "NOTHINGHERE",
            "answers": Counter(answer for one in about for answer in one),
        }
    return found or {None: {**shared, "votes": 0, "rank": None, "tied": None}}


def without_blank(about: dict[str, set[tuple[str, str]]]) -> dict[str, set[tuple[str, str]]]:
    """What a person said, without the blank choice where there is an animal."""
    return {choice: answers for choice, answers in about.items() if choice != "NOTHINGHERE"} or about


def evenness(votes: Counter[str]) -> Any:
    total = votes.total()
    if len(votes) < 2:
        return 0.0 if votes else None
    return pytest.approx(-sum(n / total * math.log(n / total) for n in votes.values()) / math.log(len(votes)))


@PROPERTY
@given(ROWS)
def test_every_number_equals_a_plain_recount(given_rows: pl.DataFrame) -> None:
    expected = {
        (subject, choice): row
        for subject, classifications in counted(given_rows).items()
        for choice, row in recount(classifications).items()
    }
    found = {(row["subject_ids"], row["choice_id"]): row for row in CHECK.of(given_rows).iter_rows(named=True)}
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        answers = found[key]["answers"]
        if answers is not None:
            found[key]["answers"] = Counter(
                {(one["question_id"], one["answer_id"]): one["votes"] for one in answers}
            )
            assert all(one["fraction"] == one["votes"] / row["votes"] <= 1 for one in answers)
        assert {name: found[key][name] for name in row} == row
