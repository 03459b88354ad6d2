"""What must not change the consensus of any task type, on any annotations."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.task_types.metamorphic import PROPERTY, USERS
from tests.task_types.said import CASES, Case
from zoo_dag.task_types.catalogue import TASK_TYPES

every_type = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def test_every_task_type_with_a_consensus_is_tested() -> None:
    assert {name.partition(",")[0] for name in CASES} == {each.name for each in TASK_TYPES if each.consensus}


@every_type
@PROPERTY
@given(st.data(), st.randoms(use_true_random=False), st.permutations(USERS))
def test_order_of_rows_names_of_volunteers_and_rows_left_out_change_nothing(
    case: Case, data: st.DataObject, random: Random, names: list[str]
) -> None:
    rows = data.draw(case.rows)
    case.check.order_of_rows(rows, random)
    case.check.names_of_volunteers(rows, names)
    case.check.rows_left_out(rows)


@every_type
@PROPERTY
@given(st.data(), st.sets(st.integers(1, 4)), st.sets(st.integers(0, 24)))
def test_subjects_and_workflows_do_not_touch_each_other_and_pooled_versions_count_as_one(
    case: Case, data: st.DataObject, some: set[int], later: set[int]
) -> None:
    rows = data.draw(case.rows)
    case.check.split_by_subject(rows, some)
    case.check.split_by_workflow(rows, some)
    case.check.split_by_version(rows, later)


@every_type
@PROPERTY
@given(st.data(), st.dictionaries(st.integers(0, 24), st.integers(0, 2), min_size=1))
def test_a_blank_repeat_changes_nothing_wherever_it_stands(
    case: Case, data: st.DataObject, some: dict[int, int]
) -> None:
    case.check.blank_repeats(data.draw(case.rows), some)


# The same text is said twice, and the same mark is drawn twice.
@pytest.mark.parametrize("name", sorted(CASES.keys() - {"text", "drawing", "drawing, counts", "highlight"}))
@PROPERTY
@given(st.data(), st.sets(st.integers(0, 24), min_size=1))
def test_the_same_element_again_changes_nothing(name: str, data: st.DataObject, some: set[int]) -> None:
    CASES[name].check.same_again(data.draw(CASES[name].rows), some)
