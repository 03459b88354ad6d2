"""The subject_data cell of a classification: an object of entries by subject id.

An entry has the metadata of the subject, and under `retired` the state at the time of the export.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import polars as pl

from zoo_dag.exports.cells import load_json, utc_time
from zoo_dag.exports.training import is_training

GROUP_MEMBERS, GROUP = "#group_subject_ids", "#subject_group_id"
_LARGEST = 1 << 63
# The classifications of a subject are far apart in an export, and have the same cell: so many are kept as read.
_MOST_CELLS = 8192
# Letters that JSON may write in another way.
_ESCAPED = frozenset('<>&"\\/')


def subject_ids(cell: str, *, expand_groups: bool = False) -> str:
    """Ids of a subject_data cell, ascending, joined with `;`; with `expand_groups` those of a group's members.

    Raises ValueError where the cell names no subject.
    """
    ids: set[int] = set()
    for key, entry in _entries(cell).items():
        subject_id = _subject_id(key)
        members = entry.get(GROUP_MEMBERS) if isinstance(entry, dict) else None
        if expand_groups and isinstance(members, str):
            ids.update(_subject_id(member) for member in members.split("-"))
        else:
            ids.add(subject_id)
    if not ids:
        raise ValueError("no subject in it")
    return ";".join(str(subject_id) for subject_id in sorted(ids))


def group_members(cell: str) -> frozenset[int]:
    """The members of the group whose pseudo subject is in a subject_data cell; none where it names none."""
    members: set[int] = set()
    for _, entry in _readable(cell):
        named = entry.get(GROUP_MEMBERS)
        try:
            members.update(map(_subject_id, named.split("-")) if isinstance(named, str) else ())
        except ValueError:
            return frozenset()
    return frozenset(members)


def subject_groups(cell: str) -> frozenset[int]:
    """The pseudo subjects in a subject_data cell, which stand for a group of subjects."""
    return frozenset(subject_id for subject_id, entry in _readable(cell) if entry.keys() & {GROUP, GROUP_MEMBERS})


class ShownSubject(NamedTuple):
    """What an entry says about its subject: metadata as JSON text, and the server's state if it is retired."""

    subject_id: int
    metadata: str
    classifications_count: int | None
    retired_at: str | None
    retirement_reason: str | None


def shown_subjects(cell: str) -> Iterator[ShownSubject]:
    """The subjects of a subject_data cell; none of a cell, and of an entry, that cannot be read."""
    for subject_id, entry in _readable(cell):
        try:
            metadata = orjson.dumps(_without_state(entry)).decode()
        except TypeError:  # orjson reads deeper nesting than it writes
            continue
        state = _state(entry)
        count, reason = state.get("classifications_count"), state.get("retirement_reason")
        yield ShownSubject(
            subject_id,
            metadata,
            count if type(count) is int and abs(count) < _LARGEST else None,
            _retired_at(state),
            reason if isinstance(reason, str) else None,
        )


def _readable(cell: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The ids and entries of a cell, without those that cannot be read."""
    try:
        entries = _entries(cell)
    except ValueError:
        return
    for key, entry in entries.items():
        try:
            subject_id = _subject_id(key)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield subject_id, entry


def _state(entry: dict[str, Any]) -> dict[str, Any]:
    """The server's state of a retired subject; {} for any other."""
    state = entry.get("retired")
    return state if isinstance(state, dict) and _is_server_state(state) else {}


def _retired_at(state: dict[str, Any]) -> str | None:
    moment = state.get("retired_at")
    return moment if isinstance(moment, str) else None


def subject_states(cells: pl.Series, training_keys: Sequence[str]) -> pl.DataFrame:
    """What subject_data cells say of the state of their subjects, in the same order.

    Returns `training: Boolean`, whether any of them is for training, and `retired_at: Datetime`, when the last of
    them was retired; null where one is not, and where the cell does not say.
    """
    distinct = cells.drop_nulls().unique()
    # Most cells say neither, and need not be parsed.
    plain = all(key.isascii() and not set(key) & _ESCAPED for key in training_keys)
    patterns = ['"retired_at"', *(key.strip() for key in training_keys)]
    telling = (
        distinct.filter(distinct.str.contains_any(patterns, ascii_case_insensitive=True)) if plain else distinct
    )
    states = [(cell, *_training_and_retirement(cell, tuple(training_keys))) for cell in telling]
    schema = {cells.name: pl.String, "training": pl.Boolean, "retired_at": pl.String}
    read = pl.DataFrame(states, schema, orient="row")
    rows = cells.to_frame().join(read, on=cells.name, how="left", maintain_order="left")
    says_not = pl.when(pl.col(cells.name).is_not_null()).then(pl.lit(False))
    return rows.select(pl.coalesce("training", says_not), utc_time(rows["retired_at"]))


@lru_cache(maxsize=_MOST_CELLS)
def _training_and_retirement(cell: str, training_keys: tuple[str, ...]) -> tuple[bool, str | None]:
    """Whether a subject of a cell is for training, and when the last was retired; null where one is not."""
    entries = [entry for _, entry in _readable(cell)]
    moments = [moment for moment in (_retired_at(_state(entry)) for entry in entries) if moment]
    training = any(is_training(entry, training_keys) for entry in entries)
    return training, max(moments) if moments and len(moments) == len(entries) else None


@lru_cache(maxsize=_MOST_CELLS)
def without_retirement(cell: str) -> str:
    """A subject_data cell without the server's retirement state; a cell that cannot be read stays as it is."""
    try:
        entries = _entries(cell)
        return orjson.dumps({key: _without_state(entry) for key, entry in entries.items()}).decode()
    except ValueError:
        return cell


def _entries(cell: str) -> dict[str, Any]:
    value = load_json(cell)
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type(value).__name__}")
    return value


def _without_state(entry: Any) -> Any:
    if not isinstance(entry, dict) or not _is_server_state(entry.get("retired")):
        return entry
    return {name: value for name, value in entry.items() if name != "retired"}


def _is_server_state(value: Any) -> bool:
    """Whether a value of `retired` is the server's: a metadata field of that name hides the server's state."""
    if isinstance(value, dict):
        return {"workflow_id", "retired_at"} <= value.keys()
    return value is None or isinstance(value, bool)


def _subject_id(text: str) -> int:
    # At most 18 digits, so that an id always fits an Int64.
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        raise ValueError(f"expected a subject id, found {text!r}")
    return int(digits)
