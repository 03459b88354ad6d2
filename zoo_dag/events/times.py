"""Times of cameras: local, without a zone, and read only where it is clear what they mean."""

from collections.abc import Sequence

import polars as pl

# What most cameras and scripts write, which Polars reads fast.
_USUAL = ("%Y-%m-%d %H:%M:%S", "%Y:%m:%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
# ISO 8601 and EXIF. Days and months change places only in other forms.
_ISO_OR_EXIF = (
    r"^(?<year>[0-9]{4})[-:](?<month>[0-9]{2})[-:](?<day>[0-9]{2})[Tt ]+(?<clock>[0-9]{2}:[0-9]{2})"
    r"(?<seconds>:[0-9]{2}(?:\.[0-9]{1,9})?)?\s*(?:[Zz]|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?$"
)


def local_times(text: pl.Series, formats: Sequence[str] = ()) -> pl.Series:
    """Datetime in microseconds, without a zone, from a series of texts; null where none of the formats fits.

    Without formats, ISO 8601 and EXIF are read, date and time of day both. A zone in the text is left out: the
    time is what the clock of the camera said. `9/7/2013` is not read without a format, since it may be in July.
    """
    stripped = text.str.strip_chars()
    times = pl.Series(text.name, [None], pl.Datetime("us")).new_from_index(0, len(text))
    for form in formats or _USUAL:
        if times.null_count() == text.null_count():
            return times
        times = times.fill_null(stripped.str.to_datetime(form, time_unit="us", strict=False))
    if formats or times.null_count() == text.null_count():
        return times
    return times.fill_null(stripped.to_frame("text").select(_iso_or_exif()).to_series())


def _iso_or_exif() -> pl.Expr:
    part = pl.col("text").str.extract_groups(_ISO_OR_EXIF).struct.field
    day = pl.concat_str(part("year"), part("month"), part("day"), separator="-")
    clock = pl.concat_str(part("clock"), part("seconds").fill_null(":00"))
    moment = pl.concat_str(day, clock, separator=" ")
    return moment.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)


def days_or_times(text: pl.Series, formats: Sequence[str], *, ends: bool = False) -> pl.Series:
    """The same, and ISO 8601 in any case; of a day alone the first moment, or where it `ends` something the
    last."""
    times = local_times(text, formats).fill_null(local_times(text))
    days = text.str.strip_chars().str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    return times.fill_null(days.dt.offset_by("1d") if ends else days)
