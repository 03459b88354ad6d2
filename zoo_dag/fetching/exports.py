"""All exports of a project: asked for together, waited for, downloaded, checked, and put in place one by one."""

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
from zoo_dag.fetching.api import PanoptesApi, connect
from zoo_dag.fetching.awaited import AwaitedExport
from zoo_dag.fetching.contents import verify
from zoo_dag.fetching.download import download
from zoo_dag.fetching.media import Media
from zoo_dag.fetching.patience import PersistentError
from zoo_dag.settings.fetching import Fetching
from zoo_dag.tables.layouts import Kind

KINDS: tuple[Kind, ...] = ("classifications", "subjects", "workflows")

# Called with the kind, what is going on with it, and, while it is downloaded, bytes done and in all (if known).
# The text changes seldom, the bytes with every quarter of a megabyte.
Progress = Callable[[Kind, str, int, int | None], None]


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch: a project by its id, its slug `owner/name` or its address, and into which folder.

    `spool` is a folder for unfinished files, on the same disk. Without `ask`, the server is asked for no new
    exports: what is there is taken, and nothing is waited for.
    """

    project: int | str
    target: Path
    spool: Path
    kinds: Sequence[Kind] = KINDS
    ask: bool = True


@dataclass(frozen=True)
class Fetched:
    """An export that is in place.

    `made_at` (UTC) is when the server finished it, also the modification time of the file. `requested` says
    whether it was made for this call; `note` is a sentence where there is more to say, else "".
    """

    kind: Kind
    path: Path
    n_bytes: int
    made_at: datetime
    requested: bool
    note: str


def fetch_exports(request: FetchRequest, options: Fetching, progress: Progress) -> list[Fetched]:
    """Bring the newest exports of a project into a folder, as `<project id>-<kind>.csv`.

    The login comes from the environment, see `connect`. A finished export younger than `newest_hours` is taken as
    it is, one in the making is waited for, any other is asked for. An export that is in place stays as it was
    where the new one cannot be had.

    Raises FetchError, naming each export that could not be had; the others are in place then. It is a
    PersistentError where another try may help.
    """
    api = connect(options)
    number = api.project_id(request.project)
    awaited = [AwaitedExport(api, number, kind, options) for kind in dict.fromkeys(request.kinds)]
    for export in awaited:
        with _named(export.kind, number):
            export.start(ask=request.ask)
        progress(export.kind, _waiting(export), 0, None)
    return _Fetching(api, number, request, options, progress).bring(awaited)


class _Fetching:
    """The second half of a fetch, in which every export is looked at until it is there or has failed."""

    def __init__(
        self, api: PanoptesApi, project: int, request: FetchRequest, options: Fetching, progress: Progress
    ) -> None:
        self._api = api
        self._project = project
        self._target = request.target
        self._spool = request.spool
        self._options = options
        self._progress = progress
        self._misses: dict[Kind, int] = {}

    def bring(self, awaited: Sequence[AwaitedExport]) -> list[Fetched]:
        deadline = time.monotonic() + self._options.wait_hours * 3600
        pause = self._options.poll_seconds
        fetched: list[Fetched] = []
        problems: list[FetchError] = []
        missing = list(awaited)
        self._spool.mkdir(parents=True, exist_ok=True)
        while missing:
            late = time.monotonic() > deadline
            for export in list(missing):
                try:
                    with _named(export.kind, self._project):
                        found = self._look(export, late=late)
                        if found is None:
                            continue
                        fetched.append(self._take(export, found))
                except FetchError as error:
                    problems.append(error)
                missing.remove(export)
            if missing:
                time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
                pause = min(pause * 1.5, max(pause, self._options.slowest_poll_seconds))
        if problems:
            there = "".join(f" {each.path.name} is in place." for each in fetched)
            # Worth another try as a whole where it is for one of them.
            passing = any(isinstance(problem, PersistentError) for problem in problems)
            kind = PersistentError if passing else FetchError
            raise kind(" ".join(map(str, problems)) + there)
        return sorted(fetched, key=lambda each: KINDS.index(each.kind))

    def _look(self, export: AwaitedExport, *, late: bool) -> Media | None:
        try:
            found = export.look()
        except PersistentError:
            # Waiting may take hours, in which the server may be down for a while.
            self._misses[export.kind] = self._misses.get(export.kind, 0) + 1
            if late or self._misses[export.kind] >= self._options.attempts:
                raise
            return None
        self._misses.pop(export.kind, None)
        if found is None and late:
            raise FetchError(
                f"it is not there after {self._options.wait_hours:g} hours ({export.state}). The server makes one "
                "of a kind in 24 hours, and drops another request without saying so. Fetch again later: an export "
                "in the making is waited for, not asked for again."
            )
        self._progress(export.kind, _waiting(export), 0, None)
        return found

    def _take(self, export: AwaitedExport, found: Media) -> Fetched:
        kind = export.kind
        name = f"{self._project}-{kind}.csv"
        part = self._spool / f".{name}.part"
        try:
            file = download(
                lambda: self._address(kind),
                part,
                self._options,
                lambda done, total: self._progress(kind, "downloading", done, total),
            )
            verify(part, kind)
            # The state of an export can change without its file, so the older of both times is that of the file.
            made_at = min(found.updated_at, file.stored_at or found.updated_at)
            path = _put_in_place(part, self._target / name, made_at)
        except OSError as error:
            where = error.filename or self._spool
            raise FetchError(f"it cannot be written to {where} ({error.strerror}).") from None
        self._progress(kind, "in place", file.n_bytes, file.n_bytes)
        return Fetched(kind, path, file.n_bytes, made_at, export.requested, export.note)

    def _address(self, kind: Kind) -> str:
        described = self._api.describe(self._project, kind)
        if described is None:
            raise FetchError("the server no longer has it.")
        return described.address


def _waiting(export: AwaitedExport) -> str:
    asked = "asked for" if export.requested else "waiting"
    return f"{asked}, {export.state}" if export.state else asked


@contextmanager
def _named(kind: Kind, project: int) -> Iterator[None]:
    try:
        yield
    except PersistentError as error:
        raise PersistentError(_about(kind, project, error)) from None
    except FetchError as error:
        raise FetchError(_about(kind, project, error)) from None


def _about(kind: Kind, project: int, error: FetchError) -> str:
    return f"The {kind} export of project {project}: {error}"


def _put_in_place(part: Path, target: Path, made_at: datetime) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.utime(part, (made_at.timestamp(), made_at.timestamp()))
    try:
        os.replace(part, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # An inbox on another disk: the copy is made beside the target, under a hidden name.
        beside = target.with_name(f".{target.name}.part")
        try:
            shutil.copy2(part, beside)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    return target
