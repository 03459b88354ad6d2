"""What a check is, what it is given, what it finds, and what it says of several partitions together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from zoo_dag.settings.checks import Checks
from zoo_dag.settings.loading import Settings
from zoo_dag.wording.sentences import listed

_TOLD = 3
_EXAMPLES = 5


@dataclass(frozen=True)
class Given:
    """What a check looks at: the tables of one partition (or whole ones) by name, and the settings.

    `key` is the partition that is checked; `now` is the time, in UTC.
    """

    tables: Mapping[str, pl.LazyFrame]
    settings: Settings = field(default_factory=Settings)
    key: str | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def limits(self) -> Checks:
        """The settings of the checks."""
        return self.settings.checks


@dataclass(frozen=True)
class Finding:
    """What a check finds in a table, or in one partition of it.

    `told` is a sentence with numbers, `advice` says what to do where the check did not pass, and `grave` whether
    that is an error rather than a warning. `numbers` are counts (int) and shares or measures (float). `examples`
    are a few offenders; texts of volunteers in them are as they were written.
    """

    told: str
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    passed: bool = True
    grave: bool = False
    advice: str = ""
    examples: pl.DataFrame | None = None


@dataclass(frozen=True)
class Check:
    """A check of a table. `name` is a statement that is true when the check passes."""

    table: str
    name: str
    description: str
    look: Callable[[Given], Finding]


@dataclass(frozen=True)
class Verdict:
    """What a check says of all partitions of a run together."""

    passed: bool
    grave: bool
    description: str
    numbers: Mapping[str, int | float]
    failing: tuple[str, ...]
    examples: pl.DataFrame | None


def verdict(findings: Mapping[str | None, Finding]) -> Verdict:
    """Put the findings of some partitions together; the key is None for a table without partitions.

    Counts are added up. Of shares and measures the largest stands for all. The partitions that did not pass are
    named, the first ones with what was found.
    """
    failed = {key: finding for key, finding in findings.items() if not finding.passed}
    examples = [_with_key(key, finding, len(findings)) for key, finding in failed.items()]
    found = [frame for frame in examples if frame is not None]
    return Verdict(
        passed=not failed,
        grave=any(finding.grave for finding in failed.values()),
        description=_description(findings, failed),
        numbers=_together(list(findings.values())),
        failing=tuple(key for key in failed if key is not None),
        examples=pl.concat(found, how="diagonal_relaxed").head(_EXAMPLES) if found else None,
    )


def _description(findings: Mapping[str | None, Finding], failed: Mapping[str | None, Finding]) -> str:
    if len(findings) == 1:
        (finding,) = findings.values()
        return f"{finding.told} {finding.advice}" if failed and finding.advice else finding.told
    if not failed:
        return f"All {len(findings)} partitions pass."
    # Partitions of which the same is said stand together.
    by_text: dict[str, list[str]] = {}
    for key, finding in failed.items():
        by_text.setdefault(finding.told, []).append(str(key))
    told = [f"{listed(keys)}: {text}" for text, keys in list(by_text.items())[:_TOLD]]
    others = [key for keys in list(by_text.values())[_TOLD:] for key in keys]
    told.extend([f"Much the same in {listed(others)}."] if others else [])
    advice = dict.fromkeys(finding.advice for finding in failed.values() if finding.advice)
    return " ".join([f"{len(failed)} of {len(findings)} partitions do not pass.", *told, *advice])


def _together(findings: list[Finding]) -> dict[str, int | float]:
    numbers: dict[str, int | float] = {}
    for finding in findings:
        for name, number in finding.numbers.items():
            if name not in numbers:
                numbers[name] = number
            elif isinstance(number, int):
                numbers[name] += number
            else:
                numbers[name] = max(numbers[name], number)
    return numbers


def _with_key(key: str | None, finding: Finding, of: int) -> pl.DataFrame | None:
    if finding.examples is None or of == 1:
        return finding.examples
    return finding.examples.select(pl.lit(key).alias("partition"), pl.all())
