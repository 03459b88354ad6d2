"""Reloading the definitions of the open pages, so that changed settings hold without a click."""

import http.client
import os
from pathlib import Path

import orjson

_SECONDS = 30
_RELOAD = "mutation ($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) { __typename } }"


class SettingsWatch:
    """Loads the definitions again where the settings file was written, replaced or removed."""

    def __init__(self, file: Path, host: str, port: int, location: str) -> None:
        """Watch this file, which need not exist, for the pages at this address."""
        self._file, self._pages = file, (host, port, location)
        self._loaded = self._state()

    def __call__(self) -> None:
        """Look at the file once."""
        state = self._state()
        # As it was before loading: what is written in the meantime is loaded the next time.
        if state != self._loaded and reload_definitions(*self._pages):
            self._loaded = state

    def _state(self) -> tuple[int, ...] | None:
        try:
            stat = os.stat(self._file)
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def reload_definitions(host: str, port: int, location: str) -> bool:
    """Ask the pages to load a code location again; returns whether they did, which takes seconds."""
    body = orjson.dumps({"query": _RELOAD, "variables": {"name": location}})
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answered = response.status == http.HTTPStatus.OK and b'"errors"' not in response.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return answered
