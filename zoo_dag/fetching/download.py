"""Downloading a file from the storage host, resumed where the transfer breaks off.

The bytes are written as they are sent. An export that is stored compressed stays so: `Content-Length` and ranges
count these bytes, and exports are recognised as gzip by their content.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests
import urllib3

from zoo_dag.errors import FetchError
from zoo_dag.fetching.retries import TransientError, describe_status, host_of, read_date, retry, retry_after
from zoo_dag.fetching.secrecy import EncryptedOnly, hide_queries_in_logs, own_login_only
from zoo_dag.settings.fetching import Fetching

_CHUNK = 1 << 18
# Called with the bytes received, and the total where it is known.
Bytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Downloaded:
    """A complete file: its bytes, and when it was stored (UTC), if the host says so."""

    n_bytes: int
    stored_at: datetime | None


def download(address: Callable[[], str], part: Path, options: Fetching, report: Bytes) -> Downloaded:
    """Write a file to `part`; after a break the transfer resumes where the host can do so, else it starts again.

    `address` is called before each attempt, because a signed address expires within minutes. The session is a new
    one, so the host gets no login. Raises FetchError where the file is not complete after the attempts allowed.
    """
    hide_queries_in_logs()
    transfer = _Transfer(part, report)
    with requests.Session() as session:
        session.auth = own_login_only
        session.mount("http://", EncryptedOnly())
        retry(lambda: transfer.resume(session, address(), options.timeout_seconds), options)
    return Downloaded(transfer.done, transfer.stored_at)


class _Transfer:
    """The state of a download: the bytes received, and what identifies a later response as the same file."""

    def __init__(self, part: Path, report: Bytes) -> None:
        self.done = 0
        self.stored_at: datetime | None = None
        self._part = part
        self._report = report
        self._total: int | None = None
        self._tag = ""
        self._stored = ""

    def resume(self, session: requests.Session, url: str, timeout: float) -> None:
        """One attempt. Raises TransientError where another attempt may complete the file."""
        host = host_of(url)
        if not url.startswith(("https://", "http://")) or not host:
            raise TransientError("the server gave no address to download from")
        try:
            with session.get(url, headers=self._headers(), stream=True, timeout=timeout) as response:
                self._begin(response, host)
                self._receive(response)
        except requests.RequestException as error:
            raise TransientError(f"{host} cannot be reached ({type(error).__name__})") from None
        except urllib3.exceptions.HTTPError:
            raise self._broken(host) from None
        if self._total is not None and self.done != self._total:
            raise self._broken(host)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip"}
        # Without a validator, the rest might be that of another file.
        validator = self._tag or self._stored
        if self.done and validator:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": validator}
        return headers

    def _begin(self, response: requests.Response, host: str) -> None:
        """Decide from the response whether the rest follows or the entire file, which starts at 0 bytes."""
        status = response.status_code
        if status == 206 and self._continues(response):
            return
        if status in (200, 206, 416):
            self.done, self._total, self._tag, self._stored = 0, None, "", ""
        if status in (206, 416):
            raise TransientError(f"{host} sent another part of the file than the one asked for")
        if status in (404, 410):
            raise FetchError(f"{host} has no file of it; the server has not generated one yet, or has removed it.")
        if status != 200:
            raise TransientError(describe_status(response), retry_after(response))
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"{host} sent it in the encoding {encoding}; expected gzip or none.")
        length = response.headers.get("Content-Length", "")
        self._total = int(length) if length.isdecimal() else None
        tag = response.headers.get("ETag", "")
        # A weak tag promises equal content, not equal bytes.
        self._tag = tag if tag.startswith('"') else ""
        self._stored = response.headers.get("Last-Modified", "")
        self.stored_at = read_date(self._stored)

    def _continues(self, response: requests.Response) -> bool:
        sent = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
        same = response.headers.get("ETag", self._tag) == self._tag if self._tag else True
        return sent is not None and int(sent[1]) == self.done and same

    def _receive(self, response: requests.Response) -> None:
        with self._part.open("ab" if self.done else "wb") as file:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                file.write(chunk)
                self.done += len(chunk)
                self._report(self.done, self._total)

    def _broken(self, host: str) -> TransientError:
        total = f" of {self._total:,}" if self._total is not None else ""
        return TransientError(f"{host} broke off the transfer after {self.done:,}{total} bytes")
