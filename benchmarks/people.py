"""Invented volunteers and subjects, whatever is asked about them: the cells that are the same for all tasks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

WORKFLOW_ID = 4242
CLASSIFICATIONS_PER_SUBJECT = 15
SUBJECTS_IN_QUEUE = 2_000
FIRST_MOMENT = datetime(2024, 3, 1, 6, tzinfo=UTC).timestamp()
# Volunteers who use the new front end, where nothing else is asked for.
SHARE_NEW = 0.6

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.3 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "Mozilla/5.0 (iPad; CPU OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)
VIEWPORTS = ((1920, 969), (1440, 789), (1536, 730), (820, 1106), (390, 664))
UTC_OFFSETS = ("18000", "0", "-3600", "-7200")
LANGUAGES = ("en", "en", "en", "de", "fr", "pt")


@dataclass(slots=True)
class Session:
    """One session of one volunteer: the values that all of its rows share, and how many rows are left."""

    columns: str
    metadata_start: str
    metadata_middle: str
    metadata_end: str
    is_new_classifier: bool
    skill: float
    rows_left: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject: its truth and its cells, already escaped."""

    subject_id: int
    animal: int
    subject_data: str


def json_text(value: object) -> str:
    """JSON as the exports have it, on one line."""
    return orjson.dumps(value).decode()


def escaped(value: object) -> str:
    """JSON text of a value with quotes doubled, as it stands inside a quoted CSV cell."""
    return json_text(value).replace('"', '""')


def stored_order(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The same entries in the key order of the server's database: by length, then by bytes."""
    return dict(sorted(entries.items(), key=lambda item: (len(item[0]), item[0])))


def moment(seconds: float) -> str:
    """A time as it stands inside JSON: milliseconds and `Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def start_session(random: Random, share_new: float) -> Session:
    """A volunteer sits down: one in three without logging in, some far more often than others."""
    address = f"{random.getrandbits(80):020x}"
    anonymous = random.random() < 0.3
    # The square makes a few volunteers do most of the work, as in every project.
    number = 1 + int(12_000 * random.random() ** 2)
    person = f"not-logged-in-{address}," if anonymous else f"volunteer-{number},{700_000 + number}"
    width, height = random.choice(VIEWPORTS)
    is_new = random.random() < share_new
    revision = {"feedback": {}, "revision": f"{random.getrandbits(160):040x}"} if is_new else {}
    start = {
        "source": "api",
        "session": f"{random.getrandbits(256):064x}",
        **revision,
        "viewport": {"width": width, "height": height},
    }
    middle = {"user_agent": random.choice(USER_AGENTS), "utc_offset": random.choice(UTC_OFFSETS)}
    end: dict[str, object] = {"live_project": True}
    end |= {} if is_new else {"interventions": {"opt_in": True, "messageShown": False}}
    end |= {"user_language": random.choice(LANGUAGES)}
    end |= {} if anonymous else {"user_group_ids": []}
    end |= {"subject_flagged": False, "classifier_version": "2.0"} if is_new else {}
    shown = {"clientWidth": width // 2, "clientHeight": height // 2}
    end |= {"subject_dimensions": [shown | {"naturalWidth": 2048, "naturalHeight": 1536}]}
    return Session(
        columns=f"{person},{address}",
        metadata_start=escaped(start)[:-1],
        metadata_middle=escaped(middle)[1:-1],
        metadata_end=escaped(end)[1:-1],
        is_new_classifier=is_new,
        skill=0.6 + 0.4 * random.random(),
        rows_left=1 + int(random.expovariate(1 / 25)),
    )


def make_subject(number: int, random: Random) -> Subject:
    """A subject with its metadata; three in four are retired."""
    subject_id = 90_000_000 + number
    retired = None
    if random.random() < 0.75:
        last = moment(FIRST_MOMENT + 40_000 * random.random())
        retired = {
            "id": 120_000_000 + number,
            "workflow_id": WORKFLOW_ID,
            "classifications_count": CLASSIFICATIONS_PER_SUBJECT,
            "created_at": moment(FIRST_MOMENT),
            "updated_at": last,
            "retired_at": last,
            "subject_id": subject_id,
            "retirement_reason": "classification_count",
        }
    details = {
        "site": f"site {number % 97}",
        "#file": f"{random.getrandbits(64):016x}.jpg",
        "camera": f"K{number % 31:02d}",
        "latitude": round(46 + random.random(), 6),
        "longitude": round(8 + random.random(), 6),
    }
    cell = escaped({str(subject_id): {"retired": retired, **details}})
    return Subject(subject_id, random.randrange(4), cell)


def subject_queue(count: int, random: Random) -> Iterator[Subject]:
    """Subjects in the order in which they are shown: all of a queue once, then all once more."""
    subjects = -(-count // CLASSIFICATIONS_PER_SUBJECT)
    for first in range(0, subjects, SUBJECTS_IN_QUEUE):
        last = min(first + SUBJECTS_IN_QUEUE, subjects)
        queue = [make_subject(number, random) for number in range(first, last)]
        for _ in range(CLASSIFICATIONS_PER_SUBJECT):
            yield from queue
