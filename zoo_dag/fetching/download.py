"""A file brought from the storage host to disk, whatever breaks off on the way.

The bytes are written as they are sent. An export that is stored compressed stays so: `Content-Length` and ranges
count these bytes, and the reader of exports knows gzip by its content.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests
import urllib3

from zoo_dag.errors import FetchError
from zoo_dag.fetching.patience import (
    PassingError,
    describe_status,
    host_of,
    persevere,
    read_date,
    retry_after,
)
from zoo_dag.fetching.secrecy import hide_queries_in_logs, own_login_only
from zoo_dag.settings.fetching import Fetching

_CHUNK = 1 << 18
# Called with the bytes that are there, and those there will be where that is known.
Bytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Downloaded:
    """A file that is complete: its bytes, and when it was stored (UTC), where the host says so."""

    n_bytes: int
    stored_at: datetime | None


def download(address: Callable[[], str], part: Path, options: Fetching, report: Bytes) -> Downloaded:
    """Write a file to `part`, going on after a break where the host can, else from the start.

    `address` is called before each attempt, because a signed address expires within minutes. The host gets no
    login: the session is a new one. Raises FetchError where it does not come to an end in the attempts allowed.
    """
    hide_queries_in_logs()
    transfer = _Transfer(part, report)
    with requests.Session() as session:
        session.auth = own_login_only
        persevere(lambda: transfer.go_on(session, address(), options.timeout_seconds), options)
    return Downloaded(transfer.done, transfer.stored_at)


class _Transfer:
    """How far a download is, and by what a later answer is known to be of the same file."""

    def __init__(self, part: Path, report: Bytes) -> None:
        self.done = 0
        self.stored_at: datetime | None = None
        self._part = part
        self._report = report
        self._total: int | None = None
        self._tag = ""
        self._stored = ""

    def go_on(self, session: requests.Session, url: str, timeout: float) -> None:
        """One attempt. Raises PassingError where another may bring the rest."""
        host = host_of(url)
        if not url.startswith(("https://", "http://")) or not host:
            raise PassingError("the server gave no address to download from")
        try:
            with session.get(url, headers=self._headers(), stream=True, timeout=timeout) as response:
                self._begin(response, host)
                self._receive(response)
        except requests.RequestException as error:
            raise PassingError(f"{host} cannot be reached ({type(error).__name__})") from None
        except urllib3.exceptions.HTTPError:
            raise self._broken(host) from None
        if self._total is not None and self.done != self._total:
            raise self._broken(host)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip"}
        # Without a mark of the file, the rest might be that of another one.
        mark = self._tag or self._stored
        if self.done and mark:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": mark}
        return headers

    def _begin(self, response: requests.Response, host: str) -> None:
        """Know from the answer whether the rest follows or the whole file; then nothing of it is there yet."""
        status = response.status_code
        if status == 206 and self._continues(response):
            return
        if status in (200, 206, 416):
            self.done, self._total, self._tag, self._stored = 0, None, "", ""
        if status in (206, 416):
            raise PassingError(f"{host} sent another part of the file than the one asked for")
        if status in (404, 410):
            raise FetchError(f"{host} has no file of it; the server has not made one yet, or has removed it.")
        if status != 200:
            raise PassingError(describe_status(response), retry_after(response))
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"{host} sent it in the encoding {encoding}; expected gzip or none.")
        length = response.headers.get("Content-Length", "")
        self._total = int(length) if length.isdecimal() else None
        tag = response.headers.get("ETag", "")
        # A weak tag says that the content is alike, not that the bytes are.
        self._tag = tag if tag.startswith('"') else ""
        self._stored = response.headers.get("Last-Modified", "")
        self.stored_at = read_date(self._stored)

    def _continues(self, response: requests.Response) -> bool:
        given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
        same = response.headers.get("ETag", self._tag) == self._tag if self._tag else True
        return given is not None and int(given[1]) == self.done and same

    def _receive(self, response: requests.Response) -> None:
        with self._part.open("ab" if self.done else "wb") as file:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                file.write(chunk)
                self.done += len(chunk)
                self._report(self.done, self._total)

    def _broken(self, host: str) -> PassingError:
        total = f" of {self._total:,}" if self._total is not None else ""
        return PassingError(f"{host} broke off the transfer after {self.done:,}{total} bytes")
