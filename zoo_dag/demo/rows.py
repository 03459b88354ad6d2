"""The rows of the demo's three exports, and what is true about them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from zoo_dag.demo.classifying import Classification, classify_all
from zoo_dag.demo.export_form import (
    CLASSIFICATION_COLUMNS,
    SUBJECT_COLUMNS,
    WORKFLOW_COLUMNS,
    Cell,
    column_time,
    json_text,
    json_time,
    stored,
    write_export,
)
from zoo_dag.demo.project import (
    ANIMALS,
    BEHAVIOURS,
    LIGHTS,
    PROJECT_ID,
    RETIREMENT_COUNT,
    WORKFLOW_ID,
    WORKFLOW_NAME,
    Subject,
    WorkflowVersion,
    make_subjects,
    make_volunteers,
    workflow_versions,
)

SEED = 20_250_310
FIRST_CLASSIFICATION_ID = 600_000_001
FIRST_STATUS_ID = 130_000_001
UPLOADED_AT = datetime(2025, 3, 1, 9, 30, 12, 345_000, tzinfo=UTC)
USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
)
REVISION = "5d41402abc4b2a76b9719d911017c592a1b2c3d4"


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What is true about the demo. Subjects are named by their id, answers by their newest label."""

    workflow_id: int
    versions: tuple[str, ...]
    animal: dict[int, str]
    """The right answer of T0, for every subject."""
    behaviours: dict[int, frozenset[str]]
    """The right answers of T1, for every subject; empty where there is no animal."""
    light: dict[int, str]
    """The right answer of T4, for every subject; version 4.11 does not ask it."""
    classifications: int
    classifications_by_version: dict[str, int]
    excluded: dict[str, int]
    """Classifications that do not count, by reason."""
    blanks: dict[str, int]
    """Answers left blank, by task, in all classifications; the child of a combo is named by its own key."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the server knows about one subject in the workflow."""

    status_id: int
    counted: int
    updated_at: datetime
    retired_at: datetime | None

    def as_json(self, subject: Subject) -> dict[str, Any] | None:
        """The entry `retired` in `subject_data`, in the key order of the server."""
        if self.retired_at is None:
            return None
        return {
            "id": self.status_id,
            "workflow_id": WORKFLOW_ID,
            "classifications_count": self.counted,
            "created_at": json_time(UPLOADED_AT),
            "updated_at": json_time(self.updated_at),
            "retired_at": json_time(self.retired_at),
            "subject_id": subject.subject_id,
            "retirement_reason": "classification_count",
        }


def subject_statuses(subjects: list[Subject], classifications: list[Classification]) -> dict[int, Status]:
    """The status of every subject at the moment of the export."""
    statuses = {}
    for number, subject in enumerate(subjects):
        times = [
            item.created_at
            for item in classifications
            if item.subject.subject_id == subject.subject_id and item.is_counted_by_server
        ]
        retired_at = times[RETIREMENT_COUNT - 1] if len(times) >= RETIREMENT_COUNT else None
        statuses[subject.subject_id] = Status(FIRST_STATUS_ID + number, len(times), max(times), retired_at)
    return statuses


def _metadata(item: Classification, status: Status) -> dict[str, Any]:
    volunteer = item.volunteer
    shown_at = item.started_at - timedelta(seconds=8)
    retired = status.retired_at is not None and status.retired_at < shown_at
    metadata: dict[str, Any] = {
        "source": "api",
        "session": volunteer.session,
        "viewport": {"width": 1536, "height": 730},
        "started_at": json_time(item.started_at),
        "finished_at": json_time(item.finished_at),
        "user_agent": USER_AGENTS[volunteer.new_classifier],
        "utc_offset": "-3600",
        "live_project": item.excluded != "pre_launch",
        "user_language": "en",
        "subject_dimensions": [
            {"clientWidth": 800, "clientHeight": 600, "naturalWidth": 1600, "naturalHeight": 1200}
        ],
        "subject_selection_state": {
            "retired": retired,
            "selected_at": json_time(shown_at),
            "already_seen": item.already_seen,
            "selection_state": "failover_fallback" if retired or item.already_seen else "normal",
            "finished_workflow": False,
            "user_has_finished_workflow": False,
        },
    }
    if volunteer.new_classifier:
        metadata |= {
            "classifier_version": "2.0",
            "feedback": {},
            "revision": REVISION,
            "subject_flagged": False,
        }
    else:
        metadata |= {
            "interventions": {"opt_in": True, "messageShown": False},
            "workflow_translation_id": "90210",
        }
    metadata |= {"user_group_ids": []} if volunteer.user_id is not None else {}
    return metadata | ({"seen_before": True} if item.seen_before else {})


