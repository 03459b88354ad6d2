"""The checks that given texts are known, and that half of those who corrected made each correction."""

from typing import Any

import polars as pl

from tests.checks.inputs import check_input, table
from zoo_dag.checks.corrections import TABLE, corrections_are_of_half, given_texts_are_known
from zoo_dag.checks.finding import CheckInput
from zoo_dag.store.given_texts import PROBLEMS


def corrections(*rows: dict[str, Any], problems: tuple[str, ...] = ()) -> CheckInput:
    shared = {"task": "T0", "task_revision": "T0@3.9", "n_answered": 5}
    tables = {TABLE: table(TABLE, *(shared | row for row in rows))}
    return check_input(
        "11", {}, **tables, **{PROBLEMS: pl.LazyFrame({"problem": problems}, {"problem": pl.String})}
    )


def test_subjects_without_a_given_text_and_what_is_wrong_with_its_sources_are_said() -> None:
    rows = [
        {"subject_ids": "101", "n_changed": 2},
        {"subject_ids": "102"},
        {"subject_ids": "103", "n_answered": 0},
    ]
    finding = given_texts_are_known(corrections(*rows, problems=("The table is empty.",)))
    assert finding.message == (
        "The table is empty. The text that volunteers corrected is not known of 1 of 2 subjects (50 %)."
    )
    assert finding.examples is not None
    assert finding.examples.rows() == [("102",)]
    assert given_texts_are_known(corrections(rows[0])).passed
    assert given_texts_are_known(corrections(problems=("No project has such tasks.",))).passed


def test_accepted_corrections_of_fewer_than_half_are_listed() -> None:
    change = {"subject_ids": "101", "accepted": True, "before": "colour", "after": "color", "n_changed": 9}
    rare = change | {"votes": 3, "fraction": 1 / 3, "to_review": True}
    common = change | {"votes": 5, "fraction": 5 / 9, "to_review": False}
    finding = corrections_are_of_half(corrections(rare, common))
    assert finding.message == (
        "1 of 2 corrections (50 %) is accepted that fewer than half of those made who changed anything, such as "
        "`colour` to `color` on subject 101 (3 of 9)."
    )
    assert finding.numbers == {"accepted": 2, "to review": 1}
    assert corrections_are_of_half(corrections(common)).passed
