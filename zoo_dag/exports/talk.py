"""The comments export of Talk: what people wrote about each subject (docs/exports.md, Talk).

One comment is read at a time and its text is not kept, so that memory stays bounded.
"""

import codecs
import functools
import io
import json
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from zoo_dag.errors import ExportError
from zoo_dag.exports.containers import container_of, open_export
from zoo_dag.tables.pooled import OF_TALK
from zoo_dag.wording.sentences import listed, quoted

# Talk's rule for a tag, and its text in place of a deleted comment (talk-api, `comment/tagging.rb`, `comment.rb`).
_TAG = re.compile(r"(?:^|[ \t\r\n\f\v])#([-0-9A-Za-z_]{3,40})", re.MULTILINE)
_DELETED = "This comment has been deleted"
_NEEDED = ("comment_id", "comment_body", "comment_focus_id", "comment_focus_type", "comment_created_at")
_TIME = OF_TALK["talk_latest_at"].dtype
_SCHEMA = pl.Schema({"subject_id": pl.Int64(), "created_at": _TIME, "tags": pl.List(pl.String)})
_CHUNK = 1 << 16
_AT_ONCE = 10_000
# No comment is as long, and more would be read into memory where the JSON is broken.
_LONGEST = 1 << 24
_BETWEEN = re.compile(r"[\s,]*")
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
# What damaged archives raise, by what is damaged; ValueError for numbers in the headers of a tar archive.
_DAMAGED = (OSError, EOFError, tarfile.TarError, zlib.error, lzma.LZMAError, ValueError)
_SUBJECT = "subject_ids"
_ID = re.compile(r"[1-9][0-9]{0,17}")


def kind_of_talk_export(start: bytes) -> str | None:
    """What kind of Talk export starts like this, decompressed: `comments`, `tags`, or none."""
    if start.startswith(_TAR_MARK, _TAR_MARK_AT):
        match = re.match(rb"[^\0]*-(comments|tags)_[^\0]*\.json\0", start)
        return match[1].decode() if match else None
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not re.match(rb"\[\s*\{", text):
        return None
    return "comments" if b'"comment_focus_id"' in text else "tags" if b'"taggable_id"' in text else None


def read_comments(file: Path) -> pl.DataFrame:
    """The comments about subjects in a comments export of Talk, as downloaded or unpacked.

    Returns `subject_id: Int64`, `created_at: Datetime` (UTC) and `tags: List(String)`, in lower case, each once.
    Deleted comments are left out, and those about no subject. Raises ExportError where the file is not one.
    """
    try:
        state = file.stat()
        return _read(file, state.st_mtime_ns, state.st_size)
    except UnicodeDecodeError:
        raise ExportError(f"{file}: not in UTF-8. Download the comments export of Talk again.") from None
    except _DAMAGED as error:
        raise ExportError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None


# A run needs it for each of its workflows.
@functools.lru_cache(maxsize=1)
def _read(file: Path, _modified: int, _n_bytes: int) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=_SCHEMA)]
    with _opened(file) as stream:
        entries = enumerate(_entries(stream, file), 1)
        comments = (_comment(entry, f"{file}: comment {number}") for number, entry in entries)
        about_subjects = filter(None, comments)
        while rows := list(islice(about_subjects, _AT_ONCE)):
            frames.append(pl.DataFrame(rows, _SCHEMA, orient="row"))
    return pl.concat(frames, rechunk=True)


