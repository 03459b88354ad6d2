"""What a check is, its input, its finding for one partition, and its result for several partitions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from zoo_dag.settings.checks import Checks
from zoo_dag.settings.loading import Settings
from zoo_dag.wording.sentences import listed

_MESSAGES = 3
_EXAMPLES = 5


@dataclass(frozen=True)
class CheckInput:
    """The input of a check: tables by name, of one partition or of all, and the settings.

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
    """The outcome of a check for a table, or for one partition of it.

    `message` is a sentence with numbers, `advice` says what to do where the check did not pass, and `is_error`
    whether that is an error rather than a warning. `numbers` are counts (int) and shares or measures (float).
    `examples` are a few offending rows; volunteers' texts in them are as they were written.
    """

    message: str
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    passed: bool = True
    is_error: bool = False
    advice: str = ""
    examples: pl.DataFrame | None = None

    @property
    def is_of_nothing(self) -> bool:
        """Whether it passed, and no share is above 0: of several versions that add up it is that of each."""
        return self.passed and not any(isinstance(number, float) and number for number in self.numbers.values())


PASSED = Finding("")


@dataclass(frozen=True)
class Check:
    """A check of a table. `name` is a statement that is true when the check passes.

    A check that `is_of_a_share` warns only where there are enough classifications (`checks.share_of_at_least`).
    One that `needs_step` takes what only the step has that writes the table: its finding stands until then.
    The counts of one that `adds_up`, of a table of a version, are the sums of those of versions where these
    have no classification in common: where it finds nothing in all of them, it finds nothing in any.
    """

    table: str
    name: str
    description: str
    evaluate: Callable[[CheckInput], Finding]
    is_of_a_share: bool = False
    needs_step: bool = False
    adds_up: bool = False


@dataclass(frozen=True)
class CheckResult:
    """The result of a check over all partitions of a run. The description ends with the advice."""

    passed: bool
    is_error: bool
    description: str
    numbers: Mapping[str, int | float]
    failing: tuple[str, ...]
    examples: pl.DataFrame | None
    advice: str = ""


def combine(findings: Mapping[str | None, Finding]) -> CheckResult:
    """Combine the findings for several partitions; the key is None for a table without partitions.

    Counts are added up. Of shares and measures the largest is kept. The partitions that did not pass are named,
    the first of them with their messages.
    """
    failed = {key: finding for key, finding in findings.items() if not finding.passed}
    with_keys = [_with_key(key, finding, len(findings)) for key, finding in failed.items()]
    examples = [frame for frame in with_keys if frame is not None]
    advice = " ".join(dict.fromkeys(finding.advice for finding in failed.values() if finding.advice))
    return CheckResult(
        passed=not failed,
        is_error=any(finding.is_error for finding in failed.values()),
        description=" ".join(filter(None, (_description(findings, failed), advice))),
        numbers=_combined_numbers(list(findings.values())),
        failing=tuple(key for key in failed if key is not None),
        examples=pl.concat(examples, how="diagonal_relaxed").head(_EXAMPLES) if examples else None,
        advice=advice,
    )


def _description(findings: Mapping[str | None, Finding], failed: Mapping[str | None, Finding]) -> str:
    if len(findings) == 1:
        (finding,) = findings.values()
        return finding.message
    if not failed:
        return f"All {len(findings)} partitions pass."
    # Partitions with the same message are listed together.
    by_message: dict[str, list[str]] = {}
    for key, finding in failed.items():
        by_message.setdefault(finding.message, []).append(str(key))
    messages = [f"{listed(keys)}: {text}" for text, keys in list(by_message.items())[:_MESSAGES]]
    others = [key for keys in list(by_message.values())[_MESSAGES:] for key in keys]
    messages.extend([f"Similar in {listed(others)}."] if others else [])
    verb = "does" if len(failed) == 1 else "do"
    return " ".join([f"{len(failed)} of {len(findings)} partitions {verb} not pass.", *messages])


def _combined_numbers(findings: list[Finding]) -> dict[str, int | float]:
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
