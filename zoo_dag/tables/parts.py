"""Parts of a large workflow version, which several runs build: neighbouring rows, or neighbouring subjects.

A part of a table is a file beside that of the whole table, for as long as that is not written.
"""

import re
from typing import NamedTuple

from zoo_dag.tables.versions import parse_key

_KEY = re.compile(r"^([0-9]+-v[0-9]+\.[0-9]+)-part-([0-9]+)-of-([0-9]+)$")


class Part(NamedTuple):
    """A part of a workflow version: of its partition key, the `number` (from 1 on) of `n_parts`."""

    version: str
    number: int
    n_parts: int

    def of(self, length: int) -> slice:
        """Which of so many things in a row, such as rows, are in the part."""
        return slice(length * (self.number - 1) // self.n_parts, length * self.number // self.n_parts)

    def __str__(self) -> str:
        """The partition key, such as `28090-v13.19-part-2-of-4`."""
        return f"{self.version}-part-{self.number}-of-{self.n_parts}"


def parts_of(version: str, count: int) -> list[str]:
    """The keys of all parts of a version."""
    return [str(Part(version, number, count)) for number in range(1, count + 1)]


def parse_part(key: str) -> Part:
    """The part of a partition key. Raises ValueError for anything else."""
    match = _KEY.match(key)
    if not match:
        raise ValueError(
            f"{key!r} is not a part; expected <workflow id>-v<major>.<minor>-part-<number>-of-<count>"
        )
    return Part(str(parse_key(match[1])), int(match[2]), int(match[3]))


def is_part(text: str) -> bool:
    """Whether a text is the partition key of a part."""
    return bool(_KEY.match(text))


def version_of(key: str) -> str:
    """The version of the partition key of a part; any other partition key as it is."""
    return parse_part(key).version if is_part(key) else key
