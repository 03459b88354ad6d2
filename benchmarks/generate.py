"""Write a large invented export: `python benchmarks/generate.py N FILE`.

FILE gets N classifications of one question workflow, in the form that Zooniverse
writes, about 1.5 kB each; `<FILE's name>-workflows.csv` next to it gets the three
workflow versions. The same N always gives the same bytes.

Rows are put together from text that is already escaped for CSV: a JSON library and
a CSV writer per row would cost more than everything that is measured afterwards.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import orjson

WORKFLOW_ID = 4242
WORKFLOW_NAME = "Who passes the camera?"
VERSIONS = ((12, 33), (12, 34), (13, 34))
CLASSIFICATIONS_PER_SUBJECT = 15
SUBJECTS_IN_QUEUE = 2_000
SESSIONS_AT_ONCE = 40
ROWS_PER_WRITE = 5_000
FIRST_MOMENT = datetime(2024, 3, 1, 6, tzinfo=UTC).timestamp()

COLUMNS = (
    "classification_id,user_name,user_id,user_ip,workflow_id,workflow_name,workflow_version,"
    "created_at,gold_standard,expert,metadata,annotations,subject_data,subject_ids\n"
)
WORKFLOW_COLUMNS = (
    "workflow_id,display_name,version,active,classifications_count,pairwise,grouped,prioritized,"
    "primary_language,first_task,tutorial_subject_id,retired_set_member_subjects_count,tasks,"
    "retirement,strings,minor_version\n"
)
QUESTIONS = {
    "T0": "**What animal is in the picture?** Choose the one nearest to the camera.",
    "T1": "What is it doing? Tick everything that you see.",
}
ANSWERS = {
    "T0": ("Deer or antelope", "Fox, dog or wolf", "Bird of any kind", "No animal at all"),
    "T1": ("Standing", "Moving", "Eating or drinking", "Looking at the camera"),
}
# The first and second version differ in one label, the second and third in nothing but their number.
FIRST_WORDING = "bird of any kind!"
NO_ANIMAL = 3

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
    """One sitting of one volunteer: what is the same in all of its rows, and how many are left."""

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


def escaped(value: object) -> str:
    """JSON text of a value with quotes doubled, as it stands inside a quoted CSV cell."""
    return orjson.dumps(value).decode().replace('"', '""')


def stored_order(strings: dict[str, str]) -> dict[str, str]:
    """The same strings in the key order of the server's database: by length, then by bytes."""
    return dict(sorted(strings.items(), key=lambda item: (len(item[0]), item[0])))


