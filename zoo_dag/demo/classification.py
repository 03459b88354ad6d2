"""A classification, whatever its workflow: who saw what and when; and those that come a second time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from zoo_dag.demo.project import Volunteer
from zoo_dag.demo.tasks import Task
from zoo_dag.demo.workflow import Version


class Shown(Protocol):
    """What the exports tell about a subject."""

    @property
    def subject_id(self) -> int:
        """Its id."""
        ...

    @property
    def subject_sets(self) -> tuple[int, ...]:
        """The sets that it is in."""
        ...

    @property
    def metadata(self) -> dict[str, Any]:
        """What the project wrote about it."""
        ...

    @property
    def urls(self) -> tuple[str, ...]:
        """Its media, by frame."""
        ...


S_co = TypeVar("S_co", bound=Shown, covariant=True)
V_co = TypeVar("V_co", bound=Version, covariant=True)


@dataclass(frozen=True, slots=True)
class Classification(Generic[S_co, V_co]):
    """One volunteer's answers on one subject."""

    subject: S_co
    volunteer: Volunteer
    version: V_co
    started_at: datetime
    finished_at: datetime
    created_at: datetime
    answers: tuple[tuple[Task, Any], ...]
    already_seen: bool = False
    excluded: str | None = None
    """Why it does not count, by the default settings."""

    @property
    def seen_before(self) -> bool:
        """Whether the server notes that this is not the first; it cannot tell for anonymous people."""
        return self.already_seen and self.volunteer.user_id is not None

    @property
    def is_counted_by_server(self) -> bool:
        """Whether the server counts it towards the retirement of its subject."""
        return self.excluded not in ("gold_standard", "pre_launch") and not self.seen_before


AnyClassification = Classification[Shown, Version]
_C = TypeVar("_C", bound=AnyClassification)


def once_more(
    ordinary: Sequence[_C], random: Random, classify: Callable[[_C, datetime], _C], logged_in: int, anonymous: int
) -> Iterator[_C]:
    """Classifications that do not count: repeats by so many people, and one that was sent twice.

    `classify` makes one more classification by the volunteer of the given one, who answers anew.
    """
    known = [item for item in ordinary if item.volunteer.user_id is not None]
    unknown = [item for item in ordinary if item.volunteer.user_id is None]
    posted_twice, *repeated = random.sample(known, 1 + logged_in)
    for first in (*repeated, *random.sample(unknown, anonymous)):
        again = classify(first, first.created_at + timedelta(minutes=random.uniform(5, 50)))
        yield replace(again, already_seen=True, excluded="repeat")
    # The answer of the server got lost and the browser sent the same once more.
    sent_again_at = posted_twice.created_at + timedelta(seconds=31)
    yield replace(posted_twice, created_at=sent_again_at, excluded="network_duplicate")


def by_version(happened: Iterable[AnyClassification]) -> dict[str, int]:
    """How many classifications there are, by version."""
    return dict(Counter(item.version.name for item in happened))


def by_reason(happened: Iterable[AnyClassification]) -> dict[str, int]:
    """How many do not count, by the reason."""
    return dict(Counter(item.excluded for item in happened if item.excluded is not None))


def blanks(happened: Iterable[AnyClassification]) -> dict[str, int]:
    """How many answers are blank, by task."""
    keys = [key for item in happened for task, value in item.answers for key in task.blanks(value)]
    return dict(sorted(Counter(keys).items()))
