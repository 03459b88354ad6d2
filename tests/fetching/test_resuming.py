"""A fetch that was stopped goes on where it was: in the middle of a file, and between files."""

import os
import time
from pathlib import Path

import pytest
from filelock import FileLock

from tests.fetching.conftest import CLASSIFICATIONS, NAME
from tests.fetching.panoptes_server import Cut
from zoo_dag.errors import FetchError
from zoo_dag.fetching.partial_file import HostFile, PartialFile, remove_old
from zoo_dag.fetching.retries import RetriesExhaustedError


@pytest.fixture
def stopped(server, fetch):
    """A fetch of the classifications broke off for good after 70,000 bytes."""
    server.put("classifications")
    server.storage_events = [Cut(70_000)]
    with pytest.raises(RetriesExhaustedError, match="after 70,000 of"):
        fetch(kinds=("classifications",), attempts=1)


def test_a_later_call_downloads_only_the_rest(server, fetch, inbox, stopped):
    (fetched,) = fetch(kinds=("classifications",))
    assert (inbox / NAME).read_bytes() == CLASSIFICATIONS
    assert server.storage_log[-1].headers["Range"] == "bytes=70000-"
    assert fetched.note.endswith("24 hours. 70,000 bytes of it were here from before.")
    assert not list((inbox.parent / "downloads").glob("*"))


def test_a_later_call_begins_again_where_the_server_has_another_file(server, fetch, inbox, stopped):
    server.storage_events = ["replaced"]
    (fetched,) = fetch(kinds=("classifications",))
    assert (inbox / NAME).read_bytes() == CLASSIFICATIONS.replace(b"Yes", b"Nay")
    assert "from before" not in fetched.note


@pytest.mark.parametrize("damage", [b"", b"no JSON", b'["a"]', b'{"length": 1}', b'{"total": 5}'])
def test_bytes_of_which_nothing_is_known_are_not_gone_on_with(server, fetch_one, inbox, stopped, damage):
    (description,) = (inbox.parent / "downloads").glob("*.json")
    description.write_bytes(damage)
    assert fetch_one() == CLASSIFICATIONS
    assert "Range" not in server.storage_log[-1].headers


def test_a_complete_file_that_could_not_be_put_in_place_is_not_downloaded_again(server, fetch, inbox):
    server.put("classifications")
    inbox.parent.mkdir()
    inbox.write_text("a file in the place of the folder")
    with pytest.raises(FetchError, match="it cannot be written to"):
        fetch(kinds=("classifications",))
    inbox.unlink()
    fetch(kinds=("classifications",))
    assert (inbox / NAME).read_bytes() == CLASSIFICATIONS
    assert server.storage_log[-1].headers["Range"] == f"bytes={len(CLASSIFICATIONS) - 1}-"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_of_a_download_to_a_full_disk_nothing_is_kept(server, fetch, inbox):
    server.put("classifications")
    downloads = inbox.parent / "downloads"
    downloads.mkdir(parents=True)
    (downloads / f"{NAME}.part").symlink_to("/dev/full")
    with pytest.raises(FetchError, match=r"it cannot be written to .* \(No space left on device\)"):
        fetch(kinds=("classifications",))
    assert not list(downloads.iterdir())


def test_a_file_that_is_in_place_is_not_downloaded_again(server, fetch, inbox):
    server.put("classifications")
    fetch(kinds=("classifications",))
    progress: list[tuple] = []
    (fetched,) = fetch(kinds=("classifications",), progress=lambda *step: progress.append(step))
    assert (fetched.path, fetched.note) == (inbox / NAME, "it was in place already.")
    assert fetched.n_bytes == len(CLASSIFICATIONS)
    assert "downloading" not in {text for _, text, _, _ in progress}


def test_a_file_that_was_changed_or_is_of_before_is_downloaded(server, fetch_one, inbox):
    fetch_one()
    (inbox / NAME).write_bytes(CLASSIFICATIONS.replace(b"Yes", b"Nay"))
    assert fetch_one() == CLASSIFICATIONS
    server.put("classifications", content=CLASSIFICATIONS.replace(b"Yes", b"Ja!"), hours_ago=0.5)
    assert fetch_one() == CLASSIFICATIONS.replace(b"Yes", b"Ja!")


def test_another_process_that_downloads_the_same_is_waited_for(server, fetch, inbox):
    server.put("classifications")
    downloads = inbox.parent / "downloads"
    downloads.mkdir(parents=True)
    lock = FileLock(downloads / f"{NAME}.lock")
    with lock, pytest.raises(FetchError, match="another process is still downloading it"):
        fetch(kinds=("classifications",), wait_hours=0.0001)
    assert not server.storage_log

    def release(_name: str, text: str, *_: object) -> None:
        if text == "another process downloads it; waiting for that":
            lock.release()

    lock.acquire()
    fetch(kinds=("classifications",), progress=release)
    assert not lock.is_locked
    assert (inbox / NAME).read_bytes() == CLASSIFICATIONS


def test_what_nobody_went_on_with_is_removed(tmp_path):
    old, new = PartialFile(tmp_path, "1-subjects.csv"), PartialFile(tmp_path, NAME)
    for part in (old, new):
        part.begin(HostFile(100, '"tag"'))
    two_days_ago = time.time() - 48.5 * 3600
    for path in tmp_path.iterdir():
        os.utime(path, (two_days_ago, two_days_ago))
    # Bytes were added since, to the file only.
    new.path.write_bytes(b"more")
    (tmp_path / "notes.txt").touch()
    cannot_be_removed = tmp_path / "folder.part"
    cannot_be_removed.mkdir()
    os.utime(cannot_be_removed, (two_days_ago, two_days_ago))
    remove_old(tmp_path, 48)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{NAME}.json",
        f"{NAME}.part",
        "notes.txt",
        "folder.part",
    }
