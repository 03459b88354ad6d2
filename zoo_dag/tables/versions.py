"""Workflow versions: `<major>.<minor>`, two integers that only look like a decimal number."""

import functools
import re
from typing import NamedTuple

import polars as pl

# At most nine digits, so that a part always fits an Int64 without another check. Digits of other scripts, which
# `\d` matches too, are no numbers for Polars.
_VERSION = r"^\s*([0-9]{1,9})(?:\.([0-9]{1,9}))?\s*$"
_WORKFLOW = r"^\s*([0-9]{1,18})(?:\.0+)?\s*$"
_KEY = re.compile(r"^([0-9]+)-v([0-9]+)\.([0-9]+)$")


class VersionKey(NamedTuple):
    """A workflow version; sorts by workflow, major and minor as integers."""

    workflow_id: int
    major: int
    minor: int

    @property
    def version(self) -> str:
        """`<major>.<minor>`."""
        return f"{self.major}.{self.minor}"

    def matches(self, workflow_id: int | None, version: str | None) -> bool:
        """Whether it is of this workflow and version, where these are named."""
        return workflow_id in (None, self.workflow_id) and version in (None, self.version)

    def __str__(self) -> str:
        """The partition key, such as `28090-v13.19`."""
        return f"{self.workflow_id}-v{self.version}"


# A run of many versions asks for the same ones again and again.
@functools.lru_cache(maxsize=10_000)
def parse_key(key: str) -> VersionKey:
    """The workflow version of a partition key. Raises ValueError for anything else."""
    match = _KEY.match(key)
    if not match:
        raise ValueError(f"{key!r} is not a workflow version; expected <workflow id>-v<major>.<minor>")
    return VersionKey(*(int(part) for part in match.groups()))


def is_key(text: str) -> bool:
    """Whether a text is a partition key."""
    return bool(_KEY.match(text))


def parse_version(text: str) -> tuple[int, int] | None:
    """Major and minor of a version text; a missing minor is 0; None where the text is no version."""
    match = re.match(_VERSION, text)
    return (int(match[1]), int(match[2] or 0)) if match else None


def major() -> pl.Expr:
    """Major version of the text column `workflow_version`, Int64, null where the text is no version."""
    return pl.col("workflow_version").str.extract(_VERSION, 1).cast(pl.Int64)


def minor() -> pl.Expr:
    """Minor version of the text column `workflow_version`, Int64; 0 where only a major is given."""
    return pl.when(major().is_not_null()).then(
        pl.col("workflow_version").str.extract(_VERSION, 2).cast(pl.Int64).fill_null(0)
    )


def workflow(cell: pl.Expr | None = None) -> pl.Expr:
    """Workflow id of a text, by default of the column `workflow_id`, Int64, null where the text is no id."""
    return (pl.col("workflow_id") if cell is None else cell).str.extract(_WORKFLOW, 1).cast(pl.Int64)


def version_order(version: pl.Expr | None = None) -> pl.Expr:
    """A number that sorts versions as two integers, Int64; by default those of the column `workflow_version`."""
    parts = (pl.col("workflow_version") if version is None else version).str.split(".").list
    return parts.get(0).cast(pl.Int64) * 10**9 + parts.get(1, null_on_oob=True).cast(pl.Int64).fill_null(0)


def key(workflow_id: pl.Expr | None = None) -> pl.Expr:
    """Partition key of a row of text cells, null where the workflow or the version is not readable.

    `workflow_id` is the text of the workflow's id, by default that of the column of this name.
    """
    return pl.format("{}-v{}.{}", workflow(workflow_id), major(), minor())


def damaged(observed: list[VersionKey], stored: list[VersionKey]) -> dict[VersionKey, list[VersionKey]]:
    """Versions that look as if a float had cut their trailing zeros, with the stored versions they may be.

    `observed` are versions of classifications, `stored` those of the workflows export. `73.6` is suspected where
    the workflow has no version 73.6 but has 73.60 or 73.600. Nothing is repaired, because that would be a guess.
    """
    known = set(stored)
    suspects = {}
    for version in observed:
        candidates = [
            VersionKey(version.workflow_id, version.major, version.minor * 10**zeros) for zeros in (1, 2)
        ]
        hits = [candidate for candidate in candidates if candidate in known and version.minor > 0]
        if version not in known and hits:
            suspects[version] = hits
    return suspects
