"""What went wrong in a run of Dagster, as sentences for people."""

from collections.abc import Iterable
from typing import NamedTuple

import dagster as dg

from zoo_dag.errors import ZooDagError


class Failure(NamedTuple):
    """A step that failed, or an asset check: its name, the class of the error that tells most, what it says."""

    where: str
    error: str
    sentence: str

    @property
    def is_for_the_user(self) -> bool:
        """Whether the user can solve it from the sentence alone."""
        return self.error in _told_to_users()

    def __str__(self) -> str:
        """`where: sentence`, or the sentence alone where it says all."""
        return self.sentence if self.is_for_the_user else f"{self.where}: {self.sentence}"


def failures(events: Iterable[dg.DagsterEvent]) -> list[Failure]:
    """The steps that failed and the asset checks that did not pass, in the order of the events of a run."""
    found = []
    for event in events:
        if event.is_step_failure:
            found.append(_of_step(event))
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
                where = f"{evaluation.asset_key.to_user_string()}, check {evaluation.check_name}"
                found.append(Failure(where, "", evaluation.description or "the check did not pass"))
    return found


def _told_to_users() -> set[str]:
    """The names of the errors that users can solve from their sentence."""
    known: list[type[Exception]] = [ZooDagError, dg.Failure]
    for each in known:
        known.extend(each.__subclasses__())
    return {each.__name__ for each in known}


def _of_step(event: dg.DagsterEvent) -> Failure:
    data = event.step_failure_data
    given, error = data.user_failure_data, data.error
    # An error of zoo_dag says all that is needed, else the innermost tells most.
    while error is not None and error.cause is not None and error.cls_name not in _told_to_users():
        error = error.cause
    name = (error.cls_name if error else None) or ""
    if error is None:
        sentence = event.message or "the step failed"
    elif given is not None and given.description and name == "Failure":
        sentence = given.description
    else:
        # Dagster writes `module.Class: message`, and more lines for some errors.
        message = error.message.strip()
        _, cut, said = message.partition(f"{name}: ")
        sentence = said.strip() if cut and said.strip() else message
    return Failure(event.step_key or event.job_name or "", name, sentence)
