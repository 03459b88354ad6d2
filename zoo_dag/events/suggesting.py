"""Which fields of the metadata look like a camera and a time, and the settings that make events of them."""

import re
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import orjson
import polars as pl

from zoo_dag.events.fields import field_names, read_fields
from zoo_dag.events.formats import fitting
from zoo_dag.events.times import local_times

# Enough to know the fields of a project, and cheap to read.
_SAMPLED = 2000
# Words in the names of fields, as they stand or run together: `cameraID`, `trap_no`, `DateTimeOriginal`.
_CAMERA = re.compile(r"camera|deployment|\bcam\b|trap|station", re.I)
_CAMERA_SOMEWHERE = re.compile("cam|trap", re.I)
_PLACEMENT = re.compile(r"\bsite|season|\broll\b|\bplot\b|location|transect", re.I)
_TIME = re.compile(
    r"\b(?:image|photo|file|capture|start)?(?:date|time|datetime|timestamp|captured|taken)"
    r"(?:original|created|taken|utc|gmt|local)?(?![a-z])",
    re.I,
)
# All pairs of them are tried in all forms.
_MOST_TIMES = 8
_PATH = re.compile(r".*[/\\]([^/\\]+)[/\\][^/\\]+\.[A-Za-z0-9]{2,5}")
_FOLDER = r"([^/\\]+)[/\\]+[^/\\]+$"
# A name of a camera stands on several pictures, and so does no name of a file.
_MOST_DISTINCT = 0.5
_MOST_SHOWN = 3


class Suggestion(NamedTuple):
    """Fields that look like a camera and a time, with values of them, and the settings to paste.

    `fields` are sentences; `settings` lines of TOML, empty where no field looks like a camera.
    """

    fields: tuple[str, ...]
    settings: tuple[str, ...]


def suggest(metadata: pl.Series) -> Suggestion | None:
    """What cells of metadata, JSON text, suggest for `[events]`; None where nothing looks like a camera."""
    sample = metadata.drop_nulls().head(_SAMPLED)
    names = field_names(sample)
    values = read_fields(sample, names)
    cameras, pattern = _cameras(values)
    if not cameras:
        return None
    time, forms = _time(values)
    # A site or a folder without a time may be of anything.
    if not (time or _CAMERA_SOMEWHERE.search(" ".join([*cameras, *_first(values, cameras)]))):
        return None
    lines = ["[events]", f"deployment = {_toml(cameras)}"]
    if pattern:
        lines.append(f"deployment_pattern = '{pattern}'")
    lines += _of_time(time, forms)
    return Suggestion(tuple(_sentences(values, cameras, time)), tuple(lines))


def _of_time(time: Sequence[str], forms: Sequence[str]) -> Iterator[str]:
    if not time:
        yield "# No field looks like a time: name a CSV with subject_id, or the name of the file, and the time."
        yield 'table = "times.csv"'
        yield 'time = "time"'
        return
    yield f"time = {_toml(time)}"
    if forms:
        yield f'time_format = "{forms[0]}"'
        yield from (f'# "{form}" fits as well: keep the right one' for form in forms[1:_MOST_SHOWN])


def _cameras(values: pl.DataFrame) -> tuple[list[str], str | None]:
    """The fields that together look like a camera in one placement; else a path, with a pattern for its folder."""
    few = [name for name in values.columns if _is_shared(values[name])]
    cameras = [name for name in few if _CAMERA.search(_words(name))]
    placements = [name for name in few if name not in cameras and _PLACEMENT.search(_words(name))]
    if cameras or placements:
        return [name for name in few if name in cameras or name in placements], None
    for name in sorted(values.columns, key=lambda each: values[each].null_count()):
        known = values[name].drop_nulls()
        folders = known.str.extract(_FOLDER, 1)
        if len(known) and all(_PATH.fullmatch(value) for value in known) and _is_shared(folders):
            return [name], _FOLDER
    return [], None


def _first(values: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """The first value of each of some fields."""
    return [str(values[name].drop_nulls()[0]) for name in names]


def _words(name: str) -> str:
    """The name with its words apart: `siteID` and `camera_no` become `site ID` and `camera no`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", name)


def _is_shared(values: pl.Series) -> bool:
    known = values.drop_nulls()
    return len(known) > 0 and (known.n_unique() == 1 or known.n_unique() <= _MOST_DISTINCT * len(known))


def _time(values: pl.DataFrame) -> tuple[list[str], list[str]]:
    """The field, or the two fields joined with a space, that is a time; and the forms that fit it, if it needs
    one."""
    named = [name for name in values.columns if _TIME.search(_words(name)) and _has_digit(values[name])]
    named = named[:_MOST_TIMES]
    candidates = [[name] for name in named] + [list(pair) for pair in permutations(named, 2)]
    for fields in candidates:
        texts = values.select(text=pl.concat_str(*fields, separator=" ")).to_series()
        if texts.null_count() == len(texts):
            continue
        if local_times(texts.drop_nulls()).null_count() == 0:
            return fields, []
        if forms := fitting(texts):
            return fields, forms
    return [], []


def _has_digit(values: pl.Series) -> bool:
    """Whether the first value may be a time: it has a digit."""
    return any(map(str.isdecimal, str(values.drop_nulls().first())))


def _sentences(values: pl.DataFrame, cameras: Sequence[str], time: Sequence[str]) -> Iterator[str]:
    for what, names in (("a camera", cameras), ("a time", time)):
        for name in names:
            known = values[name].drop_nulls()
            shown = ", ".join(known.unique(maintain_order=True).head(_MOST_SHOWN))
            yield f"{name} looks like {'part of ' if len(names) > 1 else ''}{what}: {shown}"


def _toml(names: Sequence[str]) -> str:
    # JSON texts are TOML texts.
    texts = [orjson.dumps(name).decode() for name in names]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
