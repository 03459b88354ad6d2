"""Subjects with the same picture: people upload a folder twice, and then its votes are those of two subjects."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from zoo_dag.exports.cells import json_object

# A value that is the name or the path of a file, whatever its field is called.
_ENDINGS = "jpe?g|png|gif|svg|bmp|webp|tiff?|mp[34]|m4a|mpe?g|wav|ogg|webm|mov|avi|pdf|txt|json"
_FILE = re.compile(rf"[^\n]*\.(?:{_ENDINGS})", re.I)
_SUM_NAME = re.compile(r"md5|sha-?(?:1|256|512)|checksum|hash", re.I)
_SUM = re.compile(r"[0-9a-f]{16,128}", re.I)

Picture = tuple[tuple[str, str], ...]


def same_pictures(subjects: pl.DataFrame) -> pl.DataFrame:
    """For each subject the others that show the same picture.

    Takes `subject_id` and `metadata`, JSON text. Returns `subject_id: Int64, same_as: List(Int64)`, ascending, for
    the subjects whose metadata tell. Pictures are the same if a sum of their content (md5 and the like) is equal.
    Without one, they are if the names of their files are, and nothing is different that the metadata of all
    subjects with these names say: cameras give the same names at each place.
    """
    by_sum: dict[Picture, list[int]] = defaultdict(list)
    by_name: dict[Picture, list[int]] = defaultdict(list)
    cells = dict(subjects.select("subject_id", "metadata").sort("subject_id").iter_rows())
    for subject_id, cell in cells.items():
        sums, files = _sums_and_files(_fields(cell))
        if sums or files:
            (by_sum if sums else by_name)[sums or files].append(subject_id)
    groups = [*by_sum.values(), *(group for members in by_name.values() for group in _alike(members, cells))]
    others = [(each, [other for other in group if other != each]) for group in groups for each in group]
    schema = pl.Schema({"subject_id": pl.Int64(), "same_as": pl.List(pl.Int64())})
    return pl.DataFrame(others, schema, orient="row").sort("subject_id")


def _alike(members: Sequence[int], cells: Mapping[int, str | None]) -> Iterable[Sequence[int]]:
    """The members in groups that agree on all fields that every member has, but for the names of files."""
    if len(members) == 1:
        return [members]
    read = {each: _fields(cells[each]) for each in members}
    names = {name for fields in read.values() for name, _ in _sums_and_files(fields)[1]}
    shared = sorted(set[str].intersection(*map(set, read.values())) - names)
    groups: dict[bytes, list[int]] = defaultdict(list)
    for each in members:
        groups[orjson.dumps([read[each][name] for name in shared], option=orjson.OPT_SORT_KEYS)].append(each)
    return groups.values()


def _fields(cell: str | None) -> Mapping[str, Any]:
    """The metadata; fields that a second upload hid, or wrote in other letters, have the same name."""
    try:
        return {name.lstrip("#!/ ").rstrip().casefold(): value for name, value in json_object(cell).items()}
    except ValueError:
        return {}


def _sums_and_files(fields: Mapping[str, Any]) -> tuple[Picture, Picture]:
    """The fields that are sums of the content, and those that are names of files; each with its value."""
    sums, files = [], []
    for name, value in fields.items():
        if not isinstance(value, str):
            continue
        text = value.strip()
        if _SUM.fullmatch(text) and _SUM_NAME.search(name):
            sums.append((name, text.casefold()))
        if _FILE.fullmatch(text):
            files.append((name, text.casefold()))
    return tuple(sorted(sums)), tuple(sorted(files))
