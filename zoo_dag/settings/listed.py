"""Settings that list classifications: by volunteer, by time and by workflow version."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from zoo_dag.tables.versions import parse_version

_VERSION = re.compile(r"(?:(?P<workflow>[0-9]{1,18})(?: +|-v))?(?P<version>[0-9]+\.[0-9]+)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def listed_version(text: str) -> tuple[int | None, str]:
    """Workflow (None for every one) and version of `4.11`, `3141 4.11` or `3141-v4.11`.

    Raises ValueError for anything else.
    """
    match = _VERSION.fullmatch(text.strip())
    version = parse_version(match["version"]) if match else None
    if match is None or version is None:
        raise ValueError("expected a version such as 4.11, or with its workflow 3141 4.11")
    workflow = match["workflow"]
    return (int(workflow) if workflow else None), f"{version[0]}.{version[1]}"


def _checked_version(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('expected a version between quotes, such as "4.10": a number is 4.1')
    listed_version(value)
    return value


def _volunteer(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any, *, end_of_day: bool) -> Any:
    """A time in UTC; a date alone is its first moment, or with `end_of_day` its last."""
    if isinstance(value, str):
        text = value.strip().removesuffix(" UTC")
        try:
            value = date.fromisoformat(text) if _DATE.fullmatch(text) else datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(
                "expected a day such as 2024-03-05, or a time such as 2024-03-05T01:02:03Z"
            ) from error
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        last = timedelta(days=1, microseconds=-1) if end_of_day else timedelta()
        return datetime.combine(value, time(), UTC) + last
    return value


def _first(value: Any) -> Any:
    return _moment(value, end_of_day=False)


def _last(value: Any) -> Any:
    return _moment(value, end_of_day=True)


Volunteer = Annotated[str, BeforeValidator(_volunteer)]
Version = Annotated[str, BeforeValidator(_checked_version)]
FirstMoment = Annotated[datetime, BeforeValidator(_first)]
LastMoment = Annotated[datetime, BeforeValidator(_last)]
