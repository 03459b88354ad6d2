"""Edge cases whose rule is the same for dropdowns, surveys, sliders and texts."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.builders import anonymous, classification_row, metadata
from tests.task_types.consensus_samples import KINDS, Kind, Row, consensus
from tests.task_types.samples import FIRST_OF_REPEATED, NO_WORKFLOWS, Sample, sample
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Exclusion
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import TaskType

COUNTS = ["n_classifications", "n_blank", "n_volunteers"]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.table for kind in KINDS])


def given(rows: Sequence[Row], answers: Sequence[Row], workflow: Row, **options: Any) -> Sample:
    cells = [{**row, "annotations": [answer]} for row, answer in zip(rows, answers, strict=True)]
    return sample(cells, [workflow], **options)


def people(count: int) -> list[Row]:
    return [classification_row(number) for number in range(1, count + 1)]


def counts(task_type: TaskType, sampled: Sample) -> set[tuple[Any, ...]]:
    return set(consensus(task_type, sampled).select(COUNTS).rows())


@every_kind
def test_zero_votes_keep_the_subject(kind: Kind) -> None:
    found = consensus(kind.task_type, given(people(3), [kind.blank, kind.blank, kind.unreadable], kind.workflow))
    assert set(found.select("subject_id", *COUNTS).rows()) == {(101, 3, 2, 3)}
    own = [name for name in found.columns if name not in TABLES["question_consensus"].dtypes.names()[:15]]
    measured = found.select(own).drop("select_index", "select_label", strict=False).unique().row(0, named=True)
    zero = {
        "votes": 0,
        "n_answered": 0,
        "n_untouched": 0,
        "n_numbers": 0,
        **dict.fromkeys(("n_marks", "n_members", "n_any_label"), 0),
        "fraction_of_all": 0.0,
        "fraction_blank": 2 / 3,
        "method": "star_alignment",
    }
    assert measured == {name: zero.get(name) for name in measured}


@every_kind
def test_a_blank_reached_the_task_and_is_counted_apart(kind: Kind) -> None:
    assert counts(kind.task_type, given(people(3), [kind.vote, kind.blank, kind.vote], kind.workflow)) == {
        (3, 1, 3)
    }


@every_kind
def test_an_answer_that_nobody_can_read_reached_the_task_and_is_no_vote(kind: Kind) -> None:
    with_lost = consensus(kind.task_type, given(people(2), [kind.vote, kind.unreadable], kind.workflow))
    assert set(with_lost.select(COUNTS).rows()) == {(2, 0, 2)}
    alone = consensus(kind.task_type, given(people(1), [kind.vote], kind.workflow))
    of_votes = [name for name in ("votes", "n_answered", "fraction", "mean") if name in alone.columns]
    assert with_lost.select(of_votes).rows() == alone.select(of_votes).rows()


@every_kind
@pytest.mark.parametrize(("repeat", "expected"), [("first", (2, 0, 2)), ("last", (2, 1, 2)), ("all", (4, 1, 2))])
def test_the_same_volunteer_again(kind: Kind, repeat: Any, expected: Any) -> None:
    rows = [classification_row(number, user_id=user) for number, user in enumerate((1, 1, 1, 2), 1)]
    settings = Settings(exclusion=Exclusion(repeat=repeat))
    assert counts(
        kind.task_type,
        given(rows, [kind.vote, kind.vote, kind.blank, kind.vote], kind.workflow, settings=settings),
    ) == {expected}


@every_kind
def test_anonymous_people_are_volunteers_told_apart_by_session(kind: Kind) -> None:
    rows = [anonymous(number, metadata=metadata(session=name)) for number, name in enumerate("aba", 1)]
    assert counts(kind.task_type, given([*rows, classification_row(4)], [kind.vote] * 4, kind.workflow)) == {
        (3, 0, 3)
    }


@every_kind
def test_gold_standard_answers_are_no_votes_unless_asked_for(kind: Kind) -> None:
    rows = [classification_row(1), classification_row(2, gold_standard=True)]
    assert counts(kind.task_type, given(rows, [kind.vote, kind.vote], kind.workflow)) == {(1, 0, 1)}
    asked = Settings(exclusion=Exclusion(gold_standard=False))
    assert counts(kind.task_type, given(rows, [kind.vote, kind.vote], kind.workflow, settings=asked)) == {
        (2, 0, 2)
    }


@every_kind
def test_classifications_of_a_retired_subject_count(kind: Kind) -> None:
    retired = metadata(subject_selection_state={"retired": True, "already_seen": False})
    rows = [classification_row(1), classification_row(2, metadata=retired)]
    assert counts(kind.task_type, given(rows, [kind.vote, kind.vote], kind.workflow)) == {(2, 0, 2)}


@every_kind
def test_a_deleted_account_stays_one_volunteer(kind: Kind) -> None:
    rows = [classification_row(number, user_id=77, user_name=name) for number, name in ((1, "ann"), (2, "gone"))]
    settings = Settings(exclusion=Exclusion(repeat="all"))
    assert counts(kind.task_type, given(rows, [kind.vote, kind.vote], kind.workflow, settings=settings)) == {
        (2, 0, 1)
    }


@every_kind
@pytest.mark.parametrize("settings", [Settings(), FIRST_OF_REPEATED], ids=["last", "first"])
def test_of_a_task_done_twice_an_answer_beats_a_blank(kind: Kind, settings: Settings) -> None:
    orders = [kind.vote, kind.blank], [kind.blank, kind.vote], [kind.vote], [kind.blank, kind.blank]
    rows = [classification_row(number, annotations=list(order)) for number, order in enumerate(orders, 1)]
    found = consensus(kind.task_type, sample(rows, [kind.workflow]), settings)
    assert set(found.select(COUNTS).rows()) == {(4, 1, 4)}


@every_kind
def test_versions_are_apart(kind: Kind) -> None:
    later = {**kind.workflow, "version": 4}
    rows = [classification_row(1, workflow_version="4.10", annotations=[kind.vote])]
    found = consensus(kind.task_type, sample(rows, [kind.workflow, later]))
    assert set(found.select("workflow_version", "task_revision").rows()) == {("4.10", "T0@3.10")}


@every_kind
@pytest.mark.parametrize("without", [True, False])
def test_no_annotations_give_an_empty_table_with_the_full_schema(kind: Kind, without: bool) -> None:
    found = consensus(kind.task_type, sample([], NO_WORKFLOWS if without else [kind.workflow]))
    assert found.is_empty()
    assert found.schema == TABLES[kind.table].dtypes
