"""Pictures into events: gaps, missing times, sequences, and names that stay."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.events.samples import NOON, event_ids, frame, picture
from zoo_dag.events.assigning import events_of

AT_NOON = "A/20200601T120000"


def test_a_gap_of_the_limit_is_one_event_and_a_longer_one_begins_another():
    found = event_ids([picture(1, 0), picture(2, 60), picture(3, 121)])
    assert found == {1: AT_NOON, 2: AT_NOON, 3: "A/20200601T120201"}


def test_cameras_are_apart_and_an_event_has_its_span_and_size():
    rows = [picture(1, 0), picture(2, 30), picture(3, 30, deployment="B")]
    found = events_of(frame(rows), 60)
    assert found.select("event_id", "event_size").rows() == [(AT_NOON, 2), (AT_NOON, 2), ("B/20200601T120030", 1)]
    first, second, _ = found.select("event_start", "event_end").iter_rows()
    assert first == second == (NOON, NOON.replace(second=30))


def test_where_all_times_are_on_whole_minutes_a_smaller_gap_counts_as_a_minute():
    assert event_ids([picture(1, 0), picture(2, 60)], 5) == {1: AT_NOON, 2: AT_NOON}
    # One camera that shows seconds is enough: the others then stand on whole minutes by chance.
    with_seconds = [picture(1, 0), picture(2, 60), picture(3, 1, deployment="B")]
    assert event_ids(with_seconds, 5)[2] == "A/20200601T120100"


def test_without_a_time_the_events_of_both_neighbours_count_in_the_order_of_numbers():
    rows = [
        picture(1, 0, file_name="IMG (9).JPG"),
        picture(2, None, file_name="IMG (10).JPG"),
        picture(3, None, file_name="IMG (11).JPG"),
        picture(4, 20, file_name="IMG (100).JPG"),
        picture(5, None, file_name="IMG (101).JPG"),
        picture(6, 900, file_name="IMG (102).JPG"),
        picture(7, None),
        picture(8, None, file_name="IMG (10).JPG", deployment="B"),
    ]
    found = event_ids(rows)
    assert {found[each] for each in (1, 2, 3, 4)} == {AT_NOON}
    # Between two events, without a file name, alone in its camera.
    assert [found[each] for each in (5, 7, 8)] == ["A/subject-5", "A/subject-7", "B/subject-8"]
    sizes = dict(events_of(frame(rows), 60).select("subject_id", "event_size").iter_rows())
    assert [sizes[each] for each in (2, 5, 8)] == [4, 1, 1]


def test_a_sequence_names_the_event_and_no_deployment_means_alone():
    rows = [
        picture(1, 0, sequence="s1"),
        picture(2, 5000, sequence="s1"),
        picture(3, 0, sequence="s1", deployment="B"),
        picture(4, 0, sequence="s1", deployment=None),
        picture(5, 0, deployment=None),
        picture(6, 10),
    ]
    assert event_ids(rows) == {
        1: "A/s1",
        2: "A/s1",
        3: "B/s1",
        4: "subject-4",
        5: "subject-5",
        6: "A/20200601T120010",
    }


def test_events_that_begin_in_the_same_second_have_numbers_in_the_order_of_subjects():
    assert event_ids([picture(7, 0.1), picture(3, 0.9)], 0.5) == {3: AT_NOON, 7: f"{AT_NOON}/2"}


PICTURES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 40)),
        st.sampled_from(["A", "A", "B", None]),
        st.one_of(st.none(), st.integers(0, 30)),
        st.sampled_from([None, None, None, "s"]),
    ),
    min_size=2,
    max_size=14,
)


def pictures_of(drawn):
    """Times are multiples of 20 s, and one of a second, so that they are not on whole minutes."""
    return [
        picture(
            number,
            None if time is None else 20 * time + 1,
            deployment=deployment,
            file_name=None if file is None else f"{file}.jpg",
            sequence=sequence,
        )
        for number, (time, deployment, file, sequence) in enumerate(drawn, 1)
    ]


@settings(max_examples=40)
@given(PICTURES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn, random):
    rows = pictures_of(drawn)
    shuffled = random.sample(rows, len(rows))
    assert events_of(frame(shuffled), 60).equals(events_of(frame(rows), 60))


@settings(max_examples=120)
@given(PICTURES)
def test_a_new_picture_never_changes_the_id_of_an_event_that_it_does_not_join(drawn):
    rows = pictures_of(drawn)
    before, after = event_ids(rows[:-1]), event_ids(rows)
    # It may show to which event a picture without a time belongs: only others are compared.
    known = [row["subject_id"] for row in rows[:-1] if row["taken_at"] is not None or row["sequence"] is not None]
    joined = {each for each in known if after[each] == after[len(rows)]}
    touched = {before[each] for each in joined}
    for each in known:
        if before[each] not in touched and each not in joined:
            assert after[each] == before[each]


@settings(max_examples=40)
@given(PICTURES)
def test_every_picture_is_in_one_event_of_one_deployment(drawn):
    found = events_of(frame(pictures_of(drawn)), 60)
    assert found["subject_id"].to_list() == list(range(1, len(drawn) + 1))
    assert found["event_id"].null_count() == 0
    sizes = found.group_by("event_id").agg(n=pl.len(), size=pl.col("event_size").unique(), of="deployment")
    assert all(size == [n] for size, n in sizes.select("size", "n").iter_rows())
    assert all(len(set(of)) == 1 for of in sizes["of"])
