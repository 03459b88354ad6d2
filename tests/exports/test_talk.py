"""The comments export of Talk."""

import gzip
import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo_dag.errors import ExportError, NotAnExportError
from zoo_dag.exports import talk
from zoo_dag.exports.files import find_exports, identify
from zoo_dag.exports.talk import read_comments, with_comments

MARCH, MAY = "2024-03-05T01:02:03.475Z", "2024-05-05T01:02:03.000Z"


def comment(body: str | None, subject: Any = 1001, when: Any = MARCH, **other: Any) -> dict[str, Any]:
    entry = {
        "board_id": 7,
        "discussion_title": "Subject 1001",
        "comment_id": 55,
        "comment_body": body,
        "comment_focus_id": subject,
        "comment_focus_type": "Subject",
        "comment_user_login": "somebody",
        "comment_created_at": when,
    }
    return entry | other


def write(folder: Path, entries: list[Any], name: str = "comments.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(entries), encoding="utf-8")
    return file


def archive(folder: Path, *contents: tuple[str, bytes]) -> Path:
    file = folder / "project-1-comments_2024-03-06.tar.gz"
    with tarfile.open(file, "w:gz") as written:
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            written.addfile(member, io.BytesIO(content))
    return file


def test_comments_about_subjects_are_read_with_their_tags(tmp_path):
    entries = [
        comment("A #Fox, or a #red-fox? #fox\n#blue_1 not# this, #ab, a#b"),
        comment("About another one", subject="1002", when=MAY),
        comment("A collection", comment_focus_type="Collection"),
        comment("The board", subject=None, comment_focus_type=None),
        comment("This comment has been deleted"),
        comment(None, subject=None, when=None, comment_focus_type=None, comment_id=None),
    ]
    march, may = datetime(2024, 3, 5, 1, 2, 3, 475_000, UTC), datetime(2024, 5, 5, 1, 2, 3, 0, UTC)
    expected = [(1001, march, ["fox", "red-fox", "blue_1"]), (1002, may, [])]
    assert read_comments(write(tmp_path, entries)).rows() == expected


def test_a_tag_ends_after_40_letters_as_talk_cuts_it(tmp_path):
    assert read_comments(write(tmp_path, [comment("#" + "a" * 50)]))["tags"].to_list() == [["a" * 40]]


def test_the_file_may_be_as_downloaded_or_unpacked(tmp_path):
    plain = write(tmp_path, [comment("#fox"), comment("#wolf")])
    compressed = tmp_path / "comments.json.gz"
    compressed.write_bytes(gzip.compress(plain.read_bytes()))
    packed = archive(tmp_path, ("project-1-comments_2024-03-06.json", plain.read_bytes()), ("read me", b""))
    for file in (plain, compressed, packed):
        assert read_comments(file)["tags"].to_list() == [["fox"], ["wolf"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "expected a list in JSON"),
        ('{"comment_id": 1}', "expected a list in JSON"),
        ("[1]", r"comment 1: expected a comment, found .1"),
        ("[{}", r"comment 1 has no comment_id\. Expected the comments export of Talk\.$"),
        (json.dumps([{"id": 5, "name": "fox", "taggable_id": 1001}]), r"The tags export is not needed"),
        (
            json.dumps([comment("a"), comment("b", subject="x" * 9000)]),
            r"comment 2: its subject is `x{,40}…`, which",
        ),
        (
            json.dumps([comment("a", subject=2**63)]),
            r"comment 1: its subject is `9223372036854775808`, which is no",
        ),
        (json.dumps([comment("a", subject=1001.5)]), r"comment 1: its subject is `1001\.5`, which is no id"),
        (json.dumps([comment("a", subject=True)]), r"comment 1: its subject is `True`, which is no id"),
        (
            json.dumps([comment("a", when="5 March" * 99)]),
            r"comment 1: its time cannot be read: `[5 March]{,40}…`\.",
        ),
        (json.dumps([comment("a", when=None)]), r"comment 1: its time cannot be read: `None`"),
        (json.dumps([comment("a", when="0001-01-01T00:00:00+14:00")]), r"comment 1: its time cannot be read"),
        (json.dumps([comment("a")])[:-9], "the JSON is broken"),
        (json.dumps([comment("a")])[:-1], "the JSON is broken"),
        ("[" * 100_000, "the JSON is broken"),
    ],
)
def test_what_is_no_comments_export_is_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "comments.json"
    file.write_text(content)
    with pytest.raises(ExportError, match=sentence):
        read_comments(file)


