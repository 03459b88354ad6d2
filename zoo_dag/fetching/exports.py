"""All exports of a project, or of parts of it: requested together, then each polled, downloaded and checked."""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zoo_dag.errors import FULL, FetchError
from zoo_dag.exports.limits import DEFAULT_LIMITS, Limits
from zoo_dag.fetching.api import PanoptesApi, connect
from zoo_dag.fetching.download import Downloaded, download
from zoo_dag.fetching.media import Media
from zoo_dag.fetching.partial_file import PartialFile, remove_old
from zoo_dag.fetching.pending_export import PendingExport
from zoo_dag.fetching.resources import Export, Resource, wanted_exports
from zoo_dag.fetching.retries import RetriesExhaustedError
from zoo_dag.fetching.verification import verify_export
from zoo_dag.settings.fetching import Fetching
from zoo_dag.tables.layouts import Kind

KINDS: tuple[Kind, ...] = ("classifications", "subjects", "workflows")
# File systems keep times with few digits, but no two files of an export are stored so soon after each other.
_SAME_SECONDS = 0.001
_BUSY = "another process downloads it; waiting for that"

# Called with the name of an export, its current activity, and during a download the bytes received and the total
# (if known). The text changes seldom, the bytes with every quarter of a megabyte.
Progress = Callable[[str, str, int, int | None], None]


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch: a project by its id, its slug `owner/name` or its address, and the target folder.

    Of `parts`, workflows and subject sets of the project, the classifications are fetched instead of those of the
    project. `downloads` is a folder for unfinished files, on the same disk, in which they stay for a later call.
    Without `ask`, no new exports are requested: those that the server has are downloaded, without waiting. One
    beyond the `limits` is not put in place.
    """

    project: int | str
    target: Path
    downloads: Path
    kinds: Sequence[Kind] = KINDS
    parts: Sequence[Resource] = ()
    ask: bool = True
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True)
class Fetched:
    """A downloaded export.

    `finished_at` (UTC) is when the server finished it, and the modification time of the file. `requested` says
    whether it was generated for this call; `note` is what else the user should know, in sentences, or "".
    """

    export: Export
    path: Path
    n_bytes: int
    finished_at: datetime
    requested: bool
    note: str


def fetch_exports(request: FetchRequest, options: Fetching, progress: Progress) -> list[Fetched]:
    """Download the newest exports of a project into a folder, under the names that `Export` gives them.

    The login comes from the environment, see `connect`. A finished export younger than `newest_hours` is
    downloaded as it is, unless it is in place, one in progress is waited for, any other is requested. Where a new
    export cannot be fetched, an existing file stays as it was.

    Raises FetchError, naming each export that could not be fetched; the others are stored then. It is a
    RetriesExhaustedError where another call may succeed.
    """
    remove_old(request.downloads, options.lost_hours)
    api = connect(options)
    project = api.project_id(request.project)
    wanted = wanted_exports(project, request.kinds, request.parts)
    for export in wanted:
        if not export.is_of_project:
            api.require_part(export.resource, project)
    pending: list[PendingExport] = []
    problems: list[FetchError] = []
    for export in wanted:
        each = PendingExport(api, export, options)
        progress(export.name, "asking for the export", 0, None)
        try:
            with _named(export):
                each.start(ask=request.ask)
        except RetriesExhaustedError:
            # It would be so with the others.
            raise
        except FetchError as error:
            problems.append(error)
            progress(export.name, "refused", 0, None)
        else:
            pending.append(each)
            progress(export.name, _waiting(each), 0, None)
    return _Downloads(api, request, options, progress).complete(pending, problems)


class _Downloads:
    """The second half of a fetch: each export is polled, and downloaded once it is ready."""

    def __init__(self, api: PanoptesApi, request: FetchRequest, options: Fetching, progress: Progress) -> None:
        self._api = api
        self._target = request.target
        self._folder = request.downloads
        self._limits = request.limits
        self._options = options
        self._progress = progress
        self._failed_polls: dict[Export, int] = {}

    def complete(self, pending: Sequence[PendingExport], refused: Sequence[FetchError]) -> list[Fetched]:
        """Download those that are pending; raises what was refused before as well."""
        deadline = time.monotonic() + self._options.wait_hours * 3600
        pause = self._options.poll_seconds
        fetched: list[Fetched] = []
        problems = list(refused)
        missing = list(pending)
        while missing:
            late = time.monotonic() > deadline
            for each in list(missing):
                try:
                    with _named(each.export):
                        ready = self._poll(each, late=late)
                        if ready is None:
                            continue
                        fetched.append(self._download(each, ready))
                except FetchError as error:
                    problems.append(error)
                missing.remove(each)
            if missing:
                time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
                pause = min(pause * 1.5, max(pause, self._options.slowest_poll_seconds))
        if problems:
            in_place = "".join(f" {each.path.name} is in place." for each in fetched)
            # Another call may succeed if it may succeed for one of them.
            transient = any(isinstance(problem, RetriesExhaustedError) for problem in problems)
            kind = RetriesExhaustedError if transient else FetchError
            raise kind(" ".join(map(str, problems)) + in_place)
        order = [each.export for each in pending]
        return sorted(fetched, key=lambda each: order.index(each.export))

    def _poll(self, pending: PendingExport, *, late: bool) -> Media | None:
        export = pending.export
        try:
            ready = pending.poll()
        except RetriesExhaustedError:
            # Waiting may take hours, in which the server may be down for a while.
            self._failed_polls[export] = self._failed_polls.get(export, 0) + 1
            if late or self._failed_polls[export] >= self._options.attempts:
                raise
            return None
        self._failed_polls.pop(export, None)
        if ready is None and late:
            raise FetchError(
                f"it is not ready after {self._options.wait_hours:g} hours ({pending.state}). The server makes "
                "one of a kind in 24 hours, and drops another request silently. Fetch again later: an export in "
                "progress is waited for, not requested again."
            )
        self._progress(export.name, _waiting(pending), 0, None)
        return ready

    def _download(self, pending: PendingExport, ready: Media) -> Fetched:
        export, target = pending.export, self._target / pending.export.file_name
        part = PartialFile(self._folder, export.file_name)
        try:
            with part.alone(self._options.wait_hours * 3600, lambda: self._progress(export.name, _BUSY, 0, None)):
                file = download(
                    lambda: self._address(export),
                    part,
                    self._options,
                    lambda done, total: self._progress(export.name, "downloading", done, total),
                    lambda n_bytes, stored_at: _is_in_place(target, n_bytes, _finished_at(ready, stored_at)),
                )
                finished_at = _finished_at(ready, file.stored_at)
                if not file.is_present:
                    self._put_in_place(export, part, target, finished_at)
        except OSError as error:
            if error.errno in FULL:
                # What cannot go on must not keep others from writing.
                part.remove()
            where = error.filename or self._folder
            raise FetchError(f"it cannot be written to {where} ({error.strerror}).") from None
        self._progress(export.name, "in place", file.n_bytes, file.n_bytes)
        return Fetched(export, target, file.n_bytes, finished_at, pending.requested, _note(pending, file))

    def _put_in_place(self, export: Export, part: PartialFile, target: Path, finished_at: datetime) -> None:
        try:
            verify_export(part.path, export.kind, self._limits)
        except FetchError:
            part.remove()
            raise
        _replace(part.path, target, finished_at)
        part.remove()

    def _address(self, export: Export) -> str:
        described = self._api.describe(export)
        if described is None:
            raise FetchError("the server no longer has it.")
        return described.address


def _waiting(pending: PendingExport) -> str:
    activity = "requested" if pending.requested else "waiting"
    return f"{activity}, {pending.state}" if pending.state else activity


def _note(pending: PendingExport, file: Downloaded) -> str:
    if file.is_present:
        return "it was in place already."
    kept = f"{file.n_kept:,} bytes of it were here from before." if file.n_kept else ""
    return " ".join(filter(None, (pending.note, kept)))


@contextmanager
def _named(export: Export) -> Iterator[None]:
    try:
        yield
    except RetriesExhaustedError as error:
        raise RetriesExhaustedError(f"{export.full_name}: {error}") from None
    except FetchError as error:
        raise FetchError(f"{export.full_name}: {error}") from None


def _finished_at(ready: Media, stored_at: datetime | None) -> datetime:
    """The state of an export can change without its file, so the older of both times is that of the file."""
    return min(ready.updated_at, stored_at or ready.updated_at)


def _is_in_place(target: Path, n_bytes: int | None, finished_at: datetime) -> bool:
    """Whether the file is the one that an earlier call has put there; whoever changed it changed its time."""
    try:
        state = target.stat()
    except OSError:
        return False
    return state.st_size == n_bytes and abs(state.st_mtime - finished_at.timestamp()) < _SAME_SECONDS


def _replace(part: Path, target: Path, finished_at: datetime) -> None:
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
