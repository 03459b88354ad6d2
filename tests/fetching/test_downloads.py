"""A download is stored completely or not at all, also where the transfer breaks off."""

import gzip
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetching.conftest import CLASSIFICATIONS, NAME, QUICK
from tests.fetching.panoptes_server import Answer, Cut
from zoo_dag.errors import FetchError
from zoo_dag.exports.files import identify
from zoo_dag.fetching.download import download
from zoo_dag.fetching.partial_file import HostFile, PartialFile
from zoo_dag.settings.fetching import Fetching


def ranges(server) -> list[str | None]:
    return [seen.headers.get("Range") for seen in server.downloads("classifications")]


def test_gzip_bytes_under_the_name_of_a_csv_stay_as_they_are_and_can_be_read(server, fetch_one, inbox):
    compressed = gzip.compress(CLASSIFICATIONS)
    server.put("classifications", content=compressed)
    assert fetch_one() == compressed
    assert identify(inbox / NAME).kind == "classifications"


def test_an_export_stored_compressed_is_kept_as_sent(server, fetch_one, inbox):
    compressed = gzip.compress(CLASSIFICATIONS)
    server.put("classifications", content=compressed, encoding="gzip")
    assert fetch_one() == compressed
    assert identify(inbox / NAME).container == "gzip"


def test_a_compressed_export_is_resumed_at_its_compressed_bytes(server, fetch_one):
    compressed = gzip.compress(CLASSIFICATIONS)
    server.put("classifications", content=compressed, encoding="gzip")
    server.storage_events = [Cut(100)]
    assert fetch_one() == compressed
    assert ranges(server) == [None, "bytes=100-"]


def test_an_unknown_encoding_is_a_sentence(server, fetch_one, inbox):
    server.put("classifications", content=b"br", encoding="br")
    with pytest.raises(FetchError, match="in the encoding br; expected gzip or none"):
        fetch_one()


def test_a_file_of_unknown_length_is_read_to_its_end(server, fetch_one):
    server.lengths = False
    assert fetch_one() == CLASSIFICATIONS


def test_a_break_in_a_file_of_unknown_length_is_noticed(server, fetch_one):
    server.lengths = False
    server.storage_events = [Cut(5000)]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=5000-"]


@pytest.mark.parametrize("reset", [False, True], ids=["short", "reset"])
def test_a_broken_transfer_is_resumed_where_it_broke_off(server, fetch_one, reset):
    server.storage_events = [Cut(70_000, reset=reset), Cut(10_000, reset=reset)]
    assert fetch_one() == CLASSIFICATIONS
    first, second, third = ranges(server)
    assert first is None
    # After a reset, bytes on their way are lost.
    if not reset:
        assert (second, third) == ("bytes=70000-", "bytes=80000-")


def test_a_resumed_transfer_asks_for_the_same_file_at_a_new_address(server, fetch_one):
    server.storage_events = [Cut(70_000)]
    fetch_one()
    first, second = server.downloads("classifications")
    assert second.headers["If-Range"] == server.exports["classifications"].file.tag
    assert first.query != second.query


def test_without_support_for_ranges_a_broken_transfer_starts_over(server, fetch_one):
    server.ranges = False
    server.storage_events = [Cut(70_000)]
    assert fetch_one() == CLASSIFICATIONS


def test_without_a_mark_of_the_file_a_broken_transfer_starts_over(server, fetch_one):
    server.marks = False
    server.storage_events = [Cut(70_000)]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, None]


def test_a_file_that_is_replaced_during_the_transfer_is_read_from_the_start(server, fetch_one):
    server.storage_events = [Cut(70_000), "replaced"]
    assert fetch_one() == CLASSIFICATIONS.replace(b"Yes", b"Nay")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 0-9/10"},
        {"Content-Range": "bytes 70000-70009/70010", "ETag": '"another"'},
        {"Content-Range": "bytes 70000-70009/70010"},
        {},
    ],
    ids=["another part", "another file", "another size", "no word of which part"],
)
def test_a_part_that_was_not_asked_for_is_not_appended(server, fetch_one, headers):
    server.storage_events = [Cut(70_000), Answer(206, headers, b"0123456789")]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=70000-", None]


def test_a_host_that_gives_less_than_asked_for_is_asked_for_the_rest(server, fetch_one):
    given = {"Content-Range": f"bytes 70000-70999/{len(CLASSIFICATIONS)}"}
    server.storage_events = [Cut(70_000), Answer(206, given, CLASSIFICATIONS[70_000:71_000])]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=70000-", "bytes=71000-"]


def test_a_part_of_a_file_that_was_stored_at_another_time_is_not_appended(server, tmp_path):
    server.put("classifications")
    part = PartialFile(tmp_path, NAME)
    part.begin(HostFile(len(CLASSIFICATIONS), stored="Mon, 01 Jan 2024 00:00:00 GMT"))
    part.path.write_bytes(b"of another file")
    size = len(CLASSIFICATIONS)
    headers = {"Content-Range": f"bytes 15-{size - 1}/{size}", "Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"}
    server.storage_events = [Answer(206, headers, CLASSIFICATIONS[15:])]
    download(lambda: server.address("classifications"), part, QUICK, lambda *_: None)
    assert part.path.read_bytes() == CLASSIFICATIONS
    assert ranges(server) == ["bytes=15-", None]


