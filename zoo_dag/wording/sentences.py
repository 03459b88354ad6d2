"""Numbers and names as the sentences of checks have them."""

from collections.abc import Iterable

from zoo_dag.wording.markdown import code

_LONGEST = 40
_SHOWN = 5


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 row`, `7,568 rows`. The noun is given in the plural."""
    return f"{number:,} {noun.removesuffix('s') if number == 1 else noun}"


def share(part: int, whole: int, noun: str) -> str:
    """A part of a whole: `3 of 7,568 rows (0.04 %)`. The noun is given in the plural."""
    return f"{part:,} of {counted(whole, noun)} ({percent(ratio(part, whole))})"


def percent(fraction: float) -> str:
    """A fraction as a percentage: `12 %`, `1.5 %`, `0.04 %`."""
    value = 100 * fraction
    if 0 < value < 0.01:
        return "under 0.01 %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.2g} %"


def ratio(part: int, whole: int) -> float:
    """part / whole; 0 where there is nothing."""
    return part / whole if whole else 0.0


def quoted(text: object) -> str:
    """Text of other people between backticks: on one line, cut, and without what could act anywhere."""
    return code(text, _LONGEST)


def listed(names: Iterable[str]) -> str:
    """Some names, the first ones of many: `a, b, c and 4 more`."""
    each = list(names)
    more = f" and {len(each) - _SHOWN} more" if len(each) > _SHOWN else ""
    return f"{', '.join(each[:_SHOWN])}{more}"
