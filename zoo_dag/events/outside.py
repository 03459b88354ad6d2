"""Tables from outside the exports: the times of pictures, and when cameras stood where."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.events.fields import file_name_field, unknown_field
from zoo_dag.events.times import days_or_times
from zoo_dag.settings.events import Events
from zoo_dag.wording.sentences import counted

SUBJECT = "subject_id"
# Our names of columns, and those of Camtrap DP.
_NAMES = {
    "deployment": ("deployment", "deploymentID"),
    "start": ("start", "deploymentStart"),
    "end": ("end", "deploymentEnd"),
}
_SHOWN = 3


class PictureTable(NamedTuple):
    """What a table from outside says about pictures.

    `key` is `subject_id` or the column with the name of the file. `rows` has a row for each value of it, all
    columns String. `contradicting` are the values that several different rows have: these count for no picture.
    """

    key: str
    rows: pl.DataFrame
    contradicting: pl.DataFrame


class Deployments(NamedTuple):
    """When cameras stood where: `deployment, start, end`, no two rows of a camera overlapping.

    `problems` has a sentence for each thing that is wrong in the table.
    """

    rows: pl.DataFrame
    problems: tuple[str, ...]


def picture_table(file: Path, settings: Events) -> PictureTable:
    """Read the table of `events.table`. Raises SettingsError where it cannot be used at all."""
    table = _read(file, "table")
    key = next((name for name in (SUBJECT, settings.file_name) if name in table.columns), None)
    key = key or file_name_field(table.columns)
    if key is None:
        raise SettingsError(
            f"events.table: {file} has neither a column subject_id nor one with the name of the file. "
            f"Columns: {', '.join(table.columns)}."
        )
    fields = _fields(settings)
    wanted = [name for name in table.columns if name in fields and name != key]
    if not wanted:
        raise unknown_field("table", fields[0], table.columns)
    file_name = file_name_field(table.columns)
    besides = [file_name] if file_name and file_name not in (key, *wanted) else []
    rows = table.select(pl.col(key), *wanted, *besides).drop_nulls(key).unique(maintain_order=True)
    again = pl.col(key).is_duplicated()
    return PictureTable(key, rows.filter(~again), rows.filter(again).sort(key, maintain_order=True))


def deployments_table(file: Path, settings: Events) -> Deployments:
    """Read the table of `events.deployments`. Raises SettingsError where it cannot be used at all.

    Rows of a camera that overlap become one: no day counts twice.
    """
    table = _read(file, "deployments")
    columns = {
        name: next((each for each in names if each in table.columns), None) for name, names in _NAMES.items()
    }
    if missing := [name for name, column in columns.items() if column is None]:
        raise SettingsError(
            f"events.deployments: {file} has no column {missing[0]}. Expected deployment, start and end, found "
            f"{', '.join(table.columns)}."
        )
    named = table.select(**{name: str(column) for name, column in columns.items()}).with_row_index("row", 1)
    start = days_or_times(named["start"], settings.time_format)
    end = days_or_times(named["end"], settings.time_format, ends=True)
    read = named.with_columns(begin=start, finish=end)
    usable = pl.col("deployment").is_not_null() & (pl.col("finish") > pl.col("begin")).fill_null(value=False)
    unread = read.filter(~usable)
    spans = read.filter(usable).select("deployment", "row", start="begin", end="finish")
    joined, overlapping = _joined(spans)
    return Deployments(joined, (*_of_unread(unread), *_of_overlapping(overlapping)))


def _fields(settings: Events) -> list[str]:
    named = (*settings.deployment, *settings.time, settings.sequence, settings.file_name)
    return [name for name in named if name]


def _read(file: Path, setting: str) -> pl.DataFrame:
    try:
        table = pl.read_csv(file, infer_schema=False, encoding="utf8-lossy", null_values=[""])
    except FileNotFoundError:
        raise SettingsError(f"events.{setting}: there is no file {file}.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"events.{setting}: {file} cannot be read as CSV: {reason}") from None
    named = table.rename({name: name.strip().removeprefix("\ufeff") for name in table.columns})
    return named.select(pl.col(name).str.strip_chars().replace("", None) for name in named.columns)


def _joined(spans: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The spans of each deployment without those that overlap, which are joined; and the overlapping rows."""
    in_order = spans.sort("deployment", "start", "end", "row")
    latest = pl.col("end").cum_max().shift(1).over("deployment")
    marked = in_order.with_columns(overlaps=(pl.col("start") < latest).fill_null(value=False))
    numbered = marked.with_columns(span=(~pl.col("overlaps")).cum_sum())
    joined = numbered.group_by("deployment", "span", maintain_order=True).agg(
        pl.col("start").min(), pl.col("end").max()
    )
    return joined.drop("span"), marked.filter("overlaps")


def _of_unread(rows: pl.DataFrame) -> Sequence[str]:
    if rows.is_empty():
        return ()
    shown = "; ".join(
        f"row {row}: {deployment or 'no deployment'}, {start or 'no start'} to {end or 'no end'}"
        for row, deployment, start, end in rows.select("row", "deployment", "start", "end")
        .head(_SHOWN)
        .iter_rows()
    )
    return (
        f"Left out of events.deployments, without a deployment, with a time that cannot be read, or an end that "
        f"does not follow its start: {counted(rows.height, 'rows')} ({shown}).",
    )


def _of_overlapping(rows: pl.DataFrame) -> Sequence[str]:
    if rows.is_empty():
        return ()
    shown = "; ".join(
        f"row {row} of {deployment}"
        for row, deployment in rows.select("row", "deployment").head(_SHOWN).iter_rows()
    )
    return (
        f"Overlapping with another row of its deployment in events.deployments, so that days in both count once: "
        f"{counted(rows.height, 'rows')} ({shown}).",
    )
