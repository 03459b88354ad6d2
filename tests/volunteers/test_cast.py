"""Votes that are put together from the yes and no to each of several answers."""

import pytest

from tests.volunteers.vote_rows import yes_and_no
from zoo_dag.volunteers.cast import by_task, together

SAID = [
    ("1", "a", {"hare", "owl"}),
    ("1", "b", {"owl"}),
    ("1", "c", set[str]()),
    ("2", "a", {"fox", "owl"}),
]
LABELS = ["Hare + Owl", "Owl", "nothing", "Fox + Owl"]


@pytest.mark.parametrize("at_once", [1, 3, 4, 100])
def test_a_vote_is_never_split_however_many_rows_are_put_together_at_a_time(at_once: int) -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    votes = together(rows, at_once)
    assert votes["label"].to_list() == LABELS
    assert votes["subject_ids"].to_list() == ["1", "1", "1", "2"]


def test_without_rows_there_are_no_votes() -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    assert together(rows.clear(), 1).is_empty()
