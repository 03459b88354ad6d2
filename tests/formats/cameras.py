"""A small project of camera traps: two cameras, an event of two pictures, and what may be wrong with pictures."""

from datetime import UTC, datetime
from typing import Any

from tests.formats.stored import Tables

SETTINGS = """
[events]
deployment = "site"
time = "time"
deployments = "deployments.csv"

[camtrap_dp]
time_zone = "America/Chicago"
choices = "choices.csv"
sampling_design = "opportunistic"
capture_method = ["activityDetection"]
individual_animals = false
title = "Animals of the valley"
contributors = [{ title = "Ada Lovelace", role = "contact" }]
"""
DEPLOYMENTS = """deployment,start,end,latitude,longitude,habitat
=Pond,2024-03-01,2024-03-31,41.80,-87.60,=wet()
Hedge,2024-03-01T08:00:00,2024-03-20T20:00:00,41.90,-87.70,
Idle,2024-03-01,2024-03-02,41.85,-87.65,
"""
CHOICES = """choice_id,observation_type,scientific_name,taxon_rank,life_stage,behavior
deer,animal,Odocoileus virginianus,species,,
FX,animal,Vulpes vulpes,species,,
PRSN,human,Homo sapiens,,,
YNG,,,,juvenile,
eating,,,,,feeding
LYNG,,,,,resting
"""
TASK = {"task": "T0", "task_revision": "T0@1.1", "parent_task": None}


def subject(number: int, site: str, time: str, locations: list[str]) -> dict[str, Any]:
    """A subject of the workflow."""
    return {
        "subject_id": number,
        "workflow_id": 11,
        "is_current": True,
        "metadata": f'{{"site": "{site}", "time": "{time}", "#file": "IMG {number}.JPG"}}',
        "locations": locations,
        "created_at": datetime(2024, 5, 1, tzinfo=UTC),
    }


def named(subject: int, choice: str | None, label: str | None, **columns: Any) -> dict[str, Any]:
    """A choice of the survey on a subject."""
    known = {"is_blank": False, "is_blank_choice": choice == "NTHNGHR", "rank": 1, "n_choices": 1.0, "tied": False}
    votes = {"votes": 3, "n_answered": 3, "n_classifications": 3, "n_volunteers": 3}
    of = {"subject_id": subject, "subject_ids": str(subject), "choice_id": choice, "choice_label": label}
    return {**TASK, **known, **votes, **of, **columns}


def answer(answer_id: str, label: str | None, fraction: float) -> dict[str, Any]:
    """An answer about a choice."""
    return {"question_id": "Q", "answer_id": answer_id, "answer_label": label, "fraction": fraction}


def event(event_id: str, choice: str | None, **columns: Any) -> dict[str, Any]:
    """A row of `event_consensus`."""
    site = event_id.partition("/")[0]
    known = {"deployment": site, "present": choice is not None, "is_blank": choice is None, "complete": True}
    return {**TASK, **known, "event_id": event_id, "choice_id": choice, **columns}


def vote(number: int, subject: int, choice: str, user: str, label: str = "yes") -> dict[str, Any]:
    """What a volunteer said of a choice."""
    of = {
        "subject_id": subject,
        "subject_ids": str(subject),
        "option": choice,
        "option_label": {"DR": "Deer"}.get(choice, choice),
    }
    return {**TASK, **of, "of_several": True, "label": label, "user_key": user, "classification_id": number}


def classification(number: int, subject: int, minute: int) -> dict[str, Any]:
    """When a classification was stored."""
    created = datetime(2024, 6, 1, 12, minute, tzinfo=UTC)
    return {"classification_id": number, "subject_id": subject, "created_at": created}


ADDRESS = "https://example.org/media"
# On 10 March 2024 clocks in Chicago were set forward at two o'clock.
TABLES: Tables = {
    "subjects": [
        subject(1, "=Pond", "2024-03-10 01:59:40", [f"{ADDRESS}/1.jpeg"]),
        subject(2, "=Pond", "2024-03-10 02:00:20", [f"{ADDRESS}/2.jpeg", f"{ADDRESS}/../2.mp4"]),
        subject(3, "Hedge", "2024-03-12 08:00:00", []),
        subject(4, "Hedge", "", [f"{ADDRESS}/4.jpeg"]),
    ],
    "shown_subjects": [],
    "pooled_survey_consensus": [
        named(
            1,
            "DR",
            "Deer",
            count_median="2",
            answers=[
                answer("YNG", None, 0.6),
                answer("E", "Eating", 0.7),
                answer("LYNG", None, 0.9),
                answer("D", "Deer", 0.4),
            ],
        ),
        named(1, "FX", "Fox", votes=1, rank=2),
        named(2, "FX", "Fox", count_median="11-50"),
        named(3, "NTHNGHR", "Nothing here", is_blank=True),
        named(4, "FX", "Fox"),
    ],
    "pooled_question_consensus": [],
    "pooled_drawing_consensus": [],
    "event_consensus": [
        event("=Pond/20240310T015940", "FX", choice_label="Fox", count_max="1", complete=False),
        event("=Pond/20240310T015940", "DR", choice_label="Deer", count_max="2"),
        event("=Pond/20240310T015940", "PRSN", choice_label="Person", present=False),
        event("Hedge/20240312T080000", None),
    ],
    "survey_posteriors": [
        {**named(1, "DR", "Deer"), "posterior": 0.99, "posterior_calibrated": 0.9},
        {**named(2, "FX", "Fox"), "posterior": 0.99},
    ],
    "question_posteriors": [],
    "tasks": [
        {
            "task": "T0",
            "task_revision": "T0@1.1",
            "option_kind": "choice",
            "option_path": "choices.DR",
            "option_id": "DR",
            "option_index": 0,
        }
    ],
    "classifications": [
        classification(1, 1, 10),
        classification(2, 1, 20),
        classification(3, 2, 30),
        classification(4, 3, 40),
    ],
    "votes": [
        vote(1, 1, "DR", "user:7"),
        vote(1, 1, "FX", "user:7", "no"),
        vote(2, 1, "FX", "=name"),
        vote(4, 3, "Nothing here", "user:8"),
    ],
    "imports": [],
}
