"""How long a volunteer worked on a classification."""

import polars as pl

from zoo_dag.exports.cells import seconds

_SESSION = ("user_key", "session", "started_at")


def durations(classifications: pl.LazyFrame, version: tuple[str, ...] = ()) -> pl.Series:
    """Seconds from the start of each classification to its end, in the order of the rows: `duration_s: Float64`.

    Takes `user_key, session, started_at, finished_at` of one workflow version, or of several that the columns
    `version` tell apart. The second generation of the classifier has versions that keep one `started_at` for a
    session (docs/exports.md, Metadata). A start that a session has again is no start: then it is the time since
    the classification before with this start. One that was sent twice has the same duration both times.
    """
    both = pl.col("started_at").is_not_null() & pl.col("finished_at").is_not_null()
    frame = classifications.select(
        "started_at", "finished_at", start=pl.when(both).then(pl.struct(*version, *_SESSION).hash())
    ).collect()
    repeated = frame.filter(pl.col("start").is_not_null() & pl.col("start").is_duplicated())
    ends = repeated.unique(["start", "finished_at"]).sort("start", "finished_at")
    before = pl.coalesce(pl.col("finished_at").shift(1).over("start"), "started_at")
    since = ends.select("start", "finished_at", since=seconds(pl.col("finished_at") - before))
    own = seconds(pl.col("finished_at") - pl.col("started_at"))
    found = frame.join(since, on=["start", "finished_at"], how="left", maintain_order="left")
    return found.select(duration_s=pl.coalesce("since", own)).to_series()
