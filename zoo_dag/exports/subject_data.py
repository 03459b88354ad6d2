"""The subject_data cell of a classification: ids, metadata and the retirement state at export time."""

from dataclasses import dataclass
from typing import Any

from zoo_dag.exports.cells import load_json

GROUP_MEMBERS = "#group_subject_ids"


@dataclass(frozen=True)
class SubjectEntry:
    """What a subject_data cell says of one subject.

    `retired` is null where the cell does not tell. `retired_at` is ISO 8601 text in milliseconds. It is the
    state of the export, not of the moment of classification.
    """

    metadata: dict[str, Any]
    retired: bool | None = None
    retired_at: str | None = None
    retirement_reason: str | None = None
    classifications_count: int | None = None


def subject_entries(cell: str) -> dict[int, SubjectEntry]:
    """The entries of a subject_data cell by subject id. Raises ValueError where the cell is no such object."""
    value = load_json(cell)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type(value).__name__}")
    return {_subject_id(key): _entry(entry) for key, entry in value.items()}


def subject_ids(cell: str, *, expand_groups: bool = False) -> str:
    """Ids of a subject_data cell, ascending, joined with `;`; of a group its members where asked for.

    Raises ValueError where the cell does not tell.
    """
    ids: set[int] = set()
    for subject_id, entry in subject_entries(cell).items():
        members = entry.metadata.get(GROUP_MEMBERS)
        if expand_groups and isinstance(members, str):
            ids.update(_subject_id(member) for member in members.split("-"))
        else:
            ids.add(subject_id)
    if not ids:
        raise ValueError("no subject in it")
    return ";".join(str(subject_id) for subject_id in sorted(ids))


def _subject_id(text: str) -> int:
    # At most 18 digits, so that an id always fits an Int64.
    if not text.strip().isdecimal() or len(text.strip()) > 18:
        raise ValueError(f"expected a subject id, found {text!r}")
    return int(text)


def _entry(value: Any) -> SubjectEntry:
    if not isinstance(value, dict):
        return SubjectEntry({})
    metadata = dict(value)
    state = metadata.pop("retired", None)
    if isinstance(state, bool):
        return SubjectEntry(metadata, retired=state)
    if state is None:
        return SubjectEntry(metadata, retired=False if "retired" in value else None)
    if isinstance(state, dict) and {"workflow_id", "retired_at"} <= set(state):
        return SubjectEntry(
            metadata,
            retired=state["retired_at"] is not None,
            retired_at=state["retired_at"],
            retirement_reason=state.get("retirement_reason"),
            classifications_count=state.get("classifications_count"),
        )
    # A field of the user's own that happens to be called `retired` hides the server's state.
    return SubjectEntry(dict(value))
