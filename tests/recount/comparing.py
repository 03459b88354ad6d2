"""Two lists of records, cell by cell."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
# Columns of JSON text, which may be written in several ways.
JSON_COLUMNS = {"metadata", "annotations", "mark", "value"}


def differences(table: str, found: Sequence[Record], expected: Sequence[Record], key: Sequence[str]) -> list[str]:
    """What differs between the rows of a table and those of the recount, each a sentence with both values.

    `key` are the columns that name a row; the columns that are compared are those of the recount.
    """
    if not found and not expected:
        return []
    columns = set(found[0]) if found else set()
    missing = sorted({name for row in expected for name in row} - columns) if found else []
    sentences = [f"{table}: the table lacks {', '.join(missing)}"] if missing else []
    key = [name for name in key if name not in missing]
    ours, theirs = by_key(found, key), by_key(expected, key)
    for name in sorted(ours.keys() | theirs.keys(), key=str):
        place = f"{table}: {dict(zip(key, name, strict=True))}"
        if len(ours[name]) != len(theirs[name]):
            sentences.append(f"{place}: {len(ours[name])} rows, recounted {len(theirs[name])}")
            continue
        for row, recounted in zip(ours[name], theirs[name], strict=True):
            sentences += [
                f"{place}: {column} is {shown(row[column])}, recounted {shown(value)}"
                for column, value in recounted.items()
                if column in row
                if not equal(cell(column, row[column]), cell(column, value))
            ]
    return sentences


def by_key(rows: Sequence[Record], key: Sequence[str]) -> dict[tuple[Any, ...], list[Record]]:
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in key)].append(row)
    return groups


def cell(column: str, value: Any) -> Any:
    if column in JSON_COLUMNS and isinstance(value, str):
        return json.loads(value)
    return value


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    return type(one) is type(other) and bool(one == other)


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]} …"
