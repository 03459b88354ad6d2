"""Histograms: how many rows have a value in each of ten equal bins."""

import polars as pl

_BINS = 10


def histogram(
    rows: pl.LazyFrame, value: str, heading: str, *, low: float = 0, high: float = 1, **counts: pl.Expr
) -> pl.DataFrame:
    """The ten bins from `low` to `high`, named under `heading`, each with the `counts` of the rows in it.

    Counts are aggregations to integers. Rows whose `value` is null are in no bin; those beyond the ends are in the
    first and the last one. Where both ends are the same there is one bin.
    """
    bins = _BINS if high > low else 1
    width = (high - low) / bins
    # Divided by the whole range: 0.3 divided by a tenth is less than 3.
    share = (pl.col(value) - low) / ((high - low) or 1)
    place = share.mul(bins).floor().clip(0, bins - 1).cast(pl.Int64)
    counted = rows.filter(pl.col(value).is_not_null()).group_by(place=place).agg(**counts)
    ends = [(place, f"{low + place * width:.4g} to {low + (place + 1) * width:.4g}") for place in range(bins)]
    places = pl.LazyFrame(ends, schema={"place": pl.Int64, heading: pl.String}, orient="row")
    joined = places.join(counted, on="place", how="left", maintain_order="left")
    return joined.select(heading, *(pl.col(name).fill_null(0).cast(pl.Int64) for name in counts)).collect()
