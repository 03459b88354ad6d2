"""Tables from outside the exports: the times of pictures, and when cameras stood where."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from zoo_dag.errors import SettingsError
from zoo_dag.events.fields import file_name_field, unknown_field
from zoo_dag.events.times import days_or_times
from zoo_dag.settings.events import Events
from zoo_dag.store.given_tables import given_table
from zoo_dag.wording.sentences import counted, listed, quoted

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

    `key` is `subject_id` or the column with the name of the file, which `file_name` is in any case, if there is
    one. `rows` has a row for each value of the key, all columns String. `contradicting` are those of values that
    several different rows have: these count for no picture. `problems` has a sentence for rows without a key.
    """

    key: str
    file_name: str | None
    rows: pl.DataFrame
    contradicting: pl.DataFrame
    problems: tuple[str, ...]

    def rows_of(self, subject_ids: pl.Series, file_names: pl.Series) -> pl.Series:
        """The number of the row about each subject, null where there is none."""
        keys = subject_ids.cast(pl.String) if self.key == SUBJECT else file_names
        numbered = self.rows.select(pl.col(self.key).alias("key"), pl.int_range(pl.len()).alias("row"))
        return keys.to_frame("key").join(numbered, on="key", how="left", maintain_order="left")["row"]

    def unknown(self) -> SettingsError:
        """The error for a table that is about no subject at all."""
        shown = listed(map(quoted, self.rows[self.key].head(_SHOWN)))
        return SettingsError(f"events.table: no subject has the {self.key} of any row, such as {shown}.")


class Deployments(NamedTuple):
    """When cameras stood where: `deployment, start, end`, no two rows of a camera overlapping.

    `problems` has a sentence for each thing that is wrong in the table.
    """

    rows: pl.DataFrame
    problems: tuple[str, ...]


def picture_table(file: Path, settings: Events) -> PictureTable:
    """Read the table of `events.table`. Raises SettingsError where it cannot be used at all."""
    table = given_table(file, "events.table")
    named = settings.file_name if settings.file_name in table.columns else None
    file_name = named or file_name_field(table.columns)
    key = SUBJECT if SUBJECT in table.columns else file_name
    if key is None:
        raise SettingsError(
            f"events.table: {file} has neither a column subject_id nor one with the name of the file. "
            f"Columns: {', '.join(table.columns)}."
        )
    fields = _fields(settings)
    wanted = [name for name in table.columns if name in fields and name != key]
    if not wanted:
        raise unknown_field("table", fields[0], table.columns)
    # As whole numbers: 7 and 07 are one subject.
    keys = table[key].cast(pl.Int64, strict=False).cast(pl.String) if key == SUBJECT else table[key]
    columns = dict.fromkeys([key, *wanted, *([file_name] if file_name else [])])
    rows = table.with_columns(keys).select(*columns).drop_nulls(key).unique(maintain_order=True)
    again = pl.col(key).is_duplicated()
    contradicting = rows.filter(again).sort(key, maintain_order=True)
    return PictureTable(key, file_name, rows.filter(~again), contradicting, _without_key(file, table[key], keys))


def _without_key(file: Path, cells: pl.Series, keys: pl.Series) -> tuple[str, ...]:
    lost = keys.is_null().arg_true().to_list()
    if not lost:
        return ()
    shown = "; ".join(f"row {row + 1} has {quoted(cells[row] or '')}" for row in lost[:_SHOWN])
    return (f"In {file.name}, {counted(len(lost), 'rows')} without a {keys.name} that can be read: {shown}.",)


def deployments_table(file: Path, settings: Events) -> Deployments:
    """Read the table of `events.deployments`. Raises SettingsError where it cannot be used at all.

    Rows of a camera that overlap become one: no day counts twice.
    """
    table = given_table(file, "events.deployments")
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
