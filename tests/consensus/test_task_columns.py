"""How task types declare their columns in the summary of subjects."""

import polars as pl
import pytest

from zoo_dag.consensus.task_columns import TaskColumn, TaskColumns, is_reached, pattern
from zoo_dag.settings.results import Agreement

ROWS = pl.DataFrame({"subject_ids": ["1", "2"], "votes": [3, 4], "asked": [1.0, 1.0]})
DECLARED = {
    "votes": TaskColumn(pl.Float64(), "Votes", ("votes",)),
    "{n}_votes": TaskColumn(pl.Int32(), "Votes of the tool at position {n}", ("votes",)),
    "counts_{id}": TaskColumn(pl.String(), "Numbers by the question {id}", ("votes",)),
}


def test_columns_are_named_by_their_task_and_have_the_declared_dtypes() -> None:
    columns = TaskColumns(
        DECLARED, lambda rows, _: rows.select("subject_ids", "votes", pl.col("votes").alias("12_votes"))
    )
    found = columns.named(ROWS, "T0@3.9", Agreement())
    assert found.schema == {
        "subject_ids": pl.String(),
        "T0@3.9_votes": pl.Float64(),
        "T0@3.9_12_votes": pl.Int32(),
    }
    assert found.rows() == [("1", 3.0, 3), ("2", 4.0, 4)]


def test_an_id_in_a_name_may_be_any_text() -> None:
    columns = TaskColumns(
        DECLARED, lambda rows, _: rows.select("subject_ids", **{"counts_How many?_counts_X\ny": "votes"})
    )
    assert columns.named(ROWS, "T0", Agreement()).columns == ["subject_ids", "T0_counts_How many?_counts_X\ny"]


def test_a_task_that_not_all_who_saw_a_subject_were_asked_says_so() -> None:
    columns = TaskColumns(DECLARED, lambda rows, _: rows.select("subject_ids", "votes"))
    few = ROWS.with_columns(asked=pl.Series([1.0, 0.15]))
    assert columns.named(few, "T1", Agreement()).to_dicts() == [
        {"subject_ids": "1", "T1_votes": 3.0, "T1_asked": 1.0},
        {"subject_ids": "2", "T1_votes": 4.0, "T1_asked": 0.15},
    ]
    assert columns.named(ROWS, "T1", Agreement()).columns == ["subject_ids", "T1_votes"]


@pytest.mark.parametrize(("least", "reached"), [(0.0, True), (0.15, True), (0.151, False), (1.0, False)])
def test_what_few_were_asked_is_not_reached(least: float, reached: bool) -> None:
    unit = pl.DataFrame({"n": [3], "agreement": [1.0], "asked": [0.15]})
    measure = is_reached(pl.col("n").first(), pl.col("agreement").first(), Agreement(min_asked=least))
    assert unit.select(measure).item() is reached


def test_a_column_that_is_not_declared_is_an_error_that_names_it() -> None:
    columns = TaskColumns(DECLARED, lambda rows, _: rows.select("subject_ids", voices="votes"))
    with pytest.raises(KeyError, match=r"voices is not declared, but votes, \{n\}_votes, counts_\{id\}"):
        columns.named(ROWS, "T0", Agreement())


@pytest.mark.parametrize(
    ("ending", "name", "groups"),
    [
        ("votes", "T0_votes", {"task": "T0"}),
        ("votes", "T0@3.9_1_votes", {"task": "T0@3.9_1"}),
        ("{n}_votes", "T0_1_12_votes", {"task": "T0_1", "n": "12"}),
        ("{n}_votes", "T0_votes", None),
        ("counts_{id}", "T0@3.9_counts_HOW_MANY", {"task": "T0@3.9", "id": "HOW_MANY"}),
        ("votes", "votes", None),
        ("votes", "T0_votes_", None),
    ],
)
def test_a_name_has_a_task_and_an_ending(ending: str, name: str, groups: dict[str, str] | None) -> None:
    found = pattern(ending).fullmatch(name)
    assert (found.groupdict() if found else None) == groups
