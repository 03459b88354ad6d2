"""Forms in which times are written, and which of them fit: to name in a message, never to guess with."""

from itertools import product

import polars as pl

from zoo_dag.events.times import local_times

_DATES = (
    *(
        form.replace("-", separator)
        for separator in ("/", "-", ".", ":")
        for form in ("%m-%d-%Y", "%d-%m-%Y", "%Y-%m-%d", "%m-%d-%y", "%d-%m-%y")
    ),
    *("%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y"),
)
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S%.f", "%H%M%S")
_BETWEEN = (" ", "T", "_")
_FORMS = tuple(f"{date}{between}{clock}" for date, between, clock in product(_DATES, _BETWEEN, _CLOCKS))
_SAMPLED = 2000
# A year of two digits read as one of four is long ago.
_FIRST_YEAR = 1990


def fitting(texts: pl.Series) -> list[str]:
    """The forms in which all of some texts are written: several where days and months cannot be distinguished."""
    sample = texts.drop_nulls().unique(maintain_order=True).head(_SAMPLED)
    return [form for form in _fitting_first(sample) if _fits(sample, form)]


def _fitting_first(sample: pl.Series) -> list[str]:
    """The forms in which the first text is written: one query of all forms, for most do not fit."""
    first = pl.col("text").str.strip_chars()
    is_read = (
        first.str.to_datetime(form, time_unit="us", strict=False).is_not_null().alias(form) for form in _FORMS
    )
    found = sample.head(1).to_frame("text").select(is_read)
    return [form for form, fits in found.row(0, named=True).items() if fits] if found.height else []


def _fits(sample: pl.Series, form: str) -> bool:
    times = local_times(sample, (form,))
    return not (times.null_count() or (times.dt.year() < _FIRST_YEAR).any())
