"""How the volunteers of the demo classify: what they answer, when, and what goes wrong.

A new task needs one more entry in `ANSWERS_BY_TASK`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

from benchmarks.demo.classification import Classification, once_more
from benchmarks.demo.project import BEHAVIOURS, LIGHTS, NO_ANIMAL, Picture, Volunteer, animal_question
from benchmarks.demo.tasks import ComboTask, Task
from benchmarks.demo.workflow import Version

LAUNCHED_AT = datetime(2025, 3, 10, 7, 0, 0, tzinfo=UTC)
BETWEEN_SUBJECTS = timedelta(hours=12)
SHOWN_FOR = timedelta(days=4)
SUBJECTS_PER_VERSION = 20
VOLUNTEERS_PER_SUBJECT = (8, 12)
BLANK_RATE = 0.03
SHORTCUT_RATE = 0.4

PRE_LAUNCH_SUBJECTS = range(6)
# The owner saw the first one before the launch, which leaves the column `expert` empty.
GOLD_STANDARD_SUBJECTS = (0, 10, 25, 45, 55)
REPEATS_LOGGED_IN = 5
REPEATS_ANONYMOUS = 2


Observed = Classification[Picture]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One volunteer before one subject."""

    version: Version
    subject: Picture
    volunteer: Volunteer
    random: Random

    def happens(self, probability: float) -> bool:
        """Whether something of that probability happens now."""
        return self.random.random() < probability

    def choose(self, truth: int, options: int) -> int | None:
        """One of the options, by their index: as a rule the true one."""
        if self.happens(BLANK_RATE):
            return None
        if self.happens(self.volunteer.skill):
            return truth
        return self.random.choice([index for index in range(options) if index != truth])


def _animal(task: Task, sitting: Sitting) -> int | None:
    return sitting.choose(sitting.subject.animal, len(animal_question(sitting.version).answers))


def _light(task: Task, sitting: Sitting) -> int | None:
    return sitting.choose(sitting.subject.light, len(LIGHTS))


def _behaviours(task: Task, sitting: Sitting) -> list[int]:
    if sitting.happens(BLANK_RATE):
        return []
    right, wrong = sitting.volunteer.skill, (1 - sitting.volunteer.skill) / 2
    true = sitting.subject.behaviours
    ticked = [index for index in range(len(BEHAVIOURS)) if sitting.happens(right if index in true else wrong)]
    sitting.random.shuffle(ticked)
    return ticked


def _page(task: Task, sitting: Sitting) -> dict[str, Any]:
    return {child.key: ANSWERS_BY_TASK[child.key](child, sitting) for child in cast(ComboTask, task).children}


ANSWERS_BY_TASK: dict[str, Callable[[Task, Sitting], Any]] = {
    "T0": _animal,
    "T1": _behaviours,
    "T3": _page,
    "T4": _light,
}


def answer_all(sitting: Sitting) -> Iterator[tuple[Task, Any]]:
    """Walk through the workflow as one volunteer does."""
    first = animal_question(sitting.version)
    answer = _animal(first, sitting)
    offers_shortcut = first.shortcut and not sitting.volunteer.new_classifier
    if answer == NO_ANIMAL and offers_shortcut and sitting.happens(SHORTCUT_RATE):
        # The shortcut leaves the question of its page as it was: blank.
        yield first, None
        yield sitting.version.task(first.shortcut), [0]
        return
    yield first, answer
    if answer is not None and answer in first.following:
        following = sitting.version.task(first.following[answer])
        yield following, ANSWERS_BY_TASK[following.key](following, sitting)


def classify(
    version: Version, subject: Picture, volunteer: Volunteer, created_at: datetime, random: Random
) -> Observed:
    """One classification that reaches the server at `created_at`."""
    finished_at = created_at - timedelta(milliseconds=random.randint(120, 900))
    started_at = finished_at - timedelta(milliseconds=random.randint(2_500, 40_000))
    answers = tuple(answer_all(Sitting(version, subject, volunteer, random)))
    return Classification(subject, volunteer, version, started_at, finished_at, created_at, answers)


def _version_at(versions: tuple[Version, ...], moment: datetime) -> Version:
    passed = (moment - LAUNCHED_AT) // (BETWEEN_SUBJECTS * SUBJECTS_PER_VERSION)
    return versions[min(passed, len(versions) - 1)]


def _ordinary(
    versions: tuple[Version, ...],
    subjects: list[Picture],
    volunteers: list[Volunteer],
    random: Random,
) -> Iterator[Observed]:
    # A subject is shown for some days, so that some get votes from two versions.
    for number, subject in enumerate(subjects):
        first_shown = LAUNCHED_AT + number * BETWEEN_SUBJECTS
        for volunteer in random.sample(volunteers, random.randint(*VOLUNTEERS_PER_SUBJECT)):
            created_at = first_shown + timedelta(seconds=random.uniform(60, SHOWN_FOR.total_seconds()))
            yield classify(_version_at(versions, created_at), subject, volunteer, created_at, random)


def _by_owner(
    versions: tuple[Version, ...], subjects: list[Picture], owner: Volunteer, random: Random
) -> Iterator[Observed]:
    for number in PRE_LAUNCH_SUBJECTS:
        created_at = LAUNCHED_AT - timedelta(days=2) + timedelta(minutes=3 * number)
        trial = classify(versions[0], subjects[number], owner, created_at, random)
        yield replace(trial, excluded="pre_launch")
    for number in GOLD_STANDARD_SUBJECTS:
        created_at = LAUNCHED_AT + number * BETWEEN_SUBJECTS + timedelta(hours=1)
        gold = classify(_version_at(versions, created_at), subjects[number], owner, created_at, random)
        yield replace(gold, excluded="gold_standard", already_seen=number in PRE_LAUNCH_SUBJECTS)


def classify_all(
    versions: tuple[Version, ...],
    subjects: list[Picture],
    volunteers: list[Volunteer],
    random: Random,
) -> list[Observed]:
    """Everything that happened in the workflow, in the order in which the server saw it."""

    def again(first: Observed, created_at: datetime) -> Observed:
        return classify(first.version, first.subject, first.volunteer, created_at, random)

    owner, *others = volunteers
    ordinary = list(_ordinary(versions, subjects, others, random))
    classifications = [
        *_by_owner(versions, subjects, owner, random),
        *ordinary,
        *once_more(ordinary, random, again, REPEATS_LOGGED_IN, REPEATS_ANONYMOUS),
    ]
    return sorted(classifications, key=lambda item: item.created_at)
