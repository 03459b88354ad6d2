"""Exports for tests, written exactly as Zooniverse writes them.

Python's `csv` module is not used because it writes null and the empty string alike, and exports tell them apart.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

CLASSIFICATION_COLUMNS = (
    "classification_id",
    "user_name",
    "user_id",
    "user_ip",
    "workflow_id",
    "workflow_name",
    "workflow_version",
    "created_at",
    "gold_standard",
    "expert",
    "metadata",
    "annotations",
    "subject_data",
    "subject_ids",
)
SUBJECT_COLUMNS = (
    "subject_id",
    "project_id",
    "workflow_id",
    "subject_set_id",
    "metadata",
    "locations",
    "classifications_count",
    "retired_at",
    "retirement_reason",
    "created_at",
    "updated_at",
)
WORKFLOW_COLUMNS = (
    "workflow_id",
    "display_name",
    "version",
    "active",
    "classifications_count",
    "pairwise",
    "grouped",
    "prioritized",
    "primary_language",
    "first_task",
    "tutorial_subject_id",
    "retired_set_member_subjects_count",
    "tasks",
    "retirement",
    "strings",
    "minor_version",
)

METADATA: dict[str, Any] = {
    "source": "api",
    "session": "5e55",
    "started_at": "2024-03-05T01:01:00.250Z",
    "finished_at": "2024-03-05T01:02:00.750Z",
    "user_agent": "Mozilla/5.0",
    "utc_offset": "0",
    "live_project": True,
    "user_language": "en",
    "subject_dimensions": [{"clientWidth": 800, "clientHeight": 600, "naturalWidth": 1600, "naturalHeight": 1200}],
    "subject_selection_state": {"retired": False, "already_seen": False, "selection_state": "normal"},
}


def metadata(**overrides: Any) -> dict[str, Any]:
    """The metadata of a classification; a key with the value `...` (Ellipsis) is left out."""
    return {key: value for key, value in (METADATA | overrides).items() if value is not ...}


def answer(task: str = "T0", value: Any = "Yes", label: str | None = "Is there a bird?") -> dict[str, Any]:
    """An annotation element as the server writes it for a question of the first classifier."""
    return {"task": task, "task_label": label, "value": value}


def _times(number: int) -> dict[str, str]:
    """An hour of work with a different end for each row, so that no row counts as another one sent twice."""
    clock = f"{number // 60 % 60:02}:{number % 60:02}"
    return {"started_at": f"2024-03-05T00:{clock}.250Z", "finished_at": f"2024-03-05T01:{clock}.750Z"}


def classification_row(number: int = 1, **overrides: Any) -> Row:
    """One row of a classifications export: volunteer 7000 + `number`, workflow 11, version 3.10, subject 101.

    Values may be Python values: lists and dicts become JSON. `subject_data` follows from `subject_ids`
    where it is not given.
    """
    row: Row = {
        "classification_id": 1000 + number,
        "user_name": f"volunteer-{number}",
        "user_id": 7000 + number,
        "user_ip": "0123456789abcdef0123",
        "workflow_id": 11,
        "workflow_name": "Birds",
        "workflow_version": "3.10",
        "created_at": f"2024-03-05 01:{number // 60 % 60:02}:{number % 60:02} UTC",
        "gold_standard": None,
        "expert": None,
        "metadata": metadata(session=f"session-{number}", **_times(number)),
        "annotations": [answer()],
        "subject_data": ...,
        "subject_ids": "101",
    }
    unknown = overrides.keys() - row.keys()
    assert not unknown, f"no such columns: {unknown}"
    row |= overrides
    if row["subject_data"] is ...:
        subjects = str(row["subject_ids"] or "").split(";")
        row["subject_data"] = {subject: {"retired": None, "name": f"bird {subject}.jpg"} for subject in subjects}
    return row


def anonymous(number: int = 1, **overrides: Any) -> Row:
    """A classification by somebody who was not logged in."""
    row = classification_row(number, user_id=None, user_name="not-logged-in-0123456789abcdef0123")
    return row | overrides


def subject_row(number: int = 101, **overrides: Any) -> Row:
    """One row of a subjects export: subject `number` in set 21, linked to workflow 11, not retired."""
    row: Row = {
        "subject_id": number,
        "project_id": 5,
        "workflow_id": 11,
        "subject_set_id": 21,
        "metadata": {"name": f"bird {number}.jpg"},
        "locations": {"0": f"https://example.org/{number}.jpg"},
        "classifications_count": 0,
        "retired_at": None,
        "retirement_reason": None,
        "created_at": "2023-01-01 10:00:00 UTC",
        "updated_at": "2023-01-02 10:00:00 UTC",
    }
    return row | overrides


def question(task: str = "T0", answers: int = 2, kind: str = "single", **overrides: Any) -> dict[str, Any]:
    """The definition of a question task with string keys, as it stands in `tasks` of a workflows export."""
    return {
        "help": f"{task}.help",
        "type": kind,
        "answers": [{"label": f"{task}.answers.{index}.label"} for index in range(answers)],
        "question": f"{task}.question",
        "required": True,
    } | overrides


def question_strings(
    task: str = "T0", label: str = "Is there a bird?", answers: Sequence[str] = ("Yes", "No")
) -> dict[str, Any]:
    """The `strings` that go with `question`."""
    texts: dict[str, Any] = {f"{task}.help": "", f"{task}.question": label}
    return texts | {f"{task}.answers.{index}.label": text for index, text in enumerate(answers)}


def workflow_row(major: int = 3, minor: int | None = 10, **overrides: Any) -> Row:
    """One row of a workflows export: workflow 11 with the one question T0, answers Yes and No."""
    row: Row = {
        "workflow_id": 11,
        "display_name": "Birds",
        "version": major,
        "active": True,
        "classifications_count": 4,
        "pairwise": False,
        "grouped": False,
        "prioritized": False,
        "primary_language": "en",
        "first_task": "T0",
        "tutorial_subject_id": None,
        "retired_set_member_subjects_count": 1,
        "tasks": {"T0": question()},
        "retirement": {"criteria": "classification_count", "options": {"count": 15}},
        "strings": question_strings(),
        "minor_version": minor,
    }
    return row | overrides


def json_text(value: Any) -> str:
    """JSON as the server writes it: on one line, without spaces, safe inside a web page."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    escaped = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
    return text.translate(escaped)


def cell_text(value: Any) -> str:
    """One cell as Ruby's CSV writes it: null is nothing at all, the empty string a pair of quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = json_text(value) if isinstance(value, dict | list) else str(value)
    if text == "" or any(character in text for character in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def export_bytes(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """The bytes of an export with these columns; a column that a row lacks is null."""
    lines = [",".join(cell_text(row.get(column)) for column in columns) for row in rows]
    return ("\n".join([",".join(cell_text(column) for column in columns), *lines]) + "\n").encode()


def write_export(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> Path:
    """Write rows to a file, in the columns given, else in those of the first row; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(export_bytes(rows, columns if columns is not None else list(rows[0])))
    return path


def write_classifications(
    path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = CLASSIFICATION_COLUMNS
) -> Path:
    """Write a classifications export; returns its path."""
    return write_export(path, rows, columns)


def write_subjects(
    path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = SUBJECT_COLUMNS
) -> Path:
    """Write a subjects export; returns its path."""
    return write_export(path, rows, columns)


def write_workflows(
    path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = WORKFLOW_COLUMNS
) -> Path:
    """Write a workflows export; returns its path."""
    return write_export(path, rows, columns)
