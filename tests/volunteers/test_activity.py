"""What volunteers did, and what looks like a program."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.volunteers.vote_rows import START, vote_rows, yes_and_no
from zoo_dag.tables import TABLES
from zoo_dag.volunteers.activity import volunteer_activity
from zoo_dag.volunteers.cast import by_task

ANIMALS = {"1": "owl", "2": "hare"}


def classified(who: str, seconds: list[float], **columns: Any) -> list[dict[str, Any]]:
    """Classifications of a volunteer, so many seconds after the start."""
    return [
        {
            "workflow_id": 11,
            "user_key": who,
            "user_name": f"login of {who}",
            "created_at": START + timedelta(seconds=second),
            "classification_id": number,
            "duration_s": None,
            "excluded": None,
            **columns,
        }
        for number, second in enumerate(seconds)
    ]


def found(rows: list[dict[str, Any]], votes: pl.LazyFrame | None = None) -> dict[str, dict[str, Any]]:
    schema = {name: dtype for name, dtype in TABLES["classifications"].dtypes.items() if name in rows[0]}
    frame = pl.DataFrame(rows, schema=schema).lazy()
    table = volunteer_activity(frame, by_task(vote_rows([]) if votes is None else votes)).collect()
    return {row["user_key"]: row for row in table.to_dicts()}


def test_sessions_and_effort_by_gaps() -> None:
    """Two sessions: gaps of 60, 120 and 600 s, and an hour later one more of 60 s."""
    row = found(classified("user:1", [0, 60, 180, 780, 4380, 4440]))["user:1"]
    assert (row["n_classifications"], row["n_sessions"], row["n_days"]) == (6, 2, 1)
    assert row["median_gap_s"] == 90
    # 60 + 120 + 300, at most five minutes, + 60; and the median for the first of each session.
    assert row["effort_hours"] == pytest.approx((60 + 120 + 300 + 60 + 2 * 90) / 3600)
    assert row["longest_session_hours"] == pytest.approx(780 / 3600)
    assert row["suspicions"] == []


def test_the_numbers_of_a_volunteer_are_the_same_alone_and_among_others() -> None:
    """To the last digit: which rows Polars has in memory together differs from run to run."""
    # Divided by the seconds of an hour, alone and with others, half of such numbers had another last digit.
    gaps = [849, 1, 7, 11, 13]
    rows = [row for gap in gaps for row in classified(f"user:{gap}", [0, gap])]
    together = found(rows)
    for gap in gaps:
        alone = found(classified(f"user:{gap}", [0, gap]))[f"user:{gap}"]
        assert together[f"user:{gap}"] == alone


def test_durations_that_are_not_credible_are_left_out() -> None:
    rows = classified("user:1", [0, 60, 120, 180, 240])
    # Begun days before, before the previous one was stored, and by a clock that was set back.
    for row, duration in zip(rows, [40.0, 3e5, 130.0, -5.0, 50.0], strict=True):
        row["duration_s"] = duration
    row = found(rows)["user:1"]
    assert (row["median_duration_s"], row["n_durations_left_out"]) == (45.0, 3)
    assert row["effort_hours"] == pytest.approx((4 * 60 + 45) / 3600)


def test_who_was_not_logged_in_is_one_row_and_what_was_sent_twice_counts_once() -> None:
    rows = classified("session:a", [0, 10]) + classified("session:b", [5]) + classified("user:1", [0, 9])
    rows[-1]["excluded"] = "network_duplicate"
    rows[0]["excluded"] = "repeat"
    table = found(rows)
    anonymous = table["anonymous"]
    assert (anonymous["n_people"], anonymous["n_classifications"], anonymous["n_counted"]) == (2, 3, 2)
    assert (anonymous["n_sessions"], anonymous["median_gap_s"]) == (2, 10)
    assert (anonymous["user_name"], anonymous["suspicions"]) == (None, None)
    assert (table["user:1"]["n_classifications"], table["user:1"]["user_name"]) == (1, "login of user:1")


@pytest.mark.parametrize(
    ("seconds", "suspicions"),
    [
        ([0.5 * each for each in range(60)], ["fast"]),
        ([30.0 * each for each in range(60)], ["regular"]),
        # Every 20 minutes or so, day and night.
        ([1200.0 * each + 400 * (each % 3) for each in range(60)], ["no_pause"]),
        ([7.0 * each + each % 5 for each in range(60)], []),
        ([0.5 * each for each in range(49)], []),
    ],
)
def test_what_looks_like_a_program(seconds: list[float], suspicions: list[str]) -> None:
    assert found(classified("user:1", seconds))["user:1"]["suspicions"] == suspicions


def test_always_the_same_answer_where_others_vary() -> None:
    said = [(str(subject), "1", "Fox") for subject in range(60)]
    said += [(str(subject), "2", "Fox" if subject % 3 else "Hare") for subject in range(60)]
    said += [(str(subject), "3", "Hare") for subject in range(30)]
    rows = [
        row for who in "123" for row in classified(f"user:{who}", [7.0 * each + each % 5 for each in range(60)])
    ]
    table = found(rows, vote_rows(said))
    evidence = [table[f"user:{who}"] for who in "123"]
    assert [each["suspicions"] for each in evidence] == [["one_answer"], [], []]
    assert [each["commonest_answer"] for each in evidence] == ["Fox", "Fox", None]
    assert evidence[0]["commonest_share"] == 1
    assert evidence[1]["commonest_share"] == pytest.approx(40 / 60)
    assert evidence[0]["commonest_share_of_all"] == pytest.approx(100 / 150)


def test_options_that_the_consensus_does_not_have_yet() -> None:
    votes = yes_and_no([(str(subject), who, {animal}) for subject in range(60) for who, animal in ANIMALS.items()])
    known = pl.when(pl.col("option") != "hare")
    votes = votes.with_columns(of_several=known.then("of_several"), option_label=known.then("option_label"))
    rows = [row for who in ANIMALS for row in classified(f"user:{who}", [float(each) for each in range(60)])]
    table = found(rows, votes)
    assert [table[f"user:{who}"]["commonest_answer"] for who in ANIMALS] == ["Owl", "yes"]


def test_a_select_is_a_question_of_its_own_beside_several_answers() -> None:
    several = yes_and_no(
        [(str(subject), "1", {"owl" if subject % 2 else "hare"}) for subject in range(60)]
    ).collect()
    each = several.unique("subject_ids", maintain_order=True)
    select = each.with_columns(
        option=pl.lit("0"),
        of_several=False,
        label=pl.lit("Day"),
        classification_id=pl.col("classification_id") + 1000,
    )
    rows = classified("user:1", [float(each) for each in range(60)])
    evidence = found(rows, pl.concat([several, select]).lazy())["user:1"]
    assert evidence["commonest_answer"] == "Day"
    assert evidence["commonest_share"] == evidence["commonest_share_of_all"] == 1
