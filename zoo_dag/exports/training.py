"""Subjects for training: their metadata say so (docs/exports.md, Subjects)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

_NO = frozenset({"", "0", "0.0", "false", "f", "no", "n", "null", "none"})


def is_training(metadata: Mapping[str, Any], keys: Iterable[str]) -> bool:
    """Whether one of the fields marks the subject, unless its value says no; upper and lower case are the same."""
    wanted = _folded(tuple(keys))
    return any(name.strip().casefold() in wanted and not _says_no(value) for name, value in metadata.items())


@cache
def _folded(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key.strip().casefold() for key in keys)


def _says_no(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in _NO
    return value is None or value is False or value == 0
