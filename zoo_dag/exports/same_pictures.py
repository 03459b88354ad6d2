"""Subjects with the same picture: people upload a folder twice, and then its votes are those of two subjects."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import polars as pl

from zoo_dag.exports.cells import json_object

# A value that is the name or the path of a file, whatever its field is called.
_ENDINGS = "jpe?g|png|gif|svg|bmp|webp|tiff?|mp[34]|m4a|mpe?g|wav|ogg|webm|mov|avi|pdf|txt|json"
_FILE = re.compile(rf"[^\n]*\.(?:{_ENDINGS})", re.I)
_SUM_NAME = re.compile(r"md5|sha-?(?:1|256|512)|checksum|hash", re.I)
_SHORTEST_SUM = 16
_SUM = re.compile(rf"[0-9a-f]{{{_SHORTEST_SUM},128}}", re.I)

Picture = tuple[tuple[str, str], ...]


def same_pictures(subjects: pl.DataFrame) -> pl.DataFrame:
    """For each subject the others that show the same picture.

    Takes `subject_id` and `metadata`, JSON text. Returns `subject_id: Int64, same_as: List(Int64)`, ascending, for
    the subjects whose metadata tell. Pictures are the same if a sum of their content (md5 and the like) is equal.
    Without one, they are if the names of their files are, and nothing is different that the metadata of all
    subjects with these names say: cameras give the same names at each place.
    """
    cells = subjects.select("subject_id", "metadata").sort("subject_id").unique("subject_id", keep="last")
    pictures = pl.Series("picture", [_picture(cell) for cell in cells["metadata"]], pl.String)
    known = cells.with_columns(pictures).drop_nulls("picture").sort("subject_id")
    # Few pictures are there twice.
    groups = known.filter(pl.col("picture").is_duplicated()).partition_by("picture")
    alike = (group for together in groups for group in _alike(together))
    others = [(each, [other for other in group if other != each]) for group in alike for each in group]
    schema = pl.Schema({"subject_id": pl.Int64(), "same_as": pl.List(pl.Int64())})
    same = pl.DataFrame(others, schema, orient="row")
    alone = known.select("subject_id", same_as=pl.lit([], pl.List(pl.Int64))).join(
        same, on="subject_id", how="anti"
    )
    return pl.concat([same, alone]).sort("subject_id")


def _picture(cell: str | None) -> str | None:
    """What identifies the picture: the sums of its content, else the names of its files; None without either."""
    sums, files = _sums_and_files(_fields(cell))
    # As a text: of many tuples Python's garbage collector would look at each, again and again.
    return repr(["sums", *sums]) if sums else repr(files) if files else None


def _alike(together: pl.DataFrame) -> Iterable[Sequence[int]]:
    """Subjects with the same sums or names, in groups that agree.

    Those with the same names of files agree on all fields that each has, but for these names.
    """
    members = together["subject_id"].to_list()
    read = dict(zip(members, map(_fields, together["metadata"]), strict=True))
    sums, files = _sums_and_files(read[members[0]])
    if sums:
        return [members]
    names = {name for name, _ in files}
    shared = sorted(set[str].intersection(*map(set, read.values())) - names)
    groups: dict[bytes, list[int]] = defaultdict(list)
    for each in members:
        groups[orjson.dumps([read[each][name] for name in shared], option=orjson.OPT_SORT_KEYS)].append(each)
    return groups.values()


def _fields(cell: str | None) -> Mapping[str, Any]:
    """The metadata; fields that a second upload hid, or wrote in other letters, have the same name."""
    try:
        return {_name(name): value for name, value in json_object(cell).items()}
    except ValueError:
        return {}


@lru_cache
def _name(name: str) -> str:
    return name.lstrip("#!/ ").rstrip().casefold()


def _sums_and_files(fields: Mapping[str, Any]) -> tuple[Picture, Picture]:
    """The fields that are sums of the content, and those that are names of files; each with its value."""
    sums, files = [], []
    for name, value in fields.items():
        # Most values are short and have no dot: no pattern has to look at them.
        if not isinstance(value, str) or (len(value) < _SHORTEST_SUM and "." not in value):
            continue
        text = value.strip()
        if _SUM.fullmatch(text) and _SUM_NAME.search(name):
            sums.append((name, text.casefold()))
        if _FILE.fullmatch(text):
            files.append((name, text.casefold()))
    return tuple(sorted(sums)), tuple(sorted(files))