def classification_rows(
    classifications: list[Classification], statuses: dict[int, Status]
) -> Iterator[list[Cell]]:
    """The classifications export."""
    for classification_id, item in enumerate(classifications, FIRST_CLASSIFICATION_ID):
        subject, volunteer = item.subject, item.volunteer
        status = statuses[subject.subject_id]
        is_gold = item.excluded == "gold_standard"
        new = volunteer.new_classifier
        elements = [element for task, value in item.answers for element in task.exported(value, new)]
        subject_data = {str(subject.subject_id): {"retired": status.as_json(subject), **stored(subject.metadata)}}
        yield [
            classification_id,
            volunteer.name,
            volunteer.user_id,
            volunteer.address,
            WORKFLOW_ID,
            WORKFLOW_NAME,
            item.version.name,
            column_time(item.created_at),
            True if is_gold else None,
            "owner" if is_gold and not item.already_seen else None,
            json_text(stored(_metadata(item, status))),
            json_text(elements),
            json_text(subject_data),
            str(subject.subject_id),
        ]


def subject_rows(subjects: list[Subject], statuses: dict[int, Status]) -> Iterator[list[Cell]]:
    """The subjects export: one row for every set that a subject is in."""
    for subject in subjects:
        status = statuses[subject.subject_id]
        for subject_set in subject.subject_sets:
            yield [
                subject.subject_id,
                PROJECT_ID,
                WORKFLOW_ID,
                subject_set,
                json_text(stored(subject.metadata)),
                json_text({"0": f"https://example.org/images/{subject.metadata['#file']}"}),
                status.counted,
                column_time(status.retired_at) if status.retired_at else None,
                "classification_count" if status.retired_at else None,
                column_time(UPLOADED_AT),
                column_time(UPLOADED_AT),
            ]


def workflow_rows(versions: Iterable[WorkflowVersion], statuses: Iterable[Status]) -> Iterator[list[Cell]]:
    """The workflows export: all but the definition and the numbers is the same in every row."""
    known = list(statuses)
    retirement = {"criteria": "classification_count", "options": {"count": RETIREMENT_COUNT}}
    for version in versions:
        yield [
            WORKFLOW_ID,
            WORKFLOW_NAME,
            version.major,
            True,
            sum(status.counted for status in known),
            *(False, False, False),
            "en",
            version.first.key,
            None,
            sum(status.retired_at is not None for status in known),
            json_text(stored(version.definitions())),
            json_text(stored(retirement)),
            json_text(stored(version.strings())),
            version.minor,
        ]


def write_demo(folder: Path) -> DemoTruth:
    """Write `classifications.csv`, `subjects.csv` and `workflows.csv` to a folder."""
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    versions = workflow_versions()
    subjects = make_subjects(random)
    classifications = classify_all(versions, subjects, make_volunteers(random), random)
    statuses = subject_statuses(subjects, classifications)
    folder.mkdir(parents=True, exist_ok=True)
    rows = classification_rows(classifications, statuses)
    write_export(folder / "classifications.csv", CLASSIFICATION_COLUMNS, rows)
    write_export(folder / "subjects.csv", SUBJECT_COLUMNS, subject_rows(subjects, statuses))
    write_export(folder / "workflows.csv", WORKFLOW_COLUMNS, workflow_rows(versions, statuses.values()))
    return _truth(versions, subjects, classifications)


def _truth(
    versions: Iterable[WorkflowVersion], subjects: list[Subject], classifications: list[Classification]
) -> DemoTruth:
    blanks = [key for item in classifications for task, value in item.answers for key in task.blanks(value)]
    return DemoTruth(
        workflow_id=WORKFLOW_ID,
        versions=tuple(version.name for version in versions),
        animal={subject.subject_id: ANIMALS[subject.animal] for subject in subjects},
        behaviours={
            subject.subject_id: frozenset(BEHAVIOURS[index] for index in subject.behaviours)
            for subject in subjects
        },
        light={subject.subject_id: LIGHTS[subject.light] for subject in subjects},
        classifications=len(classifications),
        classifications_by_version=dict(Counter(item.version.name for item in classifications)),
        excluded=dict(Counter(item.excluded for item in classifications if item.excluded is not None)),
        blanks=dict(sorted(Counter(blanks).items())),
    )
