"""A server with a small project, and a login with rights on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    WORKFLOW_COLUMNS,
    classification_row,
    export_bytes,
    subject_row,
    workflow_row,
)
from tests.fetching.panoptes_hosts import running
from tests.fetching.panoptes_server import PASSWORD, PROJECT, USERNAME, PanoptesServer, Stored
from zoo_dag.fetching.exports import Fetched, FetchRequest, fetch_exports
from zoo_dag.settings.fetching import Fetching

CONTENTS = {
    "classifications": export_bytes([classification_row(number) for number in range(200)], CLASSIFICATION_COLUMNS),
    "subjects": export_bytes([subject_row()], SUBJECT_COLUMNS),
    "workflows": export_bytes([workflow_row()], WORKFLOW_COLUMNS),
}
CLASSIFICATIONS = CONTENTS["classifications"]
NAME = f"{PROJECT}-classifications.csv"
# Pauses of hundredths of a second in place of minutes; one minute in place of hours.
QUICK = Fetching(
    poll_seconds=0.01, slowest_poll_seconds=0.02, pause_seconds=0.01, wait_hours=1 / 60, timeout_seconds=30
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PanoptesServer]:
    """A server whose project has no exports yet, and the login of an editor in the environment."""
    panoptes = PanoptesServer()
    panoptes.contents = {kind: Stored(content, datetime.now(UTC)) for kind, content in CONTENTS.items()}
    with running(panoptes):
        for name in ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL", "DEBUG"):
            monkeypatch.delenv(f"PANOPTES_{name}", raising=False)
        for name, value in (("ENDPOINT", panoptes.api_url), ("USERNAME", USERNAME), ("PASSWORD", PASSWORD)):
            monkeypatch.setenv(f"PANOPTES_{name}", value)
        # A proxy for the network outside is of no use here.
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield panoptes


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder into which exports are fetched."""
    return tmp_path / "data" / "inbox"


@pytest.fixture
def fetch(inbox: Path, tmp_path: Path) -> Callable[..., list[Fetched]]:
    """Fetch with short pauses; options and parts of the request can be passed."""

    def fetch(project: int | str = PROJECT, progress: Any = None, **given: Any) -> list[Fetched]:
        request = {name: given.pop(name) for name in ("kinds", "parts", "ask") if name in given}
        options = Fetching.model_validate(QUICK.model_dump() | given)
        wanted = FetchRequest(project, inbox, tmp_path / "data" / "downloads", **request)
        return fetch_exports(wanted, options, progress or (lambda *_: None))

    return fetch


@pytest.fixture
def fetch_one(server, fetch, inbox):
    """Fetch the classifications, which are there, and return the bytes in the inbox."""
    server.put("classifications")

    def fetch_one(**options) -> bytes:
        fetch(kinds=("classifications",), **options)
        return (inbox / NAME).read_bytes()

    return fetch_one
