"""What passes the cameras, and the bursts of pictures that they take of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from benchmarks.demo.export_form import Json
from benchmarks.demo.workflow import Subject

FIRST_SUBJECT_ID = 70_301
SUBJECT_SET = 8105
NOTHING = "Nothing here"
SPECIES = ("Roe deer", "Wild boar", "Badger", "Fox", NOTHING)
COUNTS = ("1", "2", "3", "4", "5", "6-10")
DOINGS = ("Resting", "Moving", "Eating")

SEASON = "autumn 2024"
DEPLOYMENTS = (("North hedge", "C1"), ("North hedge", "C2"), ("Mill pond", "C1"), ("Old orchard", "C4"))
STARTED_AT = datetime(2024, 9, 20)
DAYS = 10
VISITS = (5, 8)
MORE_BURSTS = 4
"""The largest number of bursts after the first one of a visit."""
SHORTEST_PAUSE, FURTHER_PAUSE = 4.0, 14.0
"""Seconds between bursts: the shortest, and the mean of what comes on top."""
PICTURES = 3
EMPTY_VISIT, NOTHING_LATER = 0.2, 0.25
SECOND_SPECIES, SECOND_SEEN = 0.3, 0.6
BURST_WITHOUT_TIME = 4
"""In each camera the burst of this number has lost its time."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What passed one camera at one time: indices of species, with how many there are of each."""

    deployment: str
    event_id: str
    counts: dict[int, int]


@dataclass(frozen=True, slots=True)
class Burst(Subject):
    """Three pictures in three seconds, and what of a visit is on them: indices of species."""

    visit: Visit
    shown: tuple[int, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """Its pictures."""
        name = str(self.metadata["#file"]).removesuffix(".JPG")
        return tuple(f"https://example.org/cameras/{name}_{number}.JPG" for number in range(1, PICTURES + 1))


def make_bursts(random: Random) -> list[Burst]:
    """The subjects of all cameras, in the order in which they were uploaded."""
    bursts: list[Burst] = []
    for site, camera in DEPLOYMENTS:
        first_id = FIRST_SUBJECT_ID + len(bursts)
        for number, (taken_at, visit, shown) in enumerate(_shots(f"{site}/{camera}/{SEASON}", random)):
            metadata = _metadata(site, camera, number, taken_at)
            bursts.append(Burst(first_id + number, (SUBJECT_SET,), metadata, visit, shown))
    return bursts


_Shot = tuple[datetime, Visit, tuple[int, ...]]


def _shots(deployment: str, random: Random) -> list[_Shot]:
    """When a camera took something, in which visit, and what is to be seen."""
    # A visit in each part of the time, so that no two of them touch.
    number = random.randint(*VISITS)
    part = timedelta(days=DAYS) / number
    shots: list[_Shot] = []
    for place in range(number):
        starts_at = STARTED_AT + part * (place + random.uniform(0.1, 0.8))
        shots += _of_visit(deployment, starts_at.replace(microsecond=0), random)
    return shots


def _of_visit(deployment: str, starts_at: datetime, random: Random) -> Iterator[_Shot]:
    animals = range(SPECIES.index(NOTHING))
    species = [] if random.random() < EMPTY_VISIT else [random.choice(animals)]
    if species and random.random() < SECOND_SPECIES:
        species.append(random.choice([each for each in animals if each not in species]))
    counts = {each: random.choice((1, 1, 2, 3)) for each in species}
    taken_at, shots = starts_at, []
    for place in range(1 + random.randint(0, MORE_BURSTS)):
        first = species[:1] if place == 0 or random.random() >= NOTHING_LATER else []
        second = [each for each in species[1:] if random.random() < SECOND_SEEN]
        shots.append((taken_at, (*first, *second)))
        pause = SHORTEST_PAUSE + min(random.expovariate(1 / FURTHER_PAUSE), 50)
        taken_at += timedelta(seconds=round(pause) + PICTURES - 1)
    seen = {each for _, shown in shots for each in shown}
    name = f"{deployment}/{starts_at:%Y%m%dT%H%M%S}"
    visit = Visit(deployment, name, {each: counts[each] for each in species if each in seen})
    yield from ((moment, visit, shown) for moment, shown in shots)


def _metadata(site: str, camera: str, number: int, taken_at: datetime) -> Json:
    """Date and time as a spreadsheet in the United States writes them; the file name as a camera does."""
    has_time = number != BURST_WITHOUT_TIME
    clock = f"{taken_at.hour % 12 or 12}:{taken_at:%M:%S %p}"
    return {
        "#file": f"{site[0]}{camera}_IMG_{number + 1:04d}.JPG",
        "site": site,
        "camera": camera,
        "season": SEASON,
        "date": f"{taken_at.month}/{taken_at.day}/{taken_at.year}" if has_time else "",
        "time": clock if has_time else "",
    }


def deployments_csv() -> str:
    """The table of deployments: when each camera stood there, the last day included."""
    last = STARTED_AT + timedelta(days=DAYS - 1)
    rows = (f"{site}/{camera}/{SEASON},{STARTED_AT:%Y-%m-%d},{last:%Y-%m-%d}" for site, camera in DEPLOYMENTS)
    return "\n".join(("deployment,start,end", *rows)) + "\n"


def event_truth(bursts: Sequence[Burst]) -> list[Json]:
    """A row for each burst and species of its visit: `subject_id, event_id, choice_label, count_max`.

    A burst of an empty visit has one row with nulls.
    """
    rows: list[Json] = []
    for burst in bursts:
        named: list[tuple[str | None, int | None]] = [(SPECIES[each], n) for each, n in burst.visit.counts.items()]
        of_burst = {"subject_id": burst.subject_id, "event_id": burst.visit.event_id}
        rows += [of_burst | {"choice_label": label, "count_max": n} for label, n in named or [(None, None)]]
    return rows
