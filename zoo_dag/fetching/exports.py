"""All exports of a project: requested together, then each polled, downloaded and checked."""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zoo_dag.errors import FetchError
from zoo_dag.exports.limits import DEFAULT_LIMITS, Limits
from zoo_dag.fetching.api import PanoptesApi, connect
from zoo_dag.fetching.download import download
from zoo_dag.fetching.media import Media
from zoo_dag.fetching.pending_export import PendingExport
from zoo_dag.fetching.retries import RetriesExhaustedError
from zoo_dag.fetching.verification import verify_export
from zoo_dag.settings.fetching import Fetching
from zoo_dag.tables.layouts import Kind

KINDS: tuple[Kind, ...] = ("classifications", "subjects", "workflows")

# Called with the kind, its current activity, and during a download the bytes received and the total (if known).
# The text changes seldom, the bytes with every quarter of a megabyte.
Progress = Callable[[Kind, str, int, int | None], None]


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch: a project by its id, its slug `owner/name` or its address, and the target folder.

    `staging` is a folder for unfinished files, on the same disk. Without `ask`, no new exports are requested:
    those that the server has are downloaded, without waiting. One beyond the `limits` is not put in place.
    """

    project: int | str
    target: Path
    staging: Path
    kinds: Sequence[Kind] = KINDS
    ask: bool = True
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True)
class Fetched:
    """A downloaded export.

    `finished_at` (UTC) is when the server finished it, and the modification time of the file. `requested` says
    whether it was generated for this call; `note` is a further sentence for the user, or "".
    """

    kind: Kind
    path: Path
    n_bytes: int
    finished_at: datetime
    requested: bool
    note: str


def fetch_exports(request: FetchRequest, options: Fetching, progress: Progress) -> list[Fetched]:
    """Download the newest exports of a project into a folder, as `<project id>-<kind>.csv`.

    The login comes from the environment, see `connect`. A finished export younger than `newest_hours` is
    downloaded as it is, one in progress is waited for, any other is requested. Where a new export cannot be
    fetched, an existing file stays as it was.

    Raises FetchError, naming each export that could not be fetched; the others are stored then. It is a
    RetriesExhaustedError where another call may succeed.
    """
    api = connect(options)
    number = api.project_id(request.project)
    pending = [PendingExport(api, number, kind, options) for kind in dict.fromkeys(request.kinds)]
    for export in pending:
        progress(export.kind, "asking for the export", 0, None)
        with _named(export.kind, number):
            export.start(ask=request.ask)
        progress(export.kind, _waiting(export), 0, None)
    return _Downloads(api, number, request, options, progress).complete(pending)


class _Downloads:
    """The second half of a fetch: each export is polled, and downloaded once it is ready."""

    def __init__(
        self, api: PanoptesApi, project: int, request: FetchRequest, options: Fetching, progress: Progress
    ) -> None:
        self._api = api
        self._project = project
        self._target = request.target
        self._staging = request.staging
        self._limits = request.limits
        self._options = options
        self._progress = progress
        self._failed_polls: dict[Kind, int] = {}

    def complete(self, pending: Sequence[PendingExport]) -> list[Fetched]:
        deadline = time.monotonic() + self._options.wait_hours * 3600
        pause = self._options.poll_seconds
        fetched: list[Fetched] = []
        problems: list[FetchError] = []
        missing = list(pending)
        self._staging.mkdir(parents=True, exist_ok=True)
        while missing:
            late = time.monotonic() > deadline
            for export in list(missing):
                try:
                    with _named(export.kind, self._project):
                        ready = self._poll(export, late=late)
                        if ready is None:
                            continue
                        fetched.append(self._download(export, ready))
                except FetchError as error:
                    problems.append(error)
                missing.remove(export)
            if missing:
                time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
                pause = min(pause * 1.5, max(pause, self._options.slowest_poll_seconds))
        if problems:
            in_place = "".join(f" {each.path.name} is in place." for each in fetched)
            # Another call may succeed if it may succeed for one of them.
            transient = any(isinstance(problem, RetriesExhaustedError) for problem in problems)
            kind = RetriesExhaustedError if transient else FetchError
            raise kind(" ".join(map(str, problems)) + in_place)
        return sorted(fetched, key=lambda each: KINDS.index(each.kind))

    def _poll(self, export: PendingExport, *, late: bool) -> Media | None:
        try:
            ready = export.poll()
        except RetriesExhaustedError:
            # Waiting may take hours, in which the server may be down for a while.
            self._failed_polls[export.kind] = self._failed_polls.get(export.kind, 0) + 1
            if late or self._failed_polls[export.kind] >= self._options.attempts:
                raise
            return None
        self._failed_polls.pop(export.kind, None)
        if ready is None and late:
            raise FetchError(
                f"it is not ready after {self._options.wait_hours:g} hours ({export.state}). The server makes one "
                "of a kind in 24 hours, and drops another request silently. Fetch again later: an export in "
                "progress is waited for, not requested again."
            )
        self._progress(export.kind, _waiting(export), 0, None)
        return ready

    def _download(self, export: PendingExport, ready: Media) -> Fetched:
        kind = export.kind
        name = f"{self._project}-{kind}.csv"
        part = self._staging / f".{name}.part"
        try:
            file = download(
                lambda: self._address(kind),
                part,
                self._options,
                lambda done, total: self._progress(kind, "downloading", done, total),
            )
            verify_export(part, kind, self._limits)
            # The state of an export can change without its file, so the older of both times is that of the file.
            finished_at = min(ready.updated_at, file.stored_at or ready.updated_at)
            path = _put_in_place(part, self._target / name, finished_at)
        except OSError as error:
            where = error.filename or self._staging
            raise FetchError(f"it cannot be written to {where} ({error.strerror}).") from None
        self._progress(kind, "in place", file.n_bytes, file.n_bytes)
        return Fetched(kind, path, file.n_bytes, finished_at, export.requested, export.note)

    def _address(self, kind: Kind) -> str:
        described = self._api.describe(self._project, kind)
        if described is None:
            raise FetchError("the server no longer has it.")
        return described.address


def _waiting(export: PendingExport) -> str:
    activity = "requested" if export.requested else "waiting"
    return f"{activity}, {export.state}" if export.state else activity


@contextmanager
def _named(kind: Kind, project: int) -> Iterator[None]:
    try:
        yield
    except RetriesExhaustedError as error:
        raise RetriesExhaustedError(_about(kind, project, error)) from None
    except FetchError as error:
        raise FetchError(_about(kind, project, error)) from None


def _about(kind: Kind, project: int, error: FetchError) -> str:
    return f"The {kind} export of project {project}: {error}"


def _put_in_place(part: Path, target: Path, finished_at: datetime) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.utime(part, (finished_at.timestamp(), finished_at.timestamp()))
    try:
        os.replace(part, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The inbox is on another disk: copy to a hidden name beside the target first.
        beside = target.with_name(f".{target.name}.part")
        try:
            shutil.copy2(part, beside)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    return target
