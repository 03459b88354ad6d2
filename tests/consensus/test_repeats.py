"""Which elements of a task count that one classification has several times."""

from typing import Any, Literal

import polars as pl
import pytest

from zoo_dag.consensus.repeats import One, without_repeats
from zoo_dag.tables import TABLES

QUESTIONS: One = {"single": (), "multiple": ("answer_index", "answer")}
SELECTS: One = {"dropdown": ()}
Which = Literal["first", "last"]

Told = tuple[int, str, int | None]


def kept(
    *told: Told, one: One = QUESTIONS, kind: str = "single", which: Which = "last", **cells: Any
) -> list[Told]:
    """Of rows of one task, `annotation_index, status` and the answer or select, those that count."""
    table, column = (
        ("dropdown_annotations", "select_index") if one is SELECTS else ("question_annotations", "answer_index")
    )
    shared = {"classification_id": 1, "task": "T0", "task_type": kind} | cells
    names = ("annotation_index", "status", column)
    rows = pl.DataFrame([shared | dict(zip(names, row, strict=True)) for row in told], schema=TABLES[table].dtypes)
    questions = ("select_index",) if one is SELECTS else ()
    return without_repeats(rows.lazy(), which, one, questions).select(names).collect().rows()


YES, NO, BLANK = (0, "answered", 0), (1, "answered", 1), (2, "blank", None)


@pytest.mark.parametrize(("which", "expected"), [("last", NO), ("first", YES)])
def test_of_several_answers_to_a_single_question_one_counts_and_it_is_no_blank(
    which: Which, expected: Told
) -> None:
    assert kept(YES, NO, BLANK, which=which) == [expected]
    assert kept((0, "blank", None), (1, "answered", 0), which=which) == [(1, "answered", 0)]


def test_an_answer_beats_what_cannot_be_read_and_that_beats_a_blank() -> None:
    lost, wrong, blank = (1, "unknown_label", None), (2, "malformed", None), (3, "blank", None)
    assert kept(YES, lost, wrong, blank) == [YES]
    assert kept(lost, wrong, blank) == [wrong]
    assert kept(lost, wrong, blank, which="first") == [lost]
    assert kept((0, "blank", None), blank) == [blank]


def test_of_several_answers_each_option_counts_once() -> None:
    rows = ((0, "answered", 0), (0, "answered", 1), (1, "blank", None), (2, "answered", 1), (2, "malformed", None))
    assert kept(*rows, kind="multiple") == [rows[0], rows[3], rows[4]]
    assert kept(*rows, kind="multiple", which="first") == [rows[0], rows[1], rows[4]]


@pytest.mark.parametrize(("kinds", "expected"), [(("multiple", "single"), [1]), (("single", "multiple"), [0, 1])])
def test_elements_of_different_types_are_taken_for_the_last_type(kinds: list[str], expected: list[int]) -> None:
    shared = {"classification_id": 1, "task": "T0", "status": "answered"}
    rows = pl.DataFrame(
        [
            shared | {"task_type": kind, "annotation_index": place, "answer_index": place}
            for place, kind in enumerate(kinds)
        ],
        schema=TABLES["question_annotations"].dtypes,
    )
    found = without_repeats(rows.lazy(), "last", QUESTIONS).collect()
    assert found["annotation_index"].to_list() == expected


def test_each_select_is_chosen_for_itself() -> None:
    rows = (
        (0, "answered", 0),
        (0, "blank", 1),
        (1, "blank", 0),
        (1, "answered", 1),
        (2, "answered", 0),
        (2, "blank", 1),
    )
    assert kept(*rows, one=SELECTS, kind="dropdown") == [rows[3], rows[4]]
    assert kept(*rows, one=SELECTS, kind="dropdown", which="first") == [rows[0], rows[3]]


def test_a_select_that_cannot_be_read_is_no_blank_where_another_select_was_answered_before() -> None:
    rows = ((0, "answered", 0), (0, "blank", 1), (1, "blank", 0), (1, "malformed", 1))
    assert kept(*rows, one=SELECTS, kind="dropdown") == [rows[0], rows[3]]


def test_of_other_types_all_elements_count_that_are_not_worse_than_others() -> None:
    rows = ((0, "answered", 0), (1, "answered", 0), (2, "malformed", None), (3, "blank", None))
    assert kept(*rows, kind="drawing") == list(rows[:2])


def test_a_task_in_two_combos_is_no_repeat() -> None:
    rows = pl.concat([_row(0, "A"), _row(1, "B"), _row(2, "B"), _row(3, None)])
    found = without_repeats(rows.lazy(), "last", QUESTIONS).collect()
    assert found["annotation_index"].to_list() == [0, 2, 3]


def _row(place: int, parent: str | None) -> pl.DataFrame:
    row = {"classification_id": 1, "parent_task": parent, "task": "T0", "task_type": "single"}
    row |= {"annotation_index": place, "status": "answered"}
    return pl.DataFrame([row], schema=TABLES["question_annotations"].dtypes)


def test_without_a_repeat_all_rows_count() -> None:
    rows = pl.concat([_row(0, None), _row(0, None), _row(1, None).with_columns(task=pl.lit("T1"))])
    assert without_repeats(rows.lazy(), "last", QUESTIONS).collect().equals(rows)
    assert without_repeats(rows.clear().lazy(), "last", QUESTIONS).collect().is_empty()


def test_chosen_in_portions_the_same_rows_count_also_of_negative_ids() -> None:
    ids = [-5, -4, -1, 0, 3, 8]
    rows = pl.concat(
        _row(place, None).with_columns(classification_id=pl.lit(number, pl.Int64))
        for number in ids
        for place in (0, 1)
    )
    found = without_repeats(rows.lazy(), "last", QUESTIONS, at_once=3).collect()
    assert found.select("classification_id", "annotation_index").rows() == [(number, 1) for number in ids]
