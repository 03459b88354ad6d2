"""The rows of the demo's three exports, for any of its workflows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.demo.classification import Classification
from benchmarks.demo.export_form import Cell, Json, column_time, json_text, json_time, stored
from benchmarks.demo.project import PROJECT_ID
from benchmarks.demo.workflow import Subject, Workflow

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
)
REVISION = "5d41402abc4b2a76b9719d911017c592a1b2c3d4"


@dataclass(frozen=True, slots=True)
class Status:
    """What the server knows about one subject in the workflow."""

    status_id: int
    counted: int
    updated_at: datetime
    retired_at: datetime | None

    def as_json(self, subject: Subject, workflow: Workflow) -> Json | None:
        """The entry `retired` in `subject_data`, in the key order of the server."""
        if self.retired_at is None:
            return None
        return {
            "id": self.status_id,
            "workflow_id": workflow.workflow_id,
            "classifications_count": self.counted,
            "created_at": json_time(workflow.uploaded_at),
            "updated_at": json_time(self.updated_at),
            "retired_at": json_time(self.retired_at),
            "subject_id": subject.subject_id,
            "retirement_reason": "classification_count",
        }


def subject_statuses(
    workflow: Workflow, subjects: Sequence[Subject], classifications: Sequence[Classification[Any]]
) -> dict[int, Status]:
    """The status of every subject at the moment of the export."""
    statuses = {}
    for number, subject in enumerate(subjects):
        times = [
            item.created_at
            for item in classifications
            if item.is_counted_by_server and subject in item.subject.members
        ]
        count = workflow.retirement_count
        retired_at = times[count - 1] if len(times) >= count else None
        status_id = workflow.first_status_id + number
        statuses[subject.subject_id] = Status(status_id, len(times), max(times), retired_at)
    return statuses


def _dimensions(url: str) -> Json | None:
    if url.endswith((".txt", ".json")):
        # Texts and curves have none.
        return None
    return {"clientWidth": 800, "clientHeight": 600, "naturalWidth": 1600, "naturalHeight": 1200}


def _metadata(item: Classification[Any], statuses: Sequence[Status]) -> Json:
    volunteer = item.volunteer
    shown_at = item.started_at - timedelta(seconds=8)
    retired = all(status.retired_at is not None and status.retired_at < shown_at for status in statuses)
    metadata: Json = {
        "source": "api",
        "session": volunteer.session,
        "viewport": {"width": 1536, "height": 730},
        "started_at": json_time(item.started_at),
        "finished_at": json_time(item.finished_at),
        "user_agent": USER_AGENTS[volunteer.new_classifier],
        "utc_offset": "-3600",
        "live_project": item.excluded != "pre_launch",
        "user_language": "en",
        "subject_dimensions": [_dimensions(url) for url in item.subject.urls],
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
    workflow: Workflow,
    classifications: Sequence[Classification[Any]],
    statuses: Mapping[int, Status],
    first_id: int,
) -> Iterator[dict[str, Cell]]:
    """The rows of a workflow in the classifications export; ids count from `first_id` up."""
    for classification_id, item in enumerate(classifications, first_id):
        members, volunteer = item.subject.members, item.volunteer
        known = [statuses[subject.subject_id] for subject in members]
        is_gold = item.excluded == "gold_standard"
        new = volunteer.new_classifier
        elements = [element for task, value in item.answers for element in task.exported(value, new)]
        subject_data = {
            str(subject.subject_id): {"retired": status.as_json(subject, workflow), **stored(subject.metadata)}
            for subject, status in zip(members, known, strict=True)
        }
        yield {
            "classification_id": classification_id,
            "user_name": volunteer.name,
            "user_id": volunteer.user_id,
            "user_ip": volunteer.address,
            "workflow_id": workflow.workflow_id,
            "workflow_name": workflow.name,
            "workflow_version": item.version.name,
            "created_at": column_time(item.created_at),
            "gold_standard": True if is_gold else None,
            "expert": "owner" if is_gold and not item.already_seen else None,
            "metadata": json_text(stored(_metadata(item, known))),
            "annotations": json_text(elements),
            "subject_data": json_text(subject_data),
            "subject_ids": ";".join(subject_data),
        }


def subject_rows(
    workflow: Workflow, subjects: Sequence[Subject], statuses: Mapping[int, Status]
) -> Iterator[dict[str, Cell]]:
    """The rows of a workflow in the subjects export: one for every set that a subject is in."""
    for subject in subjects:
        status = statuses[subject.subject_id]
        for subject_set in subject.subject_sets:
            yield {
                "subject_id": subject.subject_id,
                "project_id": PROJECT_ID,
                "workflow_id": workflow.workflow_id,
                "subject_set_id": subject_set,
                "metadata": json_text(stored(subject.metadata)),
                "locations": json_text({str(frame): url for frame, url in enumerate(subject.urls)}),
                "classifications_count": status.counted,
                "retired_at": column_time(status.retired_at) if status.retired_at else None,
                "retirement_reason": "classification_count" if status.retired_at else None,
                "created_at": column_time(workflow.uploaded_at),
                "updated_at": column_time(workflow.uploaded_at),
            }


def workflow_rows(workflow: Workflow, statuses: Iterable[Status]) -> Iterator[dict[str, Cell]]:
    """The rows of a workflow in the workflows export: only definition and version differ."""
    known = list(statuses)
    retirement = {"criteria": "classification_count", "options": {"count": workflow.retirement_count}}
    for version in workflow.versions:
        yield {
            "workflow_id": workflow.workflow_id,
            "display_name": workflow.name,
            "version": version.major,
            "active": True,
            "classifications_count": sum(status.counted for status in known),
            "pairwise": False,
            "grouped": False,
            "prioritized": False,
            "primary_language": "en",
            "first_task": version.tasks[0].key,
            "tutorial_subject_id": None,
            "retired_set_member_subjects_count": sum(status.retired_at is not None for status in known),
            "tasks": json_text(stored(version.definitions())),
            "retirement": json_text(stored(retirement)),
            "strings": json_text(stored(version.strings())),
            "minor_version": version.minor,
        }
