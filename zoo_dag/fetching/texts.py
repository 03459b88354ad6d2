"""Texts that volunteers were given: files of type text among the media of subjects, each saved once.

Only over https, only from hosts that the subjects of the project name, and only up to a size. What is saved
already is not fetched again, so that a fetch that broke off goes on where it was.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from zoo_dag.errors import FetchError
from zoo_dag.fetching.retries import (
    RetriesExhaustedError,
    TransientError,
    describe_status,
    host_of,
    retry,
    transient_error,
)
from zoo_dag.fetching.secrecy import hide_queries_in_logs, own_login_only
from zoo_dag.settings.fetching import Fetching

_CHUNK = 1 << 14
_MOST_REDIRECTIONS = 3
_SUFFIX = ".txt"
# Called with the number of texts that are done, and that of all.
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class FetchedTexts:
    """How many texts were saved now, and before; and a sentence for each subject whose text could not be."""

    n_saved: int
    n_present: int
    problems: Sequence[str]


def text_addresses(locations: Iterable[tuple[int, Sequence[str | None]]]) -> dict[int, str]:
    """The address of the first text of each subject that has one; takes media addresses by subject."""
    found: dict[int, str] = {}
    for subject, addresses in locations:
        texts = [each for each in addresses if each and urlsplit(each).path.lower().endswith(_SUFFIX)]
        if texts:
            found.setdefault(subject, texts[0])
    return found


def fetch_texts(addresses: Mapping[int, str], target: Path, options: Fetching, report: Report) -> FetchedTexts:
    """Save the text of each subject to `target`, as `<subject id>.txt` in UTF-8.

    A text that cannot be had is left out, with a sentence; the others are saved. Raises RetriesExhaustedError
    where a host cannot be reached, or nothing can be written: what was saved is not fetched again.
    """
    hide_queries_in_logs()
    target.mkdir(parents=True, exist_ok=True)
    hosts = frozenset(host_of(each) for each in addresses.values() if each.startswith("https://"))
    missing = {
        subject: each for subject, each in addresses.items() if not (target / f"{subject}{_SUFFIX}").exists()
    }
    n_present = len(addresses) - len(missing)
    problems: list[str] = []
    with requests.Session() as session:
        session.auth = own_login_only
        texts = _Texts(session, hosts, options)
        for number, (subject, address) in enumerate(sorted(missing.items()), 1):
            try:
                _save(texts.read(address), target / f"{subject}{_SUFFIX}")
            except RetriesExhaustedError:
                raise
            except FetchError as error:
                problems.append(f"Subject {subject}: {error}")
            report(n_present + number, len(addresses))
    return FetchedTexts(len(missing) - len(problems), n_present, problems)


class _Texts:
    """Reads texts from some hosts."""

    def __init__(self, session: requests.Session, hosts: frozenset[str], options: Fetching) -> None:
        self._session, self._hosts, self._options = session, hosts, options
        self._most = int(options.text_kilobytes * 1000)

    def read(self, address: str) -> str:
        """The text at an address. Raises FetchError where it may not be read, or is none."""
        content = retry(lambda: self._attempt(address), self._options)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FetchError("its text is not in UTF-8.") from None

    def _attempt(self, address: str) -> bytes:
        for _ in range(_MOST_REDIRECTIONS):
            self._check(address)
            try:
                with self._session.get(
                    address, stream=True, timeout=self._options.timeout_seconds, allow_redirects=False
                ) as response:
                    if not response.is_redirect:
                        return self._content(response)
                    address = urljoin(address, response.headers["Location"])
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise TransientError(f"{host_of(address)} cannot be reached ({type(error).__name__})") from None
        raise FetchError(f"{host_of(address)} redirects again and again.")

    def _check(self, address: str) -> None:
        """Whether an address may be asked; also after a redirection."""
        if not address.startswith("https://"):
            raise FetchError("its text is not at an address that begins with https://.")
        if host_of(address) not in self._hosts:
            raise FetchError(f"its text is at {host_of(address)}, where no subject has its media.")

    def _content(self, response: requests.Response) -> bytes:
        error = transient_error(response)
        if error:
            raise error
        if response.status_code != 200:
            raise FetchError(f"{describe_status(response)}.")
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > self._most:
                raise FetchError(
                    f"its text has more than {self._options.text_kilobytes:g} kB (fetching.text_kilobytes)."
                )
        return bytes(content)


def _save(text: str, path: Path) -> None:
    part = path.with_suffix(".part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    except OSError as error:
        raise RetriesExhaustedError(f"{path.parent} cannot be written ({error.strerror}).") from None
