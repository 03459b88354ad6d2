"""Text cells to typed values: numbers, booleans, times and JSON, also as other programs re-save them."""

from datetime import datetime
from typing import Any

import orjson
import polars as pl

# What R, pandas, Python and databases write for nothing (docs/exports.md, Re-saved files).
_MISSING = ("", "NA", "NaN", "nan", "<NA>", "None", "null", "NULL")
# What a cell of Excel holds.
EXCEL_LETTERS = 32_767
# The formats of the columns of exports and of JSON. With a fixed number of digits Polars reads it much faster.
_COLUMN_TIMES = ("%Y-%m-%d %H:%M:%S UTC",)
_JSON_TIMES = ("%Y-%m-%dT%H:%M:%S.%3fZ", "%Y-%m-%dT%H:%M:%S%.fZ")
# The forms of other tools: ISO 8601, PostgreSQL, pandas, R. The last two leave out what is zero in all times of a
# column: seconds, or the time of day.
_TIME = (
    r"^\s*(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?<time>[0-9]{2}:[0-9]{2})(?<seconds>:[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"\s*(?:[Zz]|UTC|GMT|(?<sign>[+-])(?<hours>[0-9]{2}):?(?<minutes>[0-9]{2})?)?\s*$"
)
# The time zones of the world are between -12:00 and +14:00; some of the past were further from UTC.
_MOST_MINUTES = 16 * 60
# The deepest nesting that orjson writes, though it reads deeper; only a text with more brackets can be deeper.
_DEEPEST = 254
# So many digits always fit an Int64.
_MOST_DIGITS = 18
# Times that Python's datetime has, so that every time can be shown.
_FIRST_TIME, _LAST_TIME = datetime.min, datetime.max


# How R writes 100000, where that is shorter.
POWER_OF_TEN = r"^\s*[0-9](?:\.[0-9]+)?e\+[0-9]{2}\s*$"
_POWER_OF_TEN = r"^\s*(?<first>[0-9])(?:\.(?<more>[0-9]+))?e\+(?<power>0[0-9]|1[0-7])\s*$"


def missing_to_null(name: str) -> pl.Expr:
    """A text column with "", NA, NaN, None and null read as null."""
    stripped = pl.col(name).str.strip_chars()
    return pl.when(~stripped.is_in(_MISSING)).then(stripped)