def test_files_that_cannot_be_read_are_sentences(tmp_path):
    with pytest.raises(ExportError, match=r"none\.json: cannot be read \(No such file"):
        read_comments(tmp_path / "none.json")
    several = archive(tmp_path, *((f"{number}.json", b"[]") for number in range(9)))
    with pytest.raises(
        ExportError, match=r"one JSON file in the archive, found `0\.json`, .* `4\.json` and 4 more\."
    ):
        read_comments(several)
    with tarfile.open(several, "w:gz") as written:
        member = tarfile.TarInfo("a.json")
        member.pax_headers = {"GNU.sparse.size": "many"}
        written.addfile(member)
    with pytest.raises(ExportError, match="cannot be read"):
        read_comments(several)
    damaged = archive(tmp_path, ("a.json", json.dumps([comment(f"a{number}") for number in range(999)]).encode()))
    whole = damaged.read_bytes()
    for content in (whole[:-200], whole[:2000] + b"damaged" + whole[2007:], whole[:-8] + bytes(8)):
        damaged.write_bytes(content)
        with pytest.raises(ExportError, match="cannot be read"):
            read_comments(damaged)
    compressed = tmp_path / "comments.json.gz"
    compressed.write_bytes(gzip.compress(json.dumps([comment("a")]).encode())[:-8] + bytes(8))
    with pytest.raises(ExportError, match="cannot be read"):
        read_comments(compressed)
    (tmp_path / "latin.json").write_bytes(b'[{"comment_body": "\xe9')
    with pytest.raises(ExportError, match="not in UTF-8"):
        read_comments(tmp_path / "latin.json")


@given(
    bodies=st.lists(st.text(max_size=60), max_size=8), chunk=st.integers(1, 400), indent=st.sampled_from([None, 1])
)
@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_wherever_a_piece_of_the_file_ends_each_comment_is_read_once(tmp_path, monkeypatch, bodies, chunk, indent):
    monkeypatch.setattr(talk, "_CHUNK", chunk)
    entries = [comment(f"{body} ", subject=number) for number, body in enumerate(bodies, 1)]
    file = tmp_path / "comments.json"
    file.write_text(json.dumps(entries, indent=indent))
    assert read_comments(file)["subject_id"].to_list() == [*range(1, len(bodies) + 1)]


def test_each_subject_has_its_comments_and_of_several_those_about_any():
    comments = pl.DataFrame(
        {
            "subject_id": [1, 2, 2, 9],
            "created_at": [datetime(2024, month, 1, tzinfo=UTC) for month in (3, 5, 4, 6)],
            "tags": [["fox"], ["bear", "wolf"], ["wolf"], ["elk"]],
        }
    )
    units = pl.LazyFrame({"subject_ids": ["1", "1;2", "2", "3"], "subject_known": True})
    found = with_comments(units, comments).sort("subject_ids").collect()
    assert found.columns == ["subject_ids", "subject_known", "talk_comments", "talk_tags", "talk_latest_at"]
    assert found.select("talk_comments", "talk_tags", pl.col("talk_latest_at").dt.month()).rows() == [
        (1, ["fox"], 3),
        (3, ["wolf", "bear", "fox"], 5),
        (2, ["wolf", "bear"], 5),
        (0, [], None),
    ]


def test_exports_of_talk_beside_exports_are_named(tmp_path):
    plain = write(tmp_path, [comment("a")])
    tags = tmp_path / "tags.csv"
    tags.write_text(json.dumps([{"id": 5, "name": "fox", "taggable_id": 1}]))
    packed = archive(tmp_path, ("project-1-comments_2024-03-06.json", plain.read_bytes()))
    for file, kind in ((plain, "comments"), (tags, "tags"), (packed, "comments")):
        with pytest.raises(
            NotAnExportError, match=rf"this is the {kind} export of Talk\. .* `comments` in `\[talk\]`"
        ):
            identify(file)
    (tmp_path / "workflows.csv").write_text("workflow_id,version,tasks,minor_version\n1,1,{},1\n")
    ignored = find_exports([tmp_path]).ignored
    assert [sentence.partition(":")[0] for sentence in ignored] == [str(packed), str(tags)]
