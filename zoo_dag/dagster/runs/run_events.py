"""The problems of a Dagster run: failed steps and checks that did not pass, as sentences for people."""

from collections.abc import Iterable
from typing import NamedTuple

import dagster as dg
import polars as pl

from zoo_dag.dagster.runs.requests import FailedCheck
from zoo_dag.errors import DiskError, ZooDagError, disk_problem
from zoo_dag.tables import TABLES


def _classes(base: type[Exception]) -> dict[str, type[Exception]]:
    classes = {base.__name__: base}
    for each in base.__subclasses__():
        classes |= _classes(each)
    return classes


class StepFailure(NamedTuple):
    """A failed step: its name, a sentence, and the class of the error if the user can solve it.

    `is_unreadable` says whether Polars could not read a file.
    """

    step: str
    sentence: str
    error: type[Exception] | None
    is_unreadable: bool = False

    @property
    def is_for_the_user(self) -> bool:
        """Whether the user can solve it from the sentence alone."""
        return self.error is not None

    def __str__(self) -> str:
        """`step: sentence`, or the sentence alone if that is enough."""
        return self.sentence if self.is_for_the_user else f"{self.step}: {self.sentence}"


def step_failures(events: Iterable[dg.DagsterEvent]) -> list[StepFailure]:
    """The steps that failed, in the order of the events; not those that only a blocking check stopped."""
    failures = [_of_step(event) for event in events if event.is_step_failure]
    return [failure for failure in failures if failure is not None]


def was_interrupted(events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether a step failed because the user stopped the run."""
    errors = (event.step_failure_data.error for event in events if event.is_step_failure)
    return any(error is not None and error.cls_name == _INTERRUPTED for error in errors)


def failed_checks(events: Iterable[dg.DagsterEvent], partition: str | None = None) -> list[FailedCheck]:
    """The asset checks that did not pass among the events of a run; `partition` is that of the run, if any."""
    failed = []
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed:
                asset = evaluation.asset_key.path[-1]
                of = partition if asset in TABLES and TABLES[asset].partition else None
                description = evaluation.description or "did not pass"
                failed.append(
                    FailedCheck(asset, evaluation.check_name, of, evaluation.severity.value, description)
                )
    return failed


def _of_step(event: dg.DagsterEvent) -> StepFailure | None:
    data, known = event.step_failure_data, {**_classes(ZooDagError), **_classes(dg.Failure)}
    raised, error = data.user_failure_data, data.error
    # The message of a zoo_dag error is complete; otherwise the innermost error has the most specific one.
    while error is not None and error.cause is not None and error.cls_name not in known:
        error = error.cause
    step = event.step_key or event.job_name or ""
    if error is None:
        return StepFailure(step, event.message or "the step failed", None)
    if error.cls_name == _BLOCKED:
        return None
    kind = known.get(error.cls_name or "")
    if kind is not None and issubclass(kind, dg.Failure) and raised is not None and raised.description:
        return StepFailure(step, raised.description, kind)
    # Dagster writes `module.Class: message`, and more lines for some errors.
    message = error.message.strip()
    _, _, sentence = message.partition(f"{error.cls_name}: ")
    if problem := disk_problem(message) if kind is None else None:
        return StepFailure(step, f"{problem}, and run it again.", DiskError)
    return StepFailure(step, sentence.strip() or message, kind, error.cls_name in _UNREADABLE)


_UNREADABLE = (pl.exceptions.ComputeError.__name__, OSError.__name__)
# Dagster's error for a step that was stopped.
_INTERRUPTED = dg.DagsterExecutionInterruptedError.__name__
# Dagster's error for a step whose blocking check did not pass: the check says why.
_BLOCKED = "DagsterAssetCheckFailedError"
