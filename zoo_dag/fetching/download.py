"""Downloading a file from the storage host, resumed where the transfer breaks off, in this call or an earlier one.

The bytes are written as they are sent. An export that is stored compressed stays so: `Content-Length` and ranges
count these bytes, and exports are recognised as gzip by their content.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import requests
import urllib3

from zoo_dag.errors import FetchError
from zoo_dag.fetching.partial_file import HostFile, PartialFile
from zoo_dag.fetching.retries import TransientError, describe_status, host_of, read_date, retry, retry_after
from zoo_dag.fetching.secrecy import EncryptedOnly, hide_queries_in_logs, own_login_only
from zoo_dag.settings.fetching import Fetching

_CHUNK = 1 << 18
# Called with the bytes received, and the total where it is known.
Bytes = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Downloaded:
    """A complete file: its bytes, and when it was stored (UTC), if the host says so.

    `n_kept` bytes were there from an earlier call; of a file that `is_present` nothing was downloaded.
    """

    n_bytes: int
    stored_at: datetime | None
    n_kept: int = 0
    is_present: bool = False


# Called with the bytes of the file and when it was stored, as far as the host says so.
IsPresent = Callable[[int | None, datetime | None], bool]


def _never(_n_bytes: int | None, _stored_at: datetime | None) -> bool:
    return False


def download(
    address: Callable[[], str],
    part: PartialFile,
    options: Fetching,
    report: Bytes,
    is_present: IsPresent = _never,
) -> Downloaded:
    """Complete a partial file; after a break the transfer resumes where the host can do so, else it starts again.

    `address` is called before each attempt, because a signed address expires within minutes. The session is a new
    one, so the host gets no login. Where the file `is_present` already, nothing is written. Raises FetchError
    where the file is not complete after the attempts allowed; the bytes that are there stay, for a later call.
    """
    hide_queries_in_logs()
    transfer = _Transfer(part, report, is_present)
    with requests.Session() as session:
        session.auth = own_login_only
        session.mount("http://", EncryptedOnly())
        retry(lambda: transfer.resume(session, address(), options.timeout_seconds), options)
    return Downloaded(transfer.done, read_date(transfer.file.stored), transfer.n_kept, transfer.is_present)


class _Transfer:
    """The state of a download: the bytes received, and what identifies a later response as the same file."""

    def __init__(self, part: PartialFile, report: Bytes, is_present: IsPresent) -> None:
        self.done, self.file = part.read()
        self.n_kept = self.done
        self.is_present = False
        self._part = part
        self._report = report
        self._is_present = is_present

    def resume(self, session: requests.Session, url: str, timeout: float) -> None:
        """One attempt. Raises TransientError where another attempt may complete the file."""
        host = host_of(url)
        if not url.startswith(("https://", "http://")) or not host:
            raise TransientError("the server gave no address to download from")
        try:
            with session.get(url, headers=self._headers(), stream=True, timeout=timeout) as response:
                self._begin(response, host)
                if self.is_present:
                    return
                self._receive(response)
        except requests.RequestException as error:
            raise TransientError(f"{host} cannot be reached ({type(error).__name__})") from None
        except urllib3.exceptions.HTTPError:
            raise self._broken(host) from None
        if self.file.total is not None and self.done != self.file.total:
            raise self._broken(host)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip"}
        # Without a validator, the rest might be that of another file.
        if self.done and self.file.validator:
            headers |= {"Range": f"bytes={self.done}-", "If-Range": self.file.validator}
        return headers

    def _begin(self, response: requests.Response, host: str) -> None:
        """Decide from the response whether the rest follows or the entire file, which starts at 0 bytes."""
        status = response.status_code
        if status == 206 and self._continues(response):
            return
        if status in (200, 206, 416):
            self.done, self.n_kept, self.file = 0, 0, HostFile()
        if status in (206, 416):
            # Otherwise a later call asks for the same part again.
            self._part.remove()
            raise TransientError(f"{host} sent another part of the file than the one asked for")
        if status in (404, 410):
            raise FetchError(f"{host} has no file of it; the server has not generated one yet, or has removed it.")
        if status != 200:
            raise TransientError(describe_status(response), retry_after(response))
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"{host} sent it in the encoding {encoding}; expected gzip or none.")
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() else None
        tag = response.headers.get("ETag", "")
        # A weak tag promises equal content, not equal bytes.
        tag = tag if tag.startswith('"') else ""
        self.file = HostFile(total, tag, response.headers.get("Last-Modified", ""))
        self.is_present = self._is_present(total, read_date(self.file.stored))
        if self.is_present:
            self.done = total or 0
        else:
            self._part.begin(self.file)

    def _continues(self, response: requests.Response) -> bool:
        """Whether it is the rest of the same file: some hosts send that of another one, whatever is asked for."""
        sent = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", "").strip())
        name, known = ("ETag", self.file.tag) if self.file.tag else ("Last-Modified", self.file.stored)
        if sent is None or int(sent[1]) != self.done or response.headers.get(name, known) != known:
            return False
        return sent[2] == "*" or self.file.total is None or int(sent[2]) == self.file.total

    def _receive(self, response: requests.Response) -> None:
        with self._part.path.open("ab" if self.done else "wb") as file:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                file.write(chunk)
                self.done += len(chunk)
                self._report(self.done, self.file.total)

    def _broken(self, host: str) -> TransientError:
        total = f" of {self.file.total:,}" if self.file.total is not None else ""
        return TransientError(f"{host} broke off the transfer after {self.done:,}{total} bytes")
