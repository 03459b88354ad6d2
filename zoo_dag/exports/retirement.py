"""When subjects were retired, by the subjects export."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl


def retirements(subjects: pl.LazyFrame) -> dict[int, datetime]:
    """When each retired subject of a workflow was retired, by its id: as the newest import of `subjects` says."""
    newest = subjects.sort("is_current", "updated_at", nulls_last=False, maintain_order=True)
    times = newest.group_by("subject_id", maintain_order=True).agg(pl.col("retired_at").last())
    return dict(times.drop_nulls().collect().iter_rows())


def last_retired(subject_ids: pl.Series, retired: Mapping[int, datetime]) -> pl.Series:
    """When the last subject of each row was retired: Datetime, null where one is not retired.

    Takes ids joined with `;`.
    """
    times: list[datetime | None] = [None] * len(subject_ids)
    if retired:
        for row, ids in enumerate(subject_ids):
            moments = [retired.get(int(each)) for each in ids.split(";")] if ids else []
            known = [moment for moment in moments if moment]
            times[row] = max(known) if known and len(known) == len(moments) else None
    return pl.Series("retired_at", times, pl.Datetime("us", "UTC"))
