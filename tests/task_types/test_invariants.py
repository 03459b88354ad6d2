"""What must not change the consensus of any task type, on any annotations."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.task_types.metamorphic import PROPERTY, USERS
from tests.task_types.said import CASES, Case
from zoo_dag.task_types.catalogue import TASK_TYPES


def test_every_task_type_with_a_consensus_is_tested() -> None:
    assert {name.partition(",")[0] for name in CASES} == {each.name for each in TASK_TYPES if each.consensus}


# By the id of a classification, where a blank element comes among its own.
BLANKS = st.dictionaries(st.integers(0, 24), st.integers(0, 2), min_size=1)
AGAIN = st.sets(st.integers(0, 24), min_size=1)
# The same text is said twice, and the same mark is drawn twice.
SAID_AGAIN = CASES.keys() - {"text", "drawing", "drawing, counts", "highlight"}


@pytest.mark.parametrize("name", CASES)
@PROPERTY
@given(st.data(), st.randoms(use_true_random=False), st.permutations(USERS))
def test_order_names_rows_left_out_blank_repeats_and_the_same_again_change_nothing(
    name: str, data: st.DataObject, random: Random, names: list[str]
) -> None:
    check, rows = CASES[name].check, data.draw(CASES[name].rows)
    check.order_of_rows(rows, random)
    check.names_of_volunteers(rows, names)
    check.rows_left_out(rows)
    check.blank_repeats(rows, data.draw(BLANKS))
    if name in SAID_AGAIN:
        check.same_again(rows, data.draw(AGAIN))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@PROPERTY
@given(st.data(), st.sets(st.integers(1, 4)), st.sets(st.integers(0, 24)))
def test_subjects_and_workflows_do_not_touch_each_other_and_pooled_versions_count_as_one(
    case: Case, data: st.DataObject, some: set[int], later: set[int]
) -> None:
    rows = data.draw(case.rows)
    case.check.split_by_subject(rows, some)
    case.check.split_by_workflow(rows, some)
    case.check.split_by_version(rows, later)
