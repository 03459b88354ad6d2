"""What a stand-in for the Zooniverse API and its storage host knows; `panoptes_hosts` lets both run.

It keeps the rules of the real one: a login by form and cookie gives a token; a request for an export sets its
state to `creating` at once; of two requests within 24 hours the second is dropped without a word, and the state
stays `creating`; an address of a file is signed, and refused with XML once it has expired.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

PROJECT = 1234
SLUG = "owner/bird-count"
KINDS = ("classifications", "subjects", "workflows")
USERNAME, PASSWORD = "researcher", "correct horse"
CLIENT_ID, CLIENT_SECRET = "app-id", "app-secret"


@dataclass
class Stored:
    """A file at the storage host; `repeated` times the same bytes for a large one."""

    content: bytes
    modified: datetime
    encoding: str = ""
    repeated: int = 1

    @property
    def tag(self) -> str:
        return f'"{hash((self.content, self.repeated)) & 0xFFFFFFFF:x}"'

    @property
    def size(self) -> int:
        return len(self.content) * self.repeated

    def slices(self, start: int) -> Iterator[bytes]:
        if self.repeated > 1:
            assert start == 0
            yield from (self.content for _ in range(self.repeated))
        else:
            yield self.content[start:]


@dataclass
class Export:
    """One export: what its description says, and its file."""

    state: str
    updated_at: datetime
    file: Stored | None = None


@dataclass(frozen=True)
class Answer:
    """An answer that the next request gets in place of the right one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Cut:
    """A transfer that breaks off after so many bytes, by a reset of the connection or a silent end."""

    after: int
    reset: bool = False


@dataclass(frozen=True)
class Seen:
    """A request that a server got."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: datetime


class PanoptesServer:
    """The state of both hosts. Tests set it, and read in `api_log` and `storage_log` what was asked."""

    def __init__(self) -> None:
        # By kind, of parts of the project by their path and kind, such as `workflows/55/classifications`.
        self.exports: dict[str, Export] = {}
        # The project of each workflow and subject set, by their path.
        self.parts: dict[str, int] = {}
        self.contents: dict[str, Stored] = {}
        self.editors = {USERNAME, CLIENT_ID}
        self.token_seconds = 7200
        # For how many polls an export is in progress, and how many polls before these return the previous
        # description.
        self.polls_in_progress = 1
        self.stale_polls = 0
        # How the jobs of a kind end, one after the other; then "ready". "silent" never ends.
        self.outcomes: dict[str, list[str]] = {}
        self.jobs: dict[str, datetime] = {}
        self.api_answers: list[Answer] = []
        self.sign_in_answers: list[Answer] = []
        self.storage_events: list[Answer | Cut | str] = []
        self.ranges = True
        self.marks = True
        self.lengths = True
        self.api_log: list[Seen] = []
        self.storage_log: list[Seen] = []
        self._tokens: dict[str, str] = {}
        self._signatures: set[str] = set()
        self._numbers = count()
        self._polls: dict[str, int] = {}
        self._before: dict[str, Export | None] = {}
        self._ending: dict[str, str] = {}
        self.lock = threading.RLock()
        self.api_url = self.storage_url = ""

    def put(self, kind: str, state: str = "ready", *, hours_ago: float = 1, **stored: Any) -> Export:
        """An export that is there from the start, with the content of `contents`, or `content` if passed."""
        then = datetime.now(UTC) - timedelta(hours=hours_ago)
        content = stored.pop("content", None)
        file = self.contents[kind] if content is None else Stored(content, then, **stored)
        export = Export(state, then, Stored(file.content, then, file.encoding, file.repeated))
        self.exports[kind] = export
        if hours_ago < 24:
            self.jobs[kind] = then
        return export

    def requests(self, kind: str) -> int:
        """How often an export was asked for."""
        path = f"/{kind}_export" if "/" in kind else f"/projects/{PROJECT}/{kind}_export"
        return sum(seen.method == "POST" and seen.path.endswith(path) for seen in self.api_log)

    def downloads(self, kind: str) -> list[Seen]:
        """The requests for the file of an export."""
        return [seen for seen in self.storage_log if seen.path == f"/{kind}"]

    def request(self, kind: str) -> Export:
        now = datetime.now(UTC)
        self._before[kind] = self.exports.get(kind)
        file = self._before[kind].file if self._before[kind] else None
        self.exports[kind] = Export("creating", now, file)
        self._polls[kind] = -self.stale_polls
        last = self.jobs.get(kind)
        if last is not None and now - last < timedelta(hours=24):
            self._ending[kind] = "silent"
        else:
            outcomes = self.outcomes.get(kind, [])
            self._ending[kind] = outcomes.pop(0) if outcomes else "ready"
            self.jobs[kind] = now
        return self.exports[kind]

    def poll(self, kind: str) -> Export | None:
        if kind not in self._ending:
            return self.exports.get(kind)
        self._polls[kind] += 1
        if self._polls[kind] <= 0:
            return self._before[kind]
        export = self.exports[kind]
        if self._polls[kind] > self.polls_in_progress and self._ending[kind] != "silent":
            export.state = self._ending.pop(kind)
            export.updated_at = max(datetime.now(UTC), export.updated_at + timedelta(milliseconds=1))
            if export.state == "ready":
                new = self.contents[kind]
                export.file = Stored(new.content, export.updated_at, new.encoding, new.repeated)
            if export.state == "failed":
                # The limit of the real server is of minor interest where a job has failed.
                self.jobs.pop(kind, None)
        return export

    def goes_on_by_itself(self, kind: str, ending: str = "ready") -> None:
        """Finish an export that is in progress from the start after some polls."""
        self._polls[kind] = 0
        self._ending[kind] = ending

    def address(self, kind: str) -> str:
        signature = f"SIGNATURE{next(self._numbers)}"
        self._signatures.add(signature)
        return f"{self.storage_url}/{kind}?X-Signature={signature}"

    def token(self, user: str) -> str:
        token = f"TOKEN{len(self._tokens)}"
        self._tokens[token] = user
        return token

    def user(self, token: str | None) -> str | None:
        return self._tokens.get(token or "")

    def accepts(self, signature: str) -> bool:
        return signature in self._signatures

    def expire(self, signature: str) -> None:
        self._signatures.discard(signature)
