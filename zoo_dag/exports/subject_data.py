"""The subject_data cell of a classification: an object of entries by subject id.

An entry has the metadata of the subject, and under `retired` the state at the time of the export.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import polars as pl

from zoo_dag.exports.cells import load_json, utc_time
from zoo_dag.exports.training import is_training

GROUP_MEMBERS, GROUP = "#group_subject_ids", "#subject_group_id"
_LARGEST = 1 << 63
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


def read_cell(cell: str | None) -> tuple[str | None, list[ShownSubject]]:
    """A subject_data cell without the server's retirement state, and the subjects that it shows.

    A cell that cannot be read stays as it is and shows none, and an entry that cannot be read is no subject.
    """
    if cell is None:
        return None, []
    try:
        entries = _entries(cell)
    except ValueError:
        return cell, []
    metadata = {key: _without_state(entry) for key, entry in entries.items()}
    shown = []
    for key, subject_id, entry in _subjects(entries):
        state = _state(entry)
        count, reason = state.get("classifications_count"), state.get("retirement_reason")
        shown.append(
            ShownSubject(
                subject_id,
                orjson.dumps(metadata[key]).decode(),
                count if type(count) is int and abs(count) < _LARGEST else None,
                _retired_at(state),
                reason if isinstance(reason, str) else None,
            )
        )
    return orjson.dumps(metadata).decode(), shown


def _readable(cell: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The ids and entries of a cell, without those that cannot be read."""
    try:
        entries = _entries(cell)
    except ValueError:
        return
    for _, subject_id, entry in _subjects(entries):
        yield subject_id, entry


def _subjects(entries: Mapping[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The keys, ids and entries of the subjects of a cell, without those that cannot be read."""
    for key, entry in entries.items():
        try:
            subject_id = _subject_id(key)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield key, subject_id, entry


def _state(entry: dict[str, Any]) -> dict[str, Any]:
    """The server's state of a retired subject; {} for any other."""
    state = entry.get("retired")
    return state if isinstance(state, dict) and _is_server_state(state) else {}


def _retired_at(state: dict[str, Any]) -> str | None:
    moment = state.get("retired_at")
    return moment if isinstance(moment, str) else None


def subject_states(cells: pl.Series, training_keys: Sequence[str]) -> pl.DataFrame:
    """What different subject_data cells say of the state of their subjects, in the same order.

    Returns `training: Boolean`, whether any of them is for training, and `retired_at: Datetime`, when the last of
    them was retired; null where one is not, and where the cell does not say.
    """
    keys = tuple(training_keys)
    # Most cells say neither, and need not be parsed.
    plain = all(key.isascii() and not set(key) & _ESCAPED for key in keys)
    # One that no cell has, so that there is a pattern.
    named = [key.strip() for key in keys] or ["\0"]
    marked = cells.str.contains_any(named, ascii_case_insensitive=True) if plain else cells.is_not_null()
    telling = marked | cells.str.contains('"retired_at"', literal=True)
    states = [
        _training_and_retirement(cell, keys if is_marked else ())
        for cell, is_marked in zip(cells.filter(telling), marked.filter(telling), strict=True)
    ]
    read = pl.DataFrame(states, {"training": pl.Boolean, "retired_at": pl.String}, orient="row")
    read = read.with_columns(telling.arg_true().alias("row"))
    rows = cells.to_frame().with_row_index("row").join(read, on="row", how="left", maintain_order="left")
    says_not = pl.when(pl.col(cells.name).is_not_null()).then(pl.lit(False))
    return rows.select(pl.coalesce("training", says_not), utc_time(rows["retired_at"]))


def _training_and_retirement(cell: str, training_keys: tuple[str, ...]) -> tuple[bool, str | None]:
    """Whether a subject of a cell is for training, and when the last was retired; null where one is not."""
    entries = [entry for _, entry in _readable(cell)]
    moments = [moment for moment in (_retired_at(_state(entry)) for entry in entries) if moment]
    training = bool(training_keys) and any(is_training(entry, training_keys) for entry in entries)
    return training, max(moments) if moments and len(moments) == len(entries) else None


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