def with_comments(units: pl.LazyFrame, comments: pl.DataFrame) -> pl.LazyFrame:
    """`units` with `talk_comments`, `talk_tags` and `talk_latest_at` of `subject_summary`.

    Takes `subject_ids`, and what `read_comments` returns. Of subjects that were shown together, the comments about
    any of them count.
    """
    ids = pl.col(_SUBJECT).str.split(";").cast(pl.List(pl.Int64))
    members = units.select(_SUBJECT, subject_id=ids).explode("subject_id")
    about = members.join(comments.lazy(), on="subject_id", how="inner")
    counts = about.group_by(_SUBJECT).agg(
        talk_comments=pl.len().cast(pl.Int64), talk_latest_at=pl.col("created_at").max()
    )
    each = about.explode("tags", empty_as_null=False).drop_nulls("tags").group_by(_SUBJECT, "tags").len()
    in_order = each.sort("len", "tags", descending=[True, False]).group_by(_SUBJECT, maintain_order=True)
    tags = in_order.agg(talk_tags=pl.col("tags"))
    joined = units.join(counts, on=_SUBJECT, how="left").join(tags, on=_SUBJECT, how="left")
    others = pl.exclude(list(OF_TALK))
    return joined.select(
        others,
        pl.col("talk_comments").fill_null(0),
        pl.col("talk_tags").fill_null(pl.lit([], pl.List(pl.String))),
        "talk_latest_at",
    )


def _comment(entry: Any, where: str) -> tuple[int, datetime, list[str]] | None:
    """Subject, time and tags of a comment; None where it is about no subject, or deleted.

    A board or discussion without a comment has an entry too.
    """
    if not isinstance(entry, Mapping):
        raise ExportError(f"{where}: expected a comment, found {quoted(str(entry)[:40])}.")
    missing = [name for name in _NEEDED if name not in entry]
    if missing:
        tags = " The tags export is not needed: its tags are in the comments." if "taggable_id" in entry else ""
        raise ExportError(f"{where} has no {missing[0]}. Expected the comments export of Talk.{tags}")
    body = entry["comment_body"]
    if entry["comment_focus_type"] != "Subject" or not isinstance(body, str) or body == _DELETED:
        return None
    given_subject, given_time = str(entry["comment_focus_id"]), str(entry["comment_created_at"])
    if not _ID.fullmatch(given_subject):
        raise ExportError(f"{where}: its subject is {quoted(given_subject)}, which is no id.")
    try:
        when = datetime.fromisoformat(given_time)
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (OverflowError, ValueError):
        raise ExportError(f"{where}: its time cannot be read: {quoted(given_time)}.") from None
    return int(given_subject), when, list(dict.fromkeys(tag.lower() for tag in _TAG.findall(body)))


def _entries(stream: IO[bytes], file: Path) -> Iterator[Any]:
    """The elements of the array in a JSON file, one after the other."""
    decoder, reader = json.JSONDecoder(), io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    text = reader.read(_CHUNK).lstrip()
    if not text.startswith("["):
        raise ExportError(f"{file}: not the comments export of Talk: expected a list in JSON.")
    at = 1
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
        if text.startswith("]", at):
            # An archive is known to be whole at its end.
            _read_to_end(reader)
            return
        try:
            entry, at = decoder.raw_decode(text, at)
        except (RecursionError, ValueError):
            text, at = text[at:], 0
            # Doubled each time: a long comment is not read again for each small piece of it.
            more = reader.read(max(_CHUNK, len(text)))
            if not more or len(text) > _LONGEST:
                raise ExportError(f"{file}: the JSON is broken. Download the comments export again.") from None
            text += more
            continue
        yield entry


def _read_to_end(stream: IO[bytes] | IO[str]) -> None:
    while stream.read(_CHUNK):
        pass


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The JSON in a file: in a tar archive, compressed, or plain."""
    if not (container_of(file) != "zip" and tarfile.is_tarfile(file)):
        with open_export(file) as stream:
            yield stream
        return
    with tarfile.open(file) as archive:
        members = [each for each in archive if each.isfile() and each.name.endswith(".json")]
        _read_to_end(cast(IO[bytes], archive.fileobj))
        if len(members) != 1:
            found = listed(quoted(each.name) for each in members) or "none"
            raise ExportError(f"{file}: expected one JSON file in the archive, found {found}.")
        yield cast(IO[bytes], archive.extractfile(members[0]))
