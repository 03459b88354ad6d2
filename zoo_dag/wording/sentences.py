"""Numbers and names in the messages of checks."""

from collections.abc import Iterable

from zoo_dag.wording.markdown import code

_LONGEST = 40
_SHOWN = 5


def counted(number: int, noun: str) -> str:
    """A number with its plural `noun`: `1 row`, `7,568 rows`."""
    return f"{number:,} {noun.removesuffix('s') if number == 1 else noun}"


def share(part: int, total: int, noun: str) -> str:
    """A part of a total, with its plural `noun`: `3 of 7,568 rows (0.04 %)`."""
    return f"{part:,} of {counted(total, noun)} ({percent(ratio(part, total))})"


def verb(number: int, singular: str, plural: str) -> str:
    """The form of a verb after a number, or after a part of a total."""
    return singular if number == 1 else plural


def percent(fraction: float) -> str:
    """A fraction as a percentage: `12 %`, `1.5 %`, `0.04 %`."""
    value = 100 * fraction
    if 0 < value < 0.01:
        return "under 0.01 %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.2g} %"


def ratio(part: int, total: int) -> float:
    """part / total; 0 where the total is 0."""
    return part / total if total else 0.0


def quoted(text: object) -> str:
    """Text of other people between backticks: on one line, cut, and without markup."""
    return code(text, _LONGEST)


def listed(names: Iterable[str]) -> str:
    """Names as a list, only the first of many: `a, b, c and 4 more`."""
    each = list(names)
    more = f" and {len(each) - _SHOWN} more" if len(each) > _SHOWN else ""
    return f"{', '.join(each[:_SHOWN])}{more}"
