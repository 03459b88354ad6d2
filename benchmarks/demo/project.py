"""The invented project: its workflow versions, its subjects with their truth, its volunteers.

The story: version 3.9 has a slip in the label of the bird. Version 3.10 corrects it (only
texts changed, so only the minor number grows). Version 4.11 adds the badger, which the
camera of a new site brings, and drops the page that asked two questions at once.

The slip is one of case and punctuation: the labels still name the same answer.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import cast

from benchmarks.demo.export_form import Json
from benchmarks.demo.tasks import ComboTask, MultipleTask, ShortcutTask, SingleTask
from benchmarks.demo.workflow import Subject, Version, Workflow

PROJECT_ID = 1201
WORKFLOW_ID = 3141
WORKFLOW_NAME = "Night garden, camera by camera"
RETIREMENT_COUNT = 10
FIRST_STATUS_ID = 130_000_001
UPLOADED_AT = datetime(2025, 3, 1, 9, 30, 12, 345_000, tzinfo=UTC)

SUBJECTS = 60
FIRST_SUBJECT_ID = 70_001
SUBJECT_SETS = (8101, 8102)
SUBJECT_IN_BOTH_SETS = 30
SUBJECT_WITH_EMOJI = 7

REGISTERED_VOLUNTEERS = 20
ANONYMOUS_VOLUNTEERS = 6
VOLUNTEER_WITH_FORMULA = 7

BIRD = "Bird ![a bird](https://example.org/images/bird.png)"
BIRD_WITH_SLIP = "bird, ![a bird](https://example.org/images/bird.png)"
ANIMALS = ("Deer", "Fox", BIRD, "No animal", "Badger")
NO_ANIMAL = ANIMALS.index("No animal")
BADGER = ANIMALS.index("Badger")
BEHAVIOURS = ("Standing", "Moving", "Eating & drinking", "Looking at the camera")
LIGHTS = ("Day", "Night")


@dataclass(frozen=True, slots=True)
class Picture(Subject):
    """One picture and what it really shows; `animal`, `behaviours`, `light` are indices."""

    animal: int
    behaviours: frozenset[int]
    light: int

    @property
    def urls(self) -> tuple[str, ...]:
        """Its only picture."""
        return (f"https://example.org/images/{self.metadata['#file']}",)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One person at one computer; without `user_id` they have not logged in."""

    name: str
    user_id: int | None
    address: str
    session: str
    skill: float
    """The probability to be right."""
    new_classifier: bool


def animal_question(version: Version) -> SingleTask:
    """The first task of a version, which asks for the animal."""
    return cast(SingleTask, version.tasks[0])


def _animal_task(answers: tuple[str, ...], following: str) -> SingleTask:
    return SingleTask(
        key="T0",
        question="What animal is it?",
        answers=answers,
        following={index: following for index in range(len(answers)) if index != NO_ANIMAL},
        shortcut="T2",
    )


def workflow_versions() -> tuple[Version, ...]:
    """The versions, oldest first."""
    doing = MultipleTask(key="T1", question="What is it doing?", answers=BEHAVIOURS)
    nothing = ShortcutTask(key="T2", answers=("Nothing here",))
    light = SingleTask(key="T4", question="Is it **day** or night?", answers=LIGHTS)
    page = (doing, nothing, ComboTask(key="T3", children=(doing, light)), light)
    with_slip = ("Deer", "Fox", BIRD_WITH_SLIP, "No animal")
    return (
        Version(3, 9, (_animal_task(with_slip, following="T3"), *page)),
        Version(3, 10, (_animal_task(ANIMALS[:BADGER], following="T3"), *page)),
        Version(4, 11, (_animal_task(ANIMALS, following="T1"), doing, nothing)),
    )


def garden(versions: tuple[Version, ...]) -> Workflow:
    """The workflow."""
    return Workflow(WORKFLOW_ID, WORKFLOW_NAME, versions, RETIREMENT_COUNT, FIRST_STATUS_ID, UPLOADED_AT)


def make_pictures(random: Random) -> list[Picture]:
    """The pictures in the order in which they are shown; badgers only in the last third."""
    return [_picture(number, random) for number in range(SUBJECTS)]


def _picture(number: int, random: Random) -> Picture:
    in_last_third = number >= SUBJECTS * 2 // 3
    animal = random.randrange(len(ANIMALS) if in_last_third else BADGER)
    behaviours = frozenset(random.sample(range(len(BEHAVIOURS)), random.choice((1, 1, 2))))
    metadata: Json = {
        "#file": f"garden_{number:03d}.jpg",
        "site": f"garden {number % 5}",
        "camera": number % 3,
    }
    if number == SUBJECT_WITH_EMOJI:
        metadata["site"] = "Blåbærhagen 🦊 <north>"
    sets = SUBJECT_SETS if number == SUBJECT_IN_BOTH_SETS else (SUBJECT_SETS[in_last_third],)
    return Picture(
        subject_id=FIRST_SUBJECT_ID + number,
        subject_sets=sets,
        metadata=metadata,
        animal=animal,
        behaviours=frozenset() if animal == NO_ANIMAL else behaviours,
        light=random.randrange(len(LIGHTS)),
    )


def make_volunteers(random: Random) -> list[Volunteer]:
    """The volunteers; the first is the owner of the project, the last ones have not logged in."""
    volunteers: list[Volunteer] = []
    for number in range(1, REGISTERED_VOLUNTEERS + ANONYMOUS_VOLUNTEERS + 1):
        logged_in = number <= REGISTERED_VOLUNTEERS
        address = f"{random.getrandbits(80):020x}"
        if number == REGISTERED_VOLUNTEERS + ANONYMOUS_VOLUNTEERS:
            # Two people behind one address: only their sessions tell them apart.
            address = volunteers[-1].address
        formula = "=" if number == VOLUNTEER_WITH_FORMULA else ""
        volunteers.append(
            Volunteer(
                name=f"{formula}volunteer-{number:02d}" if logged_in else f"not-logged-in-{address}",
                user_id=500 + number if logged_in else None,
                address=address,
                session=f"{random.getrandbits(256):064x}",
                skill=0.98 if number == 1 else random.uniform(0.6, 0.97),
                new_classifier=number % 2 == 0,
            )
        )
    return volunteers