def test_a_part_that_the_host_does_not_have_starts_over(server, fetch_one):
    server.storage_events = [Cut(70_000), Answer(416)]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=70000-", None]


def test_a_part_that_the_host_does_not_have_is_not_asked_for_by_a_later_call(server, fetch_one):
    for event in (Cut(70_000), Answer(416)):
        server.storage_events = [event]
        with pytest.raises(FetchError):
            fetch_one(attempts=1)
    assert fetch_one(attempts=1) == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=70000-", None]


@given(cuts=st.lists(st.integers(0, 40_000), max_size=5), ranges=st.booleans(), compressed=st.booleans())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_wherever_a_transfer_breaks_off_the_file_is_complete_in_the_end(server, cuts, ranges, compressed):
    content = gzip.compress(CLASSIFICATIONS, 0) if compressed else CLASSIFICATIONS
    server.put("classifications", content=content, encoding="gzip" if compressed else "")
    server.ranges = ranges
    server.storage_events = [Cut(after) for after in cuts]
    with tempfile.TemporaryDirectory() as folder:
        part = PartialFile(Path(folder), NAME)
        options = Fetching.model_validate(QUICK.model_dump() | {"pause_seconds": 0})
        done = download(lambda: server.address("classifications"), part, options, lambda *_: None)
        assert part.path.read_bytes() == content
        assert done.n_bytes == len(content)


def test_an_address_that_has_expired_is_asked_for_again(server, fetch_one):
    server.storage_events = ["expired"]
    assert fetch_one() == CLASSIFICATIONS
    first, second = server.downloads("classifications")
    assert first.query != second.query


def test_an_address_that_expires_during_the_transfer_loses_nothing(server, fetch_one):
    server.storage_events = [Cut(70_000), "expired"]
    assert fetch_one() == CLASSIFICATIONS
    assert ranges(server) == [None, "bytes=70000-", "bytes=70000-"]


def test_a_host_that_refuses_every_address_is_a_sentence(server, fetch_one, inbox):
    server.storage_events = ["expired"] * 3
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:\d+ answered 403 \(Forbidden\), 3 times in a row"):
        fetch_one(attempts=3)
    assert len(server.storage_log) == 3
    assert not inbox.exists()


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_host_that_is_busy_is_asked_again(server, fetch_one, status):
    server.storage_events = [Answer(status, {"Retry-After": "0"}), Answer(status)]
    assert fetch_one() == CLASSIFICATIONS
    assert len(server.storage_log) == 3


def test_the_pause_that_the_host_asks_for_is_kept(server, fetch_one):
    server.storage_events = [Answer(503, {"Retry-After": "1"})]
    fetch_one(pause_seconds=0)
    first, second = server.storage_log
    assert (second.at - first.at).total_seconds() >= 1


def test_transfers_that_always_break_off_end_with_a_sentence_and_leave_the_old_file(server, fetch_one, inbox):
    inbox.mkdir(parents=True)
    (inbox / NAME).write_bytes(b"the old one")
    server.ranges = False
    server.storage_events = [Cut(100)] * 4
    with pytest.raises(FetchError, match=r"broke off the transfer after 100 of [\d,]+ bytes, 4 times in a row"):
        fetch_one(attempts=4)
    assert [path.name for path in inbox.iterdir()] == [NAME]
    assert (inbox / NAME).read_bytes() == b"the old one"


def test_an_interrupted_download_leaves_the_old_file(server, fetch, inbox):
    server.put("classifications")
    inbox.mkdir(parents=True)
    (inbox / NAME).write_bytes(b"the old one")

    def interrupt(_kind: str, text: str, *_: object) -> None:
        if text == "downloading":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(kinds=("classifications",), progress=interrupt)
    assert [path.name for path in inbox.iterdir()] == [NAME]
    assert (inbox / NAME).read_bytes() == b"the old one"
    # For a later call; nothing that excludes it.
    assert {path.name for path in (inbox.parent / "downloads").iterdir()} == {f"{NAME}.json", f"{NAME}.part"}


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "ftp://example.org/a", "https://"])
def test_what_is_no_web_address_is_not_opened(tmp_path, address):
    with pytest.raises(FetchError, match="the server gave no address to download from"):
        download(lambda: address, PartialFile(tmp_path, NAME), QUICK, lambda *_: None)


def test_a_large_export_is_streamed(server, fetch, inbox):
    lines = CLASSIFICATIONS.partition(b"\n")[2]
    server.put("classifications", content=CLASSIFICATIONS, repeated=60_000_000 // len(lines))
    size = server.exports["classifications"].file.size
    assert size > 60_000_000
    tracemalloc.start()
    try:
        (fetched,) = fetch(kinds=("classifications",))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fetched.n_bytes == (inbox / NAME).stat().st_size == size
    assert peak < 10_000_000
