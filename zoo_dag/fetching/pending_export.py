"""One export: requested where necessary, then polled until its file is ready."""

from datetime import timedelta

from zoo_dag.errors import FetchError
from zoo_dag.fetching.api import PanoptesApi
from zoo_dag.fetching.media import Media
from zoo_dag.fetching.resources import Export
from zoo_dag.settings.fetching import Fetching


class PendingExport:
    """An export whose file may not be ready yet.

    `requested` says whether the server was asked to generate it; `note` is a sentence on why it was not, else "".
    """

    def __init__(self, api: PanoptesApi, export: Export, options: Fetching) -> None:
        """No request is sent yet."""
        self.export = export
        self.requested = False
        self.note = ""
        self.state = ""
        self._api = api
        self._options = options
        self._ready: Media | None = None
        self._seen: Media | None = None
        self._failures = 0

    def start(self, *, ask: bool) -> None:
        """Read the state of the export, and request a new one unless the existing one is recent or in progress.

        Without `ask`, use the existing one. Raises FetchError where the server refuses, or has no export.
        """
        described = self._api.describe(self.export)
        self.state = described.state if described else "not generated yet"
        if not ask:
            self._take_as_it_is(described)
        elif described is None:
            self._request(None)
        elif described.finished and described.age < timedelta(hours=self._options.newest_hours):
            self._ready = described
            self.note = "downloaded as it is: the server generates one of a kind in 24 hours."
        elif described.in_progress and described.age < timedelta(hours=self._options.lost_hours):
            # The server would drop a second request silently, and never report the state correctly again.
            self._seen = described
            self.note = "was in progress already."
        else:
            self._failures = int(described.failed)
            self._request(described)

    def poll(self) -> Media | None:
        """The description of the finished export; None while it is not ready.

        Raises FetchError where the server failed to generate it a second time.
        """
        if self._ready is not None:
            return self._ready
        described = self._api.describe(self.export)
        if described is None or not described.is_newer_than(self._seen):
            return None
        self.state = described.state
        if described.failed:
            self._failures += 1
            if self._failures > 1:
                raise FetchError(
                    "the server failed to generate it, twice. Try again after 24 hours; if it fails again, tell "
                    "contact@zooniverse.org."
                )
            self._request(described)
        return described if described.finished else None

    def _request(self, seen: Media | None) -> None:
        self._seen = seen
        self._api.request(self.export)
        self.requested = True
        self.state = ""

    def _take_as_it_is(self, described: Media | None) -> None:
        if described is None:
            raise FetchError(
                "there is none yet, or this login may not read it. Run without --no-wait to request one."
            )
        self._ready = described
        self.note = "downloaded as it is."
        if not described.finished:
            self.note = f"the previous one; the newest is not ready ({described.state or 'no state'})."
