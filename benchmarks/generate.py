"""Write a large invented export: `python benchmarks/generate.py N FILE`.

FILE gets N classifications of one workflow, in the form that Zooniverse writes, about
1.5 kB each; `<FILE's name>-workflows.csv` next to it gets the workflow versions.
`--kind` says what the workflow asks. The same N and kind always give the same bytes.

Rows are put together from text that is already escaped for CSV: a JSON library and
a CSV writer per row would cost more than everything that is measured afterwards.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

from drawn import Drawing, Point
from kinds import VERSIONS, Kind, Mixed, Question, Survey, Text, versions
from people import (
    CLASSIFICATIONS_PER_SUBJECT,
    FIRST_MOMENT,
    WORKFLOW_ID,
    escaped,
    moment,
    start_session,
    stored_order,
    subject_queue,
)

KINDS: dict[str, Kind] = {
    "question": Question(),
    "survey": Survey(),
    "point": Point(),
    "drawing": Drawing(),
    "mixed": Mixed(Survey(), Drawing(), Text()),
}
WORKFLOW_NAME = "Who passes the camera?"
SESSIONS_AT_ONCE = 40
ROWS_PER_WRITE = 5_000

COLUMNS = (
    "classification_id,user_name,user_id,user_ip,workflow_id,workflow_name,workflow_version,"
    "created_at,gold_standard,expert,metadata,annotations,subject_data,subject_ids\n"
)
WORKFLOW_COLUMNS = (
    "workflow_id,display_name,version,active,classifications_count,pairwise,grouped,prioritized,"
    "primary_language,first_task,tutorial_subject_id,retired_set_member_subjects_count,tasks,"
    "retirement,strings,minor_version\n"
)
# Another token for each token of an address.
OTHER_DIGITS = bytes.maketrans(b"0123456789abcdef", b"3210fedcba987654")
WORKFLOW_TRANSLATION = ',""workflow_translation_id"":""51234""'


def classification_rows(count: int, kind: Kind, n_versions: int) -> Iterator[str]:
    """The rows of the export, oldest first."""
    numbers = versions(n_versions)
    random = Random(f"zoo_dag benchmark {count}")  # noqa: S311 - invents data, keeps no secret
    sessions = [start_session(random, kind.share_new) for _ in range(SESSIONS_AT_ONCE)]
    now = FIRST_MOMENT
    for index, subject in zip(range(count), subject_queue(count, random), strict=False):
        place = random.randrange(SESSIONS_AT_ONCE)
        session = sessions[place]
        if session.rows_left == 0:
            session = sessions[place] = start_session(random, kind.share_new)
        session.rows_left -= 1
        version = index * n_versions // count
        major, minor = numbers[version]
        now += 8 * random.random()
        finished = now - 0.3
        created = datetime.fromtimestamp(now, UTC).isoformat(" ", "seconds")[:19]
        cell = ",".join(kind.elements(subject, session, _wording(version), random)).replace('"', '""')
        yield (
            f"{500_000_000 + index},{session.columns},{WORKFLOW_ID},{WORKFLOW_NAME},"
            f"{major}.{minor},{created} UTC,,,"
            f'"{session.metadata_start},""started_at"":""{moment(finished - 3 - 20 * random.random())}"",'
            f'{session.metadata_middle},""finished_at"":""{moment(finished)}"",{session.metadata_end},'
            f'""subject_selection_state"":{{""retired"":false,""selected_at"":""{moment(finished - 60)}"",'
            f'""already_seen"":false,""selection_state"":""normal"",""finished_workflow"":false,'
            f'""user_has_finished_workflow"":false}}'
            f'{"" if session.is_new_classifier else WORKFLOW_TRANSLATION}}}",'
            f'"[{cell}]","{subject.subject_data}",{subject.subject_id}\n'
        )


def _wording(version: int) -> int:
    """The texts of a version are those of the last of VERSIONS where there are more."""
    return min(version, len(VERSIONS) - 1)


def workflow_rows(count: int, kind: Kind, n_versions: int) -> Iterator[str]:
    """The versions of the workflow, oldest first."""
    tasks = kind.tasks()
    retirement = {"options": {"count": CLASSIFICATIONS_PER_SUBJECT}, "criteria": "classification_count"}
    for position, (major, minor) in enumerate(versions(n_versions)):
        strings = stored_order(kind.strings(_wording(position)))
        yield (
            f"{WORKFLOW_ID},{WORKFLOW_NAME},{major},true,{count},false,false,false,en,{next(iter(tasks))},,0,"
            f'"{escaped(tasks)}","{escaped(retirement)}","{escaped(strings)}",{minor}\n'
        )


def workflows_path(classifications: Path) -> Path:
    """Where the workflows export of a generated classifications export lies."""
    return classifications.with_name(f"{classifications.stem}-workflows.csv")


def generate(count: int, path: Path, kind: str = "question", n_versions: int = len(VERSIONS)) -> Path:
    """Write both exports and return the path of the workflows export."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(COLUMNS)
        pending: list[str] = []
        for row in classification_rows(count, KINDS[kind], n_versions):
            pending.append(row)
            if len(pending) == ROWS_PER_WRITE:
                file.write("".join(pending))
                pending.clear()
        file.write("".join(pending))
    workflows = workflows_path(path)
    rows = "".join(workflow_rows(count, KINDS[kind], n_versions))
    workflows.write_text(WORKFLOW_COLUMNS + rows, encoding="utf-8", newline="")
    return workflows


def cut(path: Path, count: int, target: Path) -> None:
    """Write the first `count` rows of a generated export to `target`: the export as it was some time before.

    Zooniverse draws the tokens of addresses anew for each export: no two exports begin with the same bytes.
    """
    with path.open("rb") as source, target.open("wb") as sink:
        sink.write(next(source))
        for row in islice(source, count):
            token = row.split(b",", 4)[3]
            sink.write(row.replace(token, token.translate(OTHER_DIGITS)))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write a large invented classifications export.")
    parser.add_argument("count", metavar="N", type=int, help="number of classifications")
    parser.add_argument("file", metavar="FILE", type=Path, help="the CSV file to write")
    parser.add_argument("--kind", choices=KINDS, default="question", help="what the workflow asks")
    parser.add_argument("--versions", type=int, default=len(VERSIONS), help="number of workflow versions")
    arguments = parser.parse_args()
    started = time.perf_counter()
    workflows = generate(arguments.count, arguments.file, arguments.kind, arguments.versions)
    size = arguments.file.stat().st_size
    print(f"{arguments.file}: {arguments.count:,} classifications, {size / 1e6:,.0f} MB")
    print(f"{workflows}: {arguments.versions} workflow versions")
    print(f"{time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