def different(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The different cells of a text column, and for each row the place of its cell among them."""
    # Categories of their own count from 0. To look them up in a table of the different cells takes twice as long.
    codes = cells.cast(pl.Categorical(pl.Categories.random())).to_physical()
    first = codes.arg_unique()
    in_order = first.gather(codes.gather(first).arg_sort(nulls_last=True))
    return cells.gather(in_order), codes.fill_null(len(in_order) - 1)


def integer(text: pl.Expr) -> pl.Expr:
    """Int64 from text such as `63325`, `63325.0` or R's `1e+05`; null for anything else."""
    return text.map_batches(_integers, return_dtype=pl.Int64(), is_elementwise=True)


def _integers(text: pl.Series) -> pl.Series:
    # Nearly all cells are plain digits. Polars also reads +5, and more digits than any id has.
    plain = text.cast(pl.Int64, strict=False)
    column, frame = pl.col(text.name), text.to_frame()
    is_usual = (column.str.len_bytes() <= _MOST_DIGITS) & ~column.str.starts_with("+")
    if plain.null_count() == text.null_count() and frame.select_seq(is_usual.all()).item():
        return plain
    digits = column.str.extract(rf"^\s*(-?[0-9]{{1,{_MOST_DIGITS}}})(?:\.0+)?\s*$", 1)
    return frame.select_seq(pl.coalesce(digits, _power_of_ten(column)).cast(pl.Int64)).to_series()


def _power_of_ten(text: pl.Expr) -> pl.Expr:
    """The digits of a whole number that R writes as a power of ten.

    R does so where that is shorter, with all its digits. Other programs also write numbers in this form of which
    they drop digits, such as 1.23457e+08: these are longer than the number.
    """
    part = text.str.extract_groups(_POWER_OF_TEN).struct.field
    digits, length = pl.concat_str(part("first"), part("more").fill_null("")), part("power").cast(pl.UInt32) + 1
    return pl.when(text.str.strip_chars().str.len_bytes() < length).then(digits.str.pad_end(length, "0"))


def truth(text: pl.Expr) -> pl.Expr:
    """Boolean from `true`, `TRUE`, `1` and their opposites; null for anything else."""
    lower = text.str.strip_chars().str.to_lowercase()
    return (
        pl.when(lower.is_in(["true", "t", "1", "1.0", "yes"]))
        .then(True)
        .when(lower.is_in(["false", "f", "0", "0.0", "no"]))
        .then(False)
    )


def utc_time(text: pl.Series) -> pl.Series:
    """`Datetime("us", "UTC")` from `2024-03-05 01:02:03 UTC` or ISO 8601; null for anything else.

    An offset from UTC, such as `-07:00`, is applied; a time without one is in UTC. Null also outside the years 1
    to 9999. The literal ` UTC` is matched, because the format `%Z` would return a time without a zone.
    """
    # The form of the first cell is that of nearly all.
    is_json = str(text.first()).endswith("Z")
    forms = (*_JSON_TIMES, *_COLUMN_TIMES) if is_json else (*_COLUMN_TIMES, *_JSON_TIMES)
    usual, *others = forms
    frame = text.to_frame("text")
    times = frame.select_seq(time=_in_form(usual)).to_series()
    for other in (*others, None):
        if times.null_count() == text.null_count():
            break
        read = _in_form(other) if other else _any_time()
        times = times.fill_null(frame.select_seq(time=read).to_series())
    shown = pl.when(pl.col("time").is_between(_FIRST_TIME, _LAST_TIME)).then("time")
    return times.to_frame("time").select_seq(shown.dt.replace_time_zone("UTC").alias(text.name)).to_series()


def _in_form(form: str) -> pl.Expr:
    # Nearly all times differ: to look each up takes as long as to read it.
    return pl.col("text").str.to_datetime(form, time_unit="us", strict=False, cache=False)


def _any_time() -> pl.Expr:
    """Datetime in UTC from the column `text`, in any of the forms of `_TIME`."""
    part = pl.col("text").str.extract_groups(_TIME).struct.field
    time = pl.concat_str(part("time").fill_null("00:00"), part("seconds").fill_null(":00"))
    moment = pl.concat_str(part("date"), time, separator=" ")
    minutes = part("hours").cast(pl.Int64) * 60 + part("minutes").cast(pl.Int64).fill_null(0)
    east = pl.when(part("sign") == "-").then(-minutes).otherwise(minutes).fill_null(0)
    utc = moment.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False) - pl.duration(minutes=east)
    return pl.when(east.abs() <= _MOST_MINUTES).then(utc)


def seconds(duration: pl.Expr) -> pl.Expr:
    """Float64 seconds, the nearest number to the exact microseconds.

    Polars divides many numbers by one as a product with its reciprocal, whose last digit differs with the number
    of rows in a batch; the text of a number has one nearest value.
    """
    return pl.format("{}e-6", duration.dt.total_microseconds()).cast(pl.Float64)


def load_json(text: str) -> Any:
    """The value of a JSON text, which can be written again. Raises ValueError with a short sentence otherwise."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = str(error).partition(": line")[0] or "not JSON"
        cut = "; the cell was cut at 32,767 letters, as Excel does" if len(text) == EXCEL_LETTERS else ""
        raise ValueError(f"not JSON: {reason} at character {error.pos}{cut}") from error
    if len(text) > 2 * _DEEPEST and text.count("[") + text.count("{") > _DEEPEST:
        try:
            orjson.dumps(value)
        except TypeError as error:
            raise ValueError("nested too deeply") from error
    return value


def json_object(cell: str | None) -> dict[str, Any]:
    """A JSON object, {} for an empty cell and for null. Raises ValueError where the cell is anything else."""
    value = load_json(cell) if cell else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {type(value).__name__}")
    return value
