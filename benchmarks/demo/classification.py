"""A classification, whatever its workflow: who saw what and when; and those that are sent a second time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Generic, TypeVar

from benchmarks.demo.project import Volunteer
from benchmarks.demo.tasks import Task
from benchmarks.demo.workflow import Subject, Version

S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, slots=True)
class Classification(Generic[S]):
    """One volunteer's answers on one subject."""

    subject: S
    volunteer: Volunteer
    version: Version
    started_at: datetime
    finished_at: datetime
    created_at: datetime
    answers: tuple[tuple[Task, Any], ...]
    already_seen: bool = False
    excluded: str | None = None
    """Why it does not count, by the default settings."""

    @property
    def seen_before(self) -> bool:
        """Whether the server notes that this is not the first; it cannot for anonymous volunteers."""
        return self.already_seen and self.volunteer.user_id is not None

    @property
    def is_counted_by_server(self) -> bool:
        """Whether the server counts it towards the retirement of its subject."""
        return self.excluded not in ("gold_standard", "pre_launch") and not self.seen_before


def once_more(
    ordinary: Sequence[Classification[S]],
    random: Random,
    classify: Callable[[Classification[S], datetime], Classification[S]],
    logged_in: int,
    anonymous: int,
) -> Iterator[Classification[S]]:
    """Classifications that do not count: repeats by so many people, and one that was sent twice.

    `classify` makes another classification of the same subject by the same volunteer, who answers independently.
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
