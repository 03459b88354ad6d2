"""Which requests are sent to the server, and when an export counts as ready."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fetching.conftest import CONTENTS
from tests.fetching.panoptes_server import KINDS, PROJECT, Answer
from zoo_dag.errors import FetchError
from zoo_dag.fetching.retries import RetriesExhaustedError


def contents(inbox) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in inbox.iterdir()}


WHOLE = {f"{PROJECT}-{kind}.csv": content for kind, content in CONTENTS.items()}
OLD = CONTENTS["classifications"].replace(b"Yes", b"No")


def test_all_three_exports_are_asked_for_before_any_is_downloaded(server, fetch, inbox):
    fetched = fetch()
    assert contents(inbox) == WHOLE
    assert [each.export.kind for each in fetched] == list(KINDS)
    assert all(each.requested for each in fetched)
    asked = [seen.at for seen in server.api_log if seen.method == "POST" and seen.path.endswith("_export")]
    assert len(asked) == 3
    assert max(asked) < min(seen.at for seen in server.storage_log)


def test_an_export_younger_than_24_hours_is_downloaded_as_it_is_with_a_note(server, fetch, inbox):
    server.put("classifications", hours_ago=23.5, content=OLD)
    fetched = fetch(kinds=("classifications",))
    assert server.requests("classifications") == 0
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": OLD}
    assert fetched[0].requested is False
    assert fetched[0].note == "downloaded as it is: the server generates one of a kind in 24 hours."


def test_an_export_older_than_24_hours_is_requested_again(server, fetch, inbox):
    server.put("classifications", hours_ago=24.5, content=OLD)
    (fetched,) = fetch(kinds=("classifications",))
    assert server.requests("classifications") == 1
    assert fetched.requested
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": CONTENTS["classifications"]}


def test_how_old_an_export_may_be_is_a_setting(server, fetch):
    server.put("workflows", hours_ago=30)
    fetch(kinds=("workflows",), newest_hours=48)
    assert server.requests("workflows") == 0


def test_the_clock_of_the_server_decides_how_old_an_export_is(server, fetch):
    server.put("workflows", hours_ago=49)
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    dated = {"Date": two_days_ago.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    server.api_answers = [PROJECT_FOUND, described("ready", two_days_ago - timedelta(hours=1), dated)]
    fetch(kinds=("workflows",))
    assert server.requests("workflows") == 0


PROJECT_FOUND = Answer(200, {}, b'{"projects": [{"id": "1234"}]}')


def described(state: str, updated_at: datetime, headers: dict[str, str] | None = None) -> Answer:
    """A description as the server sends it, of an export without a file."""
    entry = f'{{"src": "", "metadata": {{"state": "{state}"}}, "updated_at": "{updated_at.isoformat()}"}}'
    return Answer(200, headers or {}, b'{"media": [' + entry.encode() + b"]}")


@pytest.mark.parametrize("polls", [0, 1, 5])
def test_the_export_before_that_is_shown_after_the_request_is_not_taken_for_the_new_one(
    server, fetch, inbox, polls
):
    server.put("classifications", hours_ago=30, content=OLD)
    server.stale_polls = polls
    fetch(kinds=("classifications",))
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": CONTENTS["classifications"]}
    assert server.requests("classifications") == 1


def test_a_failure_of_before_that_is_still_shown_is_not_taken_for_a_new_one(server, fetch, inbox):
    server.put("classifications", "failed", hours_ago=30, content=OLD)
    server.stale_polls = 3
    fetch(kinds=("classifications",))
    assert server.requests("classifications") == 1
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": CONTENTS["classifications"]}


@pytest.mark.parametrize("state", ["creating", "requeued"])
def test_an_export_in_progress_is_waited_for_and_not_requested_again(server, fetch, inbox, state):
    server.put("classifications", state, hours_ago=3, content=OLD)
    server.goes_on_by_itself("classifications")
    (fetched,) = fetch(kinds=("classifications",))
    assert server.requests("classifications") == 0
    assert (fetched.requested, fetched.note) == (False, "was in progress already.")
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": CONTENTS["classifications"]}


def test_an_export_in_progress_for_days_is_lost_and_requested_again(server, fetch):
    server.put("classifications", "creating", hours_ago=49)
    (fetched,) = fetch(kinds=("classifications",))
    assert server.requests("classifications") == 1
    assert fetched.requested


@pytest.mark.parametrize("state", ["finished", "completed"])
def test_the_other_words_for_ready_count_too(server, fetch, state):
    server.put("workflows", state)
    fetch(kinds=("workflows",))
    assert server.requests("workflows") == 0


def test_a_failed_export_is_asked_for_again_once(server, fetch, inbox):
    server.outcomes["classifications"] = ["failed"]
    fetch(kinds=("classifications",))
    assert server.requests("classifications") == 2
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": CONTENTS["classifications"]}


@pytest.mark.parametrize(("before", "requests"), [("failed", 1), ("ready", 2)])
def test_an_export_that_fails_twice_is_an_error(server, fetch, inbox, before, requests):
    server.put("classifications", before, hours_ago=30)
    server.outcomes["classifications"] = ["failed", "failed"]
    with pytest.raises(
        FetchError, match=r"The classifications export of project 1234: the server failed .* twice"
    ):
        fetch(kinds=("classifications",))
    assert server.requests("classifications") == requests
    assert not inbox.exists()


def test_what_can_be_had_is_in_place_where_one_export_fails(server, fetch, inbox):
    server.outcomes["subjects"] = ["failed", "failed"]
    with pytest.raises(FetchError, match=r"subjects export .* 1234-classifications.csv is in place\."):
        fetch()
    assert set(contents(inbox)) == {f"{PROJECT}-classifications.csv", f"{PROJECT}-workflows.csv"}


@pytest.mark.parametrize(("status", "passing"), [(500, True), (404, False)])
def test_transient_errors_are_distinguished_from_permanent_ones(server, fetch, status, passing):
    server.put("workflows")
    server.storage_events = [Answer(status)] * 2
    with pytest.raises(FetchError) as raised:
        fetch(kinds=("workflows",), attempts=2)
    assert isinstance(raised.value, RetriesExhaustedError) is passing


def test_an_export_that_does_not_come_is_an_error_after_the_longest_wait(server, fetch, inbox):
    server.outcomes["classifications"] = ["silent"]
    with pytest.raises(
        FetchError, match=r"not ready after 0\.0001 hours \(creating\).* one of a kind in 24 hours"
    ):
        fetch(kinds=("classifications",), wait_hours=0.0001)
    assert not inbox.exists()


def test_a_dropped_request_ends_with_a_sentence_and_not_with_the_old_file(server, fetch, inbox):
    # Somebody has asked for one within 24 hours, and the setting says to ask all the same.
    server.put("classifications", hours_ago=2, content=OLD)
    with pytest.raises(FetchError, match="drops another request silently"):
        fetch(kinds=("classifications",), newest_hours=0, wait_hours=0.0001)
    assert not inbox.exists()


def test_a_server_that_is_down_now_and_then_ends_no_wait_of_hours(server, fetch, inbox):
    server.put("workflows", "creating", hours_ago=1)
    server.goes_on_by_itself("workflows")
    server.polls_in_progress = 3
    shown = described("creating", server.exports["workflows"].updated_at)
    outage = [Answer(502)] * 6
    server.api_answers = [PROJECT_FOUND, shown, *outage, shown, *outage]
    fetch(kinds=("workflows",), attempts=3)
    assert contents(inbox) == {f"{PROJECT}-workflows.csv": CONTENTS["workflows"]}
    assert server.requests("workflows") == 0


def test_a_server_that_stays_down_ends_the_wait(server, fetch):
    server.outcomes["workflows"] = ["silent"]
    server.api_answers = [
        PROJECT_FOUND,
        described("creating", datetime.now(UTC)),
        *[Answer(502)] * 9,
    ]
    with pytest.raises(FetchError, match=r"answered 502 \(Bad Gateway\), 3 times in a row"):
        fetch(kinds=("workflows",), attempts=3)


def test_without_asking_the_newest_file_is_taken_whatever_its_age(server, fetch, inbox):
    server.put("classifications", hours_ago=1000, content=OLD)
    (fetched,) = fetch(kinds=("classifications",), ask=False)
    assert server.requests("classifications") == 0
    assert fetched.note == "downloaded as it is."
    assert contents(inbox) == {f"{PROJECT}-classifications.csv": OLD}


def test_without_asking_the_file_of_before_is_taken_while_a_new_one_is_made(server, fetch, inbox):
    export = server.put("classifications", "creating", hours_ago=1, content=OLD)
    export.file.modified = datetime(2024, 5, 1, tzinfo=UTC)
    (fetched,) = fetch(kinds=("classifications",), ask=False)
    assert fetched.note == "the previous one; the newest is not ready (creating)."
    assert fetched.finished_at == datetime(2024, 5, 1, tzinfo=UTC)


def test_without_asking_and_without_an_export_there_is_a_sentence(server, fetch):
    with pytest.raises(FetchError, match="there is none yet, or this login may not read it"):
        fetch(kinds=("classifications",), ask=False)


def test_without_requests_a_first_export_in_progress_is_a_message(server, fetch):
    server.put("classifications", "creating").file = None
    with pytest.raises(FetchError, match="has no file of it; the server has not generated one yet"):
        fetch(kinds=("classifications",), ask=False)


def test_progress_shows_waiting_and_then_bytes(server, fetch):
    steps: list[tuple] = []
    fetch(kinds=("classifications",), progress=lambda *step: steps.append(step))
    texts = list(dict.fromkeys(text for _, text, _, _ in steps))
    asked = ["asking for the export", "requested", "requested, creating", "requested, ready"]
    assert texts == [*asked, "downloading", "in place"]
    size = len(CONTENTS["classifications"])
    assert steps[-2] == ("classifications", "downloading", size, size)
    assert {kind for kind, *_ in steps} == {"classifications"}


def test_the_file_is_as_old_as_the_export(server, fetch, inbox):
    export = server.put("workflows", hours_ago=5)
    (fetched,) = fetch(kinds=("workflows",))
    # The storage host reports whole seconds.
    assert timedelta(0) <= export.updated_at - fetched.finished_at < timedelta(seconds=1)
    assert fetched.path.stat().st_mtime == fetched.finished_at.timestamp()
    assert fetched.n_bytes == len(CONTENTS["workflows"])
