"""What is tried again: trouble that may pass by itself, after a pause, and not for ever."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from zoo_dag.errors import FetchError
from zoo_dag.settings.fetching import Fetching

T = TypeVar("T")

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 60.0


class PassingError(Exception):
    """Trouble that may pass by itself. `what` is the start of a sentence; `pause` is what the server asks for."""

    def __init__(self, what: str, pause: float | None = None) -> None:
        """Take the start of a sentence, and the pause in seconds."""
        super().__init__(what)
        self.what = what
        self.pause = pause


class PersistentError(FetchError):
    """Trouble that did not pass by itself in the attempts allowed."""


def persevere(attempt: Callable[[], T], options: Fetching) -> T:
    """What the attempt gives, tried again after each PassingError.

    The pause is what the server asked for, else it doubles each time. Raises PersistentError after the last
    attempt, and FetchError where the server asks for a longer pause than `wait_hours`.
    """
    # The signed address of a download stands in the errors of its library, so no cause is kept (`from None`).
    for number in range(1, options.attempts):
        try:
            return attempt()
        except PassingError as trouble:
            pause = _pause(trouble, number, options)
        time.sleep(pause)
    try:
        return attempt()
    except PassingError as trouble:
        times = f", {options.attempts} times in a row" if options.attempts > 1 else ""
        raise PersistentError(f"{trouble.what}{times}. Try again later.") from None


def _pause(trouble: PassingError, number: int, options: Fetching) -> float:
    if trouble.pause is None:
        return float(min(options.pause_seconds * 2 ** (number - 1), _LONGEST_PAUSE))
    if trouble.pause > options.wait_hours * 3600:
        raise FetchError(
            f"{trouble.what} and asks for a pause of {trouble.pause / 60:,.0f} minutes. Try again later."
        ) from None
    return trouble.pause


def passing_trouble(response: requests.Response) -> PassingError | None:
    """The trouble that a response tells of, where it may pass by itself."""
    if response.status_code not in _PASSING:
        return None
    return PassingError(describe_status(response), retry_after(response))


def describe_status(response: requests.Response) -> str:
    """`<host> answered 503 (Service Unavailable)`; no more of the address, which may be signed."""
    reason = f" ({response.reason})" if response.reason else ""
    return f"{host_of(response.url)} answered {response.status_code}{reason}"


def host_of(url: str) -> str:
    """The host of an address, with its port where it has one."""
    return urlsplit(url).netloc.rpartition("@")[2]


def server_time(response: requests.Response) -> datetime:
    """The time at the server, UTC: its clock decides how old an export is, not that of this machine."""
    return read_date(response.headers.get("Date")) or datetime.now(UTC)


def retry_after(response: requests.Response) -> float | None:
    """The pause that a server asks for, in seconds: it says so in seconds or as a date."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    date = read_date(text)
    return None if date is None else max(0.0, (date - server_time(response)).total_seconds())


def read_date(text: str | None) -> datetime | None:
    """A date of an HTTP header, UTC; None where it is none."""
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
