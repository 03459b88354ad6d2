"""From pictures to events: pictures of a deployment each of which follows the one before within a gap.

The gap of 60 s is that of MegaDetector's and animl's sequences. Which events there are depends on no order of
rows, and a later picture never changes the name of an event that it does not join.
"""

import re

import polars as pl

_MICROSECONDS = 1_000_000
_SECONDS_OF_MINUTE = 60
_NUMBER = "number"


def events_of(pictures: pl.DataFrame, gap_seconds: float) -> pl.DataFrame:
    """The event of each picture: `subject_id, deployment, taken_at, event_id, event_size, event_start, event_end`.

    Takes `subject_id, deployment, taken_at, sequence, file_name`. A picture with a sequence is in the event of
    that name. Of the others, a new event begins where the gap to the picture before is longer than `gap_seconds`;
    that counts as 60 at least where all times are on whole minutes. A picture without a time is in the event of
    both its neighbours in the order of file names, where these are in the same one; else it is an event of its
    own, and so is one without a deployment. `event_start` and `event_end` are null where no picture of the event
    has a time.
    """
    timed, others = _timed(pictures, gap_seconds)
    if others.height:
        timed = pl.concat([timed, *_others(timed, others)])
    events = timed.group_by(_NUMBER).agg(
        pl.col("deployment", "sequence", "is_timed").first(),
        event_size=pl.len().cast(pl.Int64),
        event_start=pl.col("taken_at").min(),
        event_end=pl.col("taken_at").max(),
        first_subject=pl.col("subject_id").min(),
    )
    of_event = _named(events).select(_NUMBER, "event_id", "event_size", "event_start", "event_end")
    joined = timed.select("subject_id", "deployment", "taken_at", _NUMBER).join(of_event, on=_NUMBER, how="left")
    return joined.drop(_NUMBER).sort("subject_id")


def _timed(pictures: pl.DataFrame, gap_seconds: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pictures whose event follows from their time, with its number; and the others, without."""
    taken_at = pl.col("taken_at")
    has_place = pl.all_horizontal(pl.col("deployment", "taken_at").is_not_null(), pl.col("sequence").is_null())
    minutes = taken_at.dt.epoch("us") % (_SECONDS_OF_MINUTE * _MICROSECONDS) == 0
    on_minutes = pictures.select(minutes.all(ignore_nulls=True)).item()
    gap = max(gap_seconds, _SECONDS_OF_MINUTE) if on_minutes else gap_seconds
    known = pictures.with_columns(is_timed=has_place)
    # Numbers sort faster than texts.
    in_order = known.filter("is_timed").with_columns(place=pl.col("deployment").cast(pl.Categorical).to_physical())
    in_order = in_order.sort("place", "taken_at", "subject_id")
    starts = (pl.col("place") != pl.col("place").shift()) | (
        taken_at - taken_at.shift() > pl.duration(microseconds=round(gap * _MICROSECONDS))
    )
    number = starts.fill_null(value=True).cum_sum().cast(pl.Int64).alias(_NUMBER)
    return in_order.with_columns(number).drop("place"), known.filter(~pl.col("is_timed"))


def _others(timed: pl.DataFrame, others: pl.DataFrame) -> list[pl.DataFrame]:
    """The other pictures with the numbers of their events: those of neighbours, of sequences, and their own."""
    neighbours = _between(timed, others)
    between = others.join(neighbours, on="subject_id", how="inner")
    rest = others.join(neighbours, on="subject_id", how="anti")
    sequence = pl.when(pl.col("deployment").is_not_null()).then("sequence")
    rest = rest.with_columns(sequence)
    alone = pl.when(sequence.is_null()).then("subject_id").alias("alone")
    number = pl.struct("deployment", "sequence", alone).rank("dense").cast(pl.Int64) + timed.height
    return [between, rest.with_columns(number.alias(_NUMBER))]


def _between(timed: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """`subject_id, number`: the events of pictures without a time, by the order of file names."""
    has_file = pl.all_horizontal(pl.col("deployment", "file_name").is_not_null())
    some = others.filter(has_file, pl.col("sequence").is_null())
    around = timed.filter(has_file).join(some.select("deployment").unique(), on="deployment", how="semi")
    columns = ["subject_id", "deployment", "file_name", _NUMBER]
    nothing = pl.lit(None, pl.Int64).alias(_NUMBER)
    both = pl.concat([around.select(columns), some.with_columns(nothing).select(columns)])
    keys = [_natural(name) for name in both["file_name"]]
    order = {key: place for place, key in enumerate(sorted(set(keys)))}
    places = pl.Series("place", [order[key] for key in keys], pl.Int64)
    in_order = both.with_columns(places).sort("deployment", "place", "subject_id")
    before, after = pl.col(_NUMBER).forward_fill(), pl.col(_NUMBER).backward_fill()
    filled = in_order.with_columns(before=before.over("deployment"), after=after.over("deployment"))
    same = filled.filter(pl.col(_NUMBER).is_null(), pl.col("before") == pl.col("after"))
    return same.select("subject_id", pl.col("before").alias(_NUMBER))


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Sorts file names with their numbers as numbers: `(9).JPG` before `(10).JPG`."""
    parts = re.split("0*([0-9]+)", name)
    return tuple((len(part) if place % 2 else 0, part) for place, part in enumerate(parts))


def _named(events: pl.DataFrame) -> pl.DataFrame:
    """The events with `event_id`, the same in every later export that has more pictures."""
    start = pl.when("is_timed").then(pl.col("event_start").dt.strftime("%Y%m%dT%H%M%S"))
    name = pl.coalesce(start, "sequence", pl.format("subject-{}", "first_subject"))
    named = events.with_columns(event_id=pl.concat_str(pl.col("deployment") + "/", name, ignore_nulls=True))
    if named["event_id"].n_unique() == named.height:
        return named
    # Ids of subjects grow: an event that comes later has the later number.
    place = pl.col("first_subject").rank("ordinal").over("event_id")
    again = pl.when(place > 1).then(pl.format("{}/{}", "event_id", place)).otherwise("event_id")
    return named.with_columns(event_id=again)
