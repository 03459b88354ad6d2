"""Numbers that volunteers typed as texts, such as a year, an altitude or a count."""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

# More digits than a float holds exactly: an identifier, not a measure.
_MOST_DIGITS = 15
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_MINUS = str.maketrans("\u2212\u2013", "--")


class TypedNumbers(NamedTuple):
    """How many texts are a number, and of these numbers median, mean and standard deviation (n - 1).

    The measures are null where no text is a number, the standard deviation also where one is.
    """

    n_numbers: int
    number_median: float | None
    number_mean: float | None
    number_std: float | None


def typed_numbers(texts: Iterable[str]) -> TypedNumbers:
    """The measures of those texts that are a number (`number_of`); the others do not matter."""
    numbers = sorted(number for text in texts if (number := number_of(text)) is not None)
    n = len(numbers)
    if not n:
        return TypedNumbers(0, None, None, None)
    median = (numbers[(n - 1) // 2] + numbers[n // 2]) / 2
    # Exact sums, so that the order of the texts does not matter.
    mean = math.fsum(numbers) / n
    squares = math.fsum((number - mean) ** 2 for number in numbers)
    return TypedNumbers(n, median, mean, math.sqrt(squares / (n - 1)) if n > 1 else None)


def number_of(text: str) -> float | None:
    """The number that a text is, white space around it aside; null where it is anything else, or has a unit.

    `1,234` and `1,234,567.5` have commas between thousands, `12,5` a decimal comma; `12.` is 12. A number has at
    most 15 digits.
    """
    written = text.strip().translate(_MINUS)
    if _THOUSANDS.fullmatch(written):
        plain = written.replace(",", "")
    elif _NUMBER.fullmatch(written) or _DECIMAL_COMMA.fullmatch(written):
        plain = written.replace(",", ".")
    else:
        return None
    return float(plain) if sum(map(str.isdigit, plain)) <= _MOST_DIGITS else None
