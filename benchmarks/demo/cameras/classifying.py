"""How volunteers name what is on the bursts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from benchmarks.demo.cameras.subjects import COUNTS, DOINGS, NOTHING, SPECIES, Burst
from benchmarks.demo.classification import Classification
from benchmarks.demo.project import Volunteer
from benchmarks.demo.workflow import Version

STARTED_AT = datetime(2025, 6, 5, 6, 0, 0, tzinfo=UTC)
BETWEEN_BURSTS = timedelta(hours=1)
SHOWN_FOR = timedelta(days=2)
VOLUNTEERS_PER_BURST = (5, 6)
OVERLOOKED = 0.6
"""Of those who are wrong about an animal, so many see nothing."""
IMAGINED = 0.2
"""Of those who are wrong about a picture without animals, so many see one."""

Named = Classification[Burst]


def classify_bursts(
    versions: tuple[Version, ...], bursts: Sequence[Burst], volunteers: Sequence[Volunteer], random: Random
) -> list[Named]:
    """All classifications, in the order in which they reached the server."""
    classifications: list[Named] = []
    for number, burst in enumerate(bursts):
        shown_at = STARTED_AT + BETWEEN_BURSTS * number
        for volunteer in random.sample(volunteers, random.randint(*VOLUNTEERS_PER_BURST)):
            created_at = shown_at + SHOWN_FOR * random.random()
            started_at = created_at - timedelta(seconds=random.randint(8, 90))
            answers = ((versions[0].tasks[0], _named(burst, volunteer, random)),)
            finished_at = created_at - timedelta(milliseconds=random.randint(120, 900))
            classifications.append(
                Classification(burst, volunteer, versions[0], started_at, finished_at, created_at, answers)
            )
    return sorted(classifications, key=lambda each: each.created_at)


def _named(burst: Burst, volunteer: Volunteer, random: Random) -> list[Any]:
    """The species that a volunteer names, with how many and what they do; by index."""
    animals = range(SPECIES.index(NOTHING))
    species = set()
    for each in burst.shown:
        if random.random() < volunteer.skill:
            species.add(each)
        elif random.random() >= OVERLOOKED:
            species.add(random.choice(animals))
    if not burst.shown and random.random() >= volunteer.skill and random.random() < IMAGINED:
        species.add(random.choice(animals))
    if not species:
        return [(SPECIES.index(NOTHING), None, [])]
    return [
        (each, _count(burst, each, volunteer, random), [random.randrange(len(DOINGS))]) for each in sorted(species)
    ]


def _count(burst: Burst, species: int, volunteer: Volunteer, random: Random) -> int:
    """The index of the number that a volunteer gives."""
    right = burst.visit.counts.get(species, 1) - 1
    if random.random() < volunteer.skill:
        return right
    return min(max(right + random.choice((-1, 1)), 0), len(COUNTS) - 1)
