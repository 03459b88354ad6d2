"""Retries: after a transient error a call is repeated after a pause, a limited number of times."""

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

_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 60.0


class TransientError(Exception):
    """An error that a later attempt may not have.

    `problem` is the start of a sentence; `retry_after` is the pause in seconds that the server asks for, if any.
    """

    def __init__(self, problem: str, retry_after: float | None = None) -> None:
        """Take the start of a sentence, and the pause in seconds."""
        super().__init__(problem)
        self.problem = problem
        self.retry_after = retry_after


class RetriesExhaustedError(FetchError):
    """All allowed attempts failed; a later call may succeed."""


def retry(attempt: Callable[[], T], options: Fetching) -> T:
    """Call `attempt` until it raises no TransientError, at most `options.attempts` times; returns its result.

    The pause is what the server asked for, else `options.pause_seconds`, doubled each time. Raises
    RetriesExhaustedError after the last attempt, and FetchError where the server asks for a longer pause than
    `options.wait_hours`.
    """
    # The errors of the HTTP library contain the signed address of a download, so no cause is kept (`from None`).
    for number in range(1, options.attempts):
        try:
            return attempt()
        except TransientError as error:
            pause = _pause(error, number, options)
        time.sleep(pause)
    try:
        return attempt()
    except TransientError as error:
        times = f", {options.attempts} times in a row" if options.attempts > 1 else ""
        raise RetriesExhaustedError(f"{error.problem}{times}. Try again later.") from None


def _pause(error: TransientError, number: int, options: Fetching) -> float:
    if error.retry_after is None:
        return float(min(options.pause_seconds * 2 ** (number - 1), _LONGEST_PAUSE))
    if error.retry_after > options.wait_hours * 3600:
        raise FetchError(
            f"{error.problem} and asks for a pause of {error.retry_after / 60:,.0f} minutes. Try again later."
        ) from None
    return error.retry_after


def transient_error(response: requests.Response) -> TransientError | None:
    """The error for a response, if a later request may succeed; else None."""
    if response.status_code not in _TRANSIENT_STATUS:
        return None
    return TransientError(describe_status(response), retry_after(response))


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
    """The pause that a server asks for, in seconds; the header holds seconds or a date."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    date = read_date(text)
    return None if date is None else max(0.0, (date - server_time(response)).total_seconds())


def read_date(text: str | None) -> datetime | None:
    """A date of an HTTP header, UTC; None where the text is not a date."""
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
