"""Values that an export may contain in any form, converted to the types of columns; null where that fails."""

import re
from typing import Any

import orjson

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
# White space, control characters, and what Unicode calls default ignorable: zero-width characters, marks of
# direction, fillers. With the blank of Braille, which looks like a space.
_INVISIBLE = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
# Up to here every whole number is a float of its own.
_LARGEST_EXACT = 2**53
_LARGEST_INDEX = 2**31 - 1
_LARGEST_COUNT = 2**63 - 1
_MOST_DIGITS = 18


def json_text(value: Any) -> str:
    """A value as JSON text, as in the export."""
    return orjson.dumps(value).decode()


def as_text(value: Any) -> str:
    """A text as it is, a number as its shortest text (1982 and 1982.0 are "1982"), all else as JSON text."""
    if isinstance(value, str):
        return value
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT
    return json_text(int(value) if is_whole else value)


def as_index(value: Any) -> int | None:
    """A zero-based position, such as 2 or 2.0; null for anything else."""
    number = _whole(value)
    return number if number is not None and 0 <= number <= _LARGEST_INDEX else None


def as_count(value: Any) -> int | None:
    """An integer, such as an offset in a text; null for anything else."""
    number = _whole(value)
    return number if number is not None and abs(number) <= _LARGEST_COUNT else None


def as_subject(value: Any) -> int | None:
    """The id of a subject, a number or the text of one; null for anything else."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS else None
    return value if type(value) is int and 0 <= value <= _LARGEST_COUNT else None


def as_number(value: Any) -> float | None:
    """A finite number or the text of one, such as "0.4"; null for anything else."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) != float("inf") else None


def is_blank(value: Any) -> bool:
    """Whether a value is blank: null, or text of white space and invisible characters only."""
    return value is None or (isinstance(value, str) and _INVISIBLE.fullmatch(value) is not None)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) != float("inf") and value == int(value) else None
