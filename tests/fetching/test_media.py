"""The description of an export, and when it is newer than another."""

from datetime import UTC, datetime, timedelta

import pytest

from zoo_dag.errors import FetchError
from zoo_dag.fetching.media import Media

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def media(state: str, minutes: int = 0) -> Media:
    return Media(state, NOON + timedelta(minutes=minutes), "https://example.org/a", NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("later", "earlier", "news"),
    [
        (media("ready", 1), media("ready", 0), True),
        (media("ready", 0), media("ready", 0), False),
        (media("ready", 0), media("ready", 1), False),
        (media("ready", 0), media("creating", 0), True),
        (media("ready", 0), None, True),
    ],
    ids=["newer", "the same", "older", "another state", "nothing before"],
)
def test_a_description_is_newer_where_its_time_or_its_state_is(later, earlier, news):
    assert later.is_newer_than(earlier) is news


def test_a_description_is_read_as_the_api_sends_it():
    entry = {
        "src": "https://example.org/a",
        "updated_at": "2024-05-01T12:00:00.250Z",
        "metadata": {"state": "ready"},
    }
    read = Media.read(entry, NOON + timedelta(hours=1))
    assert (read.state, read.address) == ("ready", "https://example.org/a")
    assert read.updated_at == NOON + timedelta(milliseconds=250)
    assert read.age == timedelta(minutes=59, seconds=59, milliseconds=750)


@pytest.mark.parametrize("metadata", [None, {}, {"state": None}])
def test_an_old_export_without_a_state_is_neither_finished_nor_in_progress(metadata):
    entry = {"src": "https://example.org/a", "updated_at": "2015-05-01T12:00:00.000Z", "metadata": metadata}
    read = Media.read(entry, NOON)
    assert (read.finished, read.failed, read.in_progress) == (False, False, False)


@pytest.mark.parametrize(
    "entry", [{"src": "a"}, {"updated_at": "2024-05-01T12:00:00Z"}, {"src": "a", "updated_at": "x"}]
)
def test_a_description_that_lacks_something_is_a_sentence(entry):
    with pytest.raises(FetchError, match="in a form that zoo_dag does not know"):
        Media.read(entry, NOON)