def moment(seconds: float) -> str:
    """A time as it stands inside JSON: milliseconds and `Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def start_session(random: Random) -> Session:
    """A volunteer sits down: one in three without logging in, some far more often than others."""
    address = f"{random.getrandbits(80):020x}"
    anonymous = random.random() < 0.3
    # The square makes a few volunteers do most of the work, as in every project.
    number = 1 + int(12_000 * random.random() ** 2)
    person = f"not-logged-in-{address}," if anonymous else f"volunteer-{number},{700_000 + number}"
    width, height = random.choice(VIEWPORTS)
    is_new = random.random() < 0.6
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


def single_elements(first_wording: bool) -> list[str]:
    """The element of T0 for every answer, then for the blank one."""
    labels: list[str | None] = [*ANSWERS["T0"], None]
    if first_wording:
        labels[2] = FIRST_WORDING
    return [escaped({"task": "T0", "task_label": QUESTIONS["T0"], "value": label}) for label in labels]


def multiple_elements() -> list[str]:
    """The element of T1 for every set of answers; the first is the blank one."""
    sets = [[label for bit, label in enumerate(ANSWERS["T1"]) if chosen >> bit & 1] for chosen in range(16)]
    return [escaped({"task": "T1", "task_label": QUESTIONS["T1"], "value": labels}) for labels in sets]


def annotations(
    subject: Subject, session: Session, singles: list[str], multiples: list[str], random: Random
) -> str:
    """What one volunteer answers on one subject; T1 is reached where there is an animal."""
    if random.random() < 0.02:
        return f"[{singles[-1]}]"
    answer = subject.animal if random.random() < session.skill else random.randrange(4)
    if answer == NO_ANIMAL:
        return f"[{singles[answer]}]"
    doing = 0 if random.random() < 0.05 else 1 << subject.subject_id % 4 | (random.random() < 0.3)
    return f"[{singles[answer]},{multiples[doing]}]"


def classification_rows(count: int) -> Iterator[str]:
    """The rows of the export, oldest first."""
    random = Random(f"zoo_dag benchmark {count}")  # noqa: S311 - invents data, keeps no secret
    single_by_version = [single_elements(first_wording=index == 0) for index in range(len(VERSIONS))]
    multiples = multiple_elements()
    sessions = [start_session(random) for _ in range(SESSIONS_AT_ONCE)]
    now = FIRST_MOMENT
    for index, subject in zip(range(count), subject_queue(count, random), strict=False):
        place = random.randrange(SESSIONS_AT_ONCE)
        session = sessions[place]
        if session.rows_left == 0:
            session = sessions[place] = start_session(random)
        session.rows_left -= 1
        version = index * len(VERSIONS) // count
        major, minor = VERSIONS[version]
        now += 8 * random.random()
        finished = now - 0.3
        created = datetime.fromtimestamp(now, UTC).isoformat(" ", "seconds")[:19]
        cell = annotations(subject, session, single_by_version[version], multiples, random)
        yield (
            f"{500_000_000 + index},{session.columns},{WORKFLOW_ID},{WORKFLOW_NAME},"
            f"{major}.{minor},{created} UTC,,,"
            f'"{session.metadata_start},""started_at"":""{moment(finished - 3 - 20 * random.random())}"",'
            f'{session.metadata_middle},""finished_at"":""{moment(finished)}"",{session.metadata_end},'
            f'""subject_selection_state"":{{""retired"":false,""selected_at"":""{moment(finished - 60)}"",'
            f'""already_seen"":false,""selection_state"":""normal"",""finished_workflow"":false,'
            f'""user_has_finished_workflow"":false}}'
            f'{"" if session.is_new_classifier else WORKFLOW_TRANSLATION}}}",'
            f'"{cell}","{subject.subject_data}",{subject.subject_id}\n'
        )


WORKFLOW_TRANSLATION = ',""workflow_translation_id"":""51234""'


def workflow_rows(count: int) -> Iterator[str]:
    """The versions of the workflow, oldest first."""
    tasks = {}
    for key, kind in (("T0", "single"), ("T1", "multiple")):
        answers = [{"label": f"{key}.answers.{index}.label"} for index in range(4)]
        if key == "T0":
            answers = [{"next": "T1", **answer} for answer in answers[:NO_ANIMAL]] + answers[NO_ANIMAL:]
        tasks[key] = {"help": f"{key}.help", "type": kind, "answers": answers, "question": f"{key}.question"}
    for position, (major, minor) in enumerate(VERSIONS):
        strings: dict[str, str] = {}
        for key, question in QUESTIONS.items():
            # No null here, though real exports have them: panoptes_aggregation cannot read it.
            strings |= {f"{key}.help": "Look twice.", f"{key}.question": question}
            strings |= {f"{key}.answers.{index}.label": label for index, label in enumerate(ANSWERS[key])}
        if position == 0:
            strings["T0.answers.2.label"] = FIRST_WORDING
        retirement = {"options": {"count": CLASSIFICATIONS_PER_SUBJECT}, "criteria": "classification_count"}
        yield (
            f"{WORKFLOW_ID},{WORKFLOW_NAME},{major},true,{count},false,false,false,en,T0,,0,"
            f'"{escaped(tasks)}","{escaped(retirement)}","{escaped(stored_order(strings))}",{minor}\n'
        )


def workflows_path(classifications: Path) -> Path:
    """Where the workflows export of a generated classifications export lies."""
    return classifications.with_name(f"{classifications.stem}-workflows.csv")


def generate(count: int, path: Path) -> Path:
    """Write both exports and return the path of the workflows export."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(COLUMNS)
        pending: list[str] = []
        for row in classification_rows(count):
            pending.append(row)
            if len(pending) == ROWS_PER_WRITE:
                file.write("".join(pending))
                pending.clear()
        file.write("".join(pending))
    workflows = workflows_path(path)
    workflows.write_text(WORKFLOW_COLUMNS + "".join(workflow_rows(count)), encoding="utf-8", newline="")
    return workflows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a large invented classifications export.")
    parser.add_argument("count", metavar="N", type=int, help="number of classifications")
    parser.add_argument("file", metavar="FILE", type=Path, help="the CSV file to write")
    arguments = parser.parse_args()
    started = time.perf_counter()
    workflows = generate(arguments.count, arguments.file)
    size = arguments.file.stat().st_size
    print(f"{arguments.file}: {arguments.count:,} classifications, {size / 1e6:,.0f} MB")
    print(f"{workflows}: {len(VERSIONS)} workflow versions")
    print(f"{time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
