"""Votes that are put together from the yes and no to each of several answers."""

from tests.volunteers.vote_rows import yes_and_no
from zoo_dag.volunteers.cast import by_task, together

SAID = [
    ("1", "a", {"hare", "owl"}),
    ("1", "b", {"owl"}),
    ("1", "c", set[str]()),
    ("2", "a", {"fox", "owl"}),
]
LABELS = ["Hare + Owl", "Owl", "nothing", "Fox + Owl"]


def test_all_answers_of_a_volunteer_are_a_vote() -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    votes = together(rows)
    assert votes["label"].to_list() == LABELS
    assert votes["subject_ids"].to_list() == ["1", "1", "1", "2"]


def test_without_rows_there_are_no_votes() -> None:
    [(_, rows)] = by_task(yes_and_no(SAID))
    assert together(rows.clear()).is_empty()
