"""Which files are stored, and which leave the previous file as it is."""

import gzip
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fetching.conftest import CLASSIFICATIONS, CONTENTS, NAME
from zoo_dag.errors import FetchError

PAGE = b"\n<!DOCTYPE html><html><body>Down for maintenance, sorry</body></html>"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (PAGE, r"classifications export of project 1234: the server sent a web page \(HTML or XML\)"),
        (gzip.compress(PAGE), "the server sent a web page"),
        (CONTENTS["subjects"], "the server sent a subjects export in its place"),
        (b"species,count\nwren,3\n", "not an export: the header is not that of a Zooniverse export"),
        (b"", "not an export: the file is empty"),
        (gzip.compress(CLASSIFICATIONS)[:-30], "not an export: the archive is broken"),
    ],
    ids=["page", "compressed page", "another kind", "another table", "nothing", "broken archive"],
)
def test_what_is_not_the_export_asked_for_is_not_put_in_place(server, fetch, inbox, content, sentence):
    inbox.mkdir(parents=True)
    (inbox / NAME).write_bytes(CLASSIFICATIONS)
    server.put("classifications", content=content)
    with pytest.raises(FetchError, match=sentence) as raised:
        fetch(kinds=("classifications",))
    assert "downloads" not in str(raised.value)
    assert [path.name for path in inbox.iterdir()] == [NAME]
    assert (inbox / NAME).read_bytes() == CLASSIFICATIONS


def test_the_newest_export_takes_the_place_of_the_older_one(server, fetch_one, inbox):
    inbox.mkdir(parents=True)
    (inbox / NAME).write_bytes(b"the old one")
    assert fetch_one() == CLASSIFICATIONS
    assert [path.name for path in inbox.iterdir()] == [NAME]


def test_an_inbox_on_another_disk_gets_the_file_too(server, fetch_one, inbox, tmp_path):
    places = [Path("/dev/shm"), Path("/var/tmp")]  # noqa: S108  (on Linux one is in memory, the other on a disk)
    others = [place for place in places if place.is_dir() and place.stat().st_dev != tmp_path.stat().st_dev]
    if not others:
        pytest.skip("no second file system")
    elsewhere = Path(tempfile.mkdtemp(dir=others[0]))
    try:
        inbox.parent.mkdir(parents=True)
        inbox.symlink_to(elsewhere)
        export = server.put("classifications")
        assert fetch_one() == CLASSIFICATIONS
        assert os.listdir(elsewhere) == [NAME]
        assert int((elsewhere / NAME).stat().st_mtime) == int(export.updated_at.timestamp())
    finally:
        shutil.rmtree(elsewhere)


def test_a_folder_that_cannot_be_written_is_a_sentence(server, fetch, inbox):
    server.put("workflows")
    inbox.parent.mkdir(parents=True)
    inbox.write_text("a file in the place of the folder")
    with pytest.raises(FetchError, match=r"workflows export of project 1234: it cannot be written to .*inbox"):
        fetch(kinds=("workflows",))


def test_an_export_whose_file_is_older_than_its_state_is_as_old_as_the_file(server, fetch):
    export = server.put("classifications", hours_ago=2)
    export.file.modified = datetime(2024, 5, 1, 12, tzinfo=UTC)
    (fetched,) = fetch(kinds=("classifications",))
    assert fetched.finished_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
