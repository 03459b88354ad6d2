"""The classifications of an export, typed, and which of them count."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.recount.definitions import Workflows
from tests.recount.exports import Row

Record = dict[str, Any]
NOTHING = {None, "NA", "NaN"}


def classifications_of(rows: Iterable[Row], workflows: Workflows) -> list[Record]:
    """One record for each row, with the columns of the table `classifications`."""
    records = sorted((typed(row, workflows) for row in rows), key=lambda record: record["classification_id"])
    for version in {(record["workflow_id"], record["workflow_version"]) for record in records}:
        within = [r for r in records if (r["workflow_id"], r["workflow_version"]) == version]
        reasons = reasons_to_exclude(within, workflows)
        for record in within:
            record["excluded"] = reasons.get(record["classification_id"])
    return records


def typed(row: Row, workflows: Workflows) -> Record:
    metadata = json.loads(row.get("metadata") or "{}")
    state = metadata.get("subject_selection_state") or {}
    major, _, minor = str(row["workflow_version"]).partition(".")
    version = int(major), int(minor or 0)
    workflow = int(row.get("workflow_id") or 0)
    subjects = sorted(set(map(int, (row.get("subject_ids") or ";".join(subjects_in(row))).split(";"))))
    started, finished = moment(metadata.get("started_at")), moment(metadata.get("finished_at"))
    created, state_of_subjects = moment(row["created_at"]), json.loads(row.get("subject_data") or "{}").values()
    user = None if row.get("user_id") in NOTHING else int(float(str(row["user_id"])))
    return {
        "classification_id": int(str(row["classification_id"])),
        "user_key": user_key(user, row, metadata.get("session")),
        "user_name": row.get("user_name"),
        "user_id": user,
        "user_ip": row.get("user_ip"),
        "workflow_id": workflow,
        "workflow_name": row.get("workflow_name"),
        "workflow_version": f"{version[0]}.{version[1]}",
        "version_major": version[0],
        "version_minor": version[1],
        "created_at": created,
        "gold_standard": truth(row.get("gold_standard")),
        "expert": None if row.get("expert") in NOTHING else row["expert"],
        "subject_ids": ";".join(map(str, subjects)),
        "subject_id": subjects[0] if len(subjects) == 1 else None,
        "n_subjects": len(subjects),
        "classifier_version": metadata.get("classifier_version"),
        "session": metadata.get("session"),
        "started_at": started,
        "finished_at": finished,
        "duration_s": (finished - started).total_seconds() if started and finished else None,
        "user_language": metadata.get("user_language"),
        "live_project": truth(metadata.get("live_project")),
        "seen_before": truth(metadata.get("seen_before")),
        "already_seen": truth(state.get("already_seen")),
        "retired_when_shown": truth(state.get("retired")),
        "after_retirement": truth(state.get("retired")) is True
        or is_later(created, retired_at(state_of_subjects)),
        "source": metadata.get("source"),
        "metadata": row.get("metadata"),
        "annotations": row["annotations"],
        "version_match": workflows.find(workflow, version)[1],
        "translation_bug": truth(metadata.get("translation_bug")),
    }


def subjects_in(row: Row) -> list[str]:
    return list(json.loads(row.get("subject_data") or "{}"))


def moment(text: str | None) -> datetime | None:
    """A time of a cell or of metadata; without a zone it is in UTC. None where it cannot be read."""
    if text in NOTHING:
        return None
    try:
        time = datetime.fromisoformat(str(text).strip().removesuffix(" UTC"))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def retired_at(subjects: Iterable[Any]) -> datetime | None:
    """When the last of some subjects was retired; None where one is not."""
    states = [(subject.get("retired") or {}) if isinstance(subject, dict) else {} for subject in subjects]
    times = [moment(state.get("retired_at")) for state in states]
    known = [time for time in times if time]
    return max(known) if known and len(known) == len(times) else None


def is_later(time: datetime | None, than: datetime | None) -> bool:
    return time is not None and than is not None and time > than


def truth(value: str | bool | None) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())


def user_key(user: int | None, row: Row, session: str | None) -> str:
    """An account, else a login, else a browser session, else an address."""
    name, address = row.get("user_name"), row.get("user_ip")
    if user is not None:
        return f"user:{user}"
    if name and not name.startswith("not-logged-in-"):
        return f"name:{name}"
    if session:
        return f"session:{session}"
    return f"ip:{address or str(name).removeprefix('not-logged-in-')}"


def reasons_to_exclude(records: Sequence[Record], workflows: Workflows) -> dict[int, str]:
    """Why classifications do not count, by id, decided among `records`: those of a version."""
    reasons = faults(records, workflows)
    answered: set[tuple[str, str]] = set()
    for record in sorted(records, key=in_time):
        volunteer = record["user_key"], record["subject_ids"]
        if record["classification_id"] not in reasons:
            if volunteer in answered:
                reasons[record["classification_id"]] = "repeat"
            answered.add(volunteer)
    return reasons


def faults(records: Sequence[Record], workflows: Workflows) -> dict[int, str]:
    """Why classifications do not count, but for repeats: decided among those of a version or of a workflow."""
    went_live = any(record["live_project"] for record in records)
    reasons: dict[int, str] = {}
    sent: set[tuple[Any, ...]] = set()
    for record in sorted(records, key=lambda record: record["classification_id"]):
        content = tuple(record[name] for name in CONTENT)
        applying = {
            "gold_standard": record["gold_standard"],
            "pre_launch": record["live_project"] is False and went_live,
            "tutorial_subject": record["subject_id"] in workflows.tutorial_subjects,
            "network_duplicate": content in sent,
            "known_bad": record["translation_bug"],
        }
        reason = next((name for name, applies in applying.items() if applies), None)
        if reason is not None:
            reasons[record["classification_id"]] = reason
        sent.add(content)
    return reasons


def in_time(row: Record) -> tuple[datetime, int]:
    return row["created_at"], row["classification_id"]


CONTENT = ("user_key", "workflow_id", "subject_ids", "started_at", "finished_at", "annotations")
