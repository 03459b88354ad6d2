"""Text cells to typed values: numbers, booleans, times and JSON, also as other programs re-save them."""

from typing import Any

import orjson
import polars as pl

# R writes NA, pandas NaN (docs/exports.md, Re-saved files). Only in these columns, since a login may be `NA`.
_MISSING = ("", "NA", "NaN", "nan")
# The formats of the columns of exports, of JSON, and of other tools.
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M:%S%.f UTC",
    "%Y-%m-%d %H:%M:%S%.f+00:00",
    "%Y-%m-%dT%H:%M:%S%.f+00:00",
    "%Y-%m-%d %H:%M:%S",
)


def missing_to_null(name: str) -> pl.Expr:
    """A text column with "", NA and NaN read as null."""
    stripped = pl.col(name).str.strip_chars()
    return pl.when(~stripped.is_in(_MISSING)).then(stripped)


def integer(text: pl.Expr) -> pl.Expr:
    """Int64 from text such as `63325` or `63325.0`; null for anything else."""
    return text.str.extract(r"^\s*(-?\d{1,18})(?:\.0+)?\s*$", 1).cast(pl.Int64)


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
    """`Datetime("us", "UTC")` from `2024-03-05 01:02:03 UTC` or ISO 8601 with `Z`; null for anything else.

    The literal ` UTC` is matched, because the format `%Z` would return a time without a zone.
    """
    times = pl.Series(text.name, [None] * len(text), pl.Datetime("us"))
    for form in _TIME_FORMATS:
        if times.null_count() == text.null_count():
            break
        times = times.fill_null(text.str.to_datetime(form, time_unit="us", strict=False))
    return times.dt.replace_time_zone("UTC")


def load_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError with a short sentence for any other text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = str(error).partition(": line")[0] or "not JSON"
        raise ValueError(f"not JSON: {reason} at character {error.pos}") from error
