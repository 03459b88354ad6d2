"""How long a classification took, also where the front end keeps the start of the session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import classification_row, metadata, write_classifications
from tests.exports.raw_project import RawProject
from zoo_dag.checks.finding import CheckInput
from zoo_dag.checks.parsed import starts_are_their_own
from zoo_dag.exports.durations import durations

START = datetime(2024, 3, 5, 10, tzinfo=UTC)


def row(number: int, start: float | None, end: float | None, session: str = "s", **cells: Any) -> dict[str, Any]:
    """A classification of subject 100 + `number`, whose times are seconds after ten."""

    def at(seconds: float | None) -> Any:
        return ... if seconds is None else (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")

    cell = metadata(session=session, started_at=at(start), finished_at=at(end))
    return classification_row(number, metadata=cell, subject_ids=100 + number, **{"user_id": 7, **cells})


def found(project: RawProject, *rows: dict[str, Any]) -> list[float | None]:
    project.add(write_classifications(project.root.parent / "c.csv", rows))
    return project.classifications()["duration_s"].to_list()


def test_a_start_that_a_session_has_again_is_no_start(project: RawProject) -> None:
    rows = [row(number, 0, 30 * number) for number in range(1, 6)]
    assert found(project, *rows) == [30.0] * 5
    finding = starts_are_their_own(CheckInput({"classifications": project.classifications().lazy()}))
    assert not finding.passed
    assert finding.numbers == {"classifications": 5, "with the start of their session": 4}
    assert finding.message.startswith("4 of 5 classifications (80 %) have a start that the session has again")


def test_the_order_is_that_of_the_ends(project: RawProject) -> None:
    assert found(project, row(1, 0, 100), row(2, 0, 40), row(3, 0, 41.25)) == [58.75, 40.0, 1.25]


def test_starts_of_their_own_stay(project: RawProject) -> None:
    rows = [row(1, 0, 30), row(2, 30, 70), row(3, 75, 80), row(4, None, 90), row(5, 91, None), row(6, None, 95)]
    assert found(project, *rows) == [30.0, 40.0, 5.0, None, None, None]
    finding = starts_are_their_own(CheckInput({"classifications": project.classifications().lazy()}))
    assert (finding.passed, finding.message) == (True, "6 classifications, each with a start of its own.")


def test_another_person_or_session_has_another_start(project: RawProject) -> None:
    rows = [row(1, 0, 30), row(2, 0, 50, user_id=8), row(3, 0, 70, session="t")]
    assert found(project, *rows) == [30.0, 50.0, 70.0]


def test_what_was_sent_twice_took_as_long_both_times(project: RawProject) -> None:
    assert found(project, row(1, 0, 30), row(2, 0, 50), row(3, 0, 50)) == [30.0, 20.0, 20.0]
    assert found(project, row(1, 0, 30), row(2, 0, 30), row(3, 5, 50)) == [30.0, 30.0, 45.0]


def test_rows_that_are_not_read_count_for_nothing(project: RawProject) -> None:
    rows = [row(1, 0, 30), row(2, 0, 50, annotations="["), row(3, 0, 70)]
    assert found(project, *rows) == [30.0, 40.0]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8, unique=True), st.randoms())
def test_the_durations_of_a_session_add_up_to_it(ends: list[int], random: Any) -> None:
    random.shuffle(ends)
    frame = pl.DataFrame(
        {
            "user_key": "user:7",
            "session": "s",
            "started_at": START,
            "finished_at": [START + timedelta(milliseconds=end) for end in ends],
        }
    )
    seconds = durations(frame.lazy())
    assert seconds.sum() == pytest.approx(max(ends) / 1000)
    assert seconds.min() > 0
