"""How often something is at a camera: independent events per 100 days of effort.

The rule of independence is that of camera-trap practice, 30 minutes by default; the interval is Byar's form of the
exact Poisson one (Breslow and Day 1987, Statistical Methods in Cancer Research II, p. 69).
"""

from collections.abc import Iterable, Iterator

import polars as pl

from zoo_dag.consensus.intervals import Z_95
from zoo_dag.consensus.units import POOLED
from zoo_dag.settings.events import Events
from zoo_dag.tables import TABLES

_TASK = [*POOLED.task]
_CHOICE = [*_TASK, "choice_id"]
_KEY = [*_CHOICE, "deployment"]
_DAY_SECONDS = 86_400
_PER_DAYS = 100
_MINUTE = 60_000_000


def deployment_rates(
    consensus: pl.LazyFrame, events: pl.DataFrame, deployments: pl.DataFrame | None, settings: Events
) -> pl.LazyFrame:
    """Aggregate `event_consensus` to `deployment_rates`, with the columns of `zoo_dag.tables`.

    Takes the events of all subjects of the workflow (`assigning.events_of`), and `deployment, start, end` of the
    table of `events.deployments` where there is one. A deployment that it lacks has the effort of its pictures;
    one without a classified picture in the workflow has no rows, for nobody knows what is there.
    """
    of_deployments = consensus.filter(pl.col("deployment").is_not_null())
    present = of_deployments.filter("present").collect()
    classified = of_deployments.select(pl.col("deployment").unique()).collect()
    choices = present.group_by(_CHOICE).agg(pl.col("task_label", "choice_label").max())
    seen = present.sort(*_KEY, "event_start", "event_id", nulls_last=True)
    counted = (
        seen.with_columns(independent=_independent(seen, settings))
        .group_by(_KEY)
        .agg(
            n_events=pl.len().cast(pl.Int64),
            n_independent=_sum_where_known(pl.col("independent")),
            n_individuals=_individuals(),
            n_days=pl.col("event_start").dt.date().drop_nulls().n_unique().cast(pl.Int64),
        )
    )
    effort = efforts(events, deployments).join(classified, on="deployment", how="semi")
    rates = choices.join(effort, how="cross").join(counted, on=_KEY, how="left", nulls_equal=True)
    n, days = pl.col("n_independent"), pl.col("effort_days")
    never = pl.col("n_events").is_null()
    zeros = ("n_events", "n_independent", "n_individuals", "n_days")
    rates = rates.with_columns(pl.when(never).then(0).otherwise(name).alias(name) for name in zeros)
    rates = rates.with_columns(
        rate=_PER_DAYS * n / days,
        rate_low=_PER_DAYS * byar_low(n) / days,
        rate_high=_PER_DAYS * byar_high(n) / days,
    )
    return TABLES["deployment_rates"].conform(rates.sort(*_TASK, "deployment", "choice_id").lazy())


def efforts(events: pl.DataFrame, deployments: pl.DataFrame | None) -> pl.DataFrame:
    """`deployment, effort_days, effort_source` of the deployments that have pictures; null days without times."""
    taken_at = pl.col("taken_at")
    of_pictures = (
        events.filter(pl.col("deployment").is_not_null())
        .group_by("deployment")
        .agg(pictures=_days(taken_at.max() - taken_at.min()).clip(1))
    )
    known = of_pictures.with_columns(table=pl.lit(None, pl.Float64))
    if deployments is not None:
        spans = deployments.group_by("deployment").agg(table=_days(pl.col("end") - pl.col("start")).sum())
        known = of_pictures.join(spans, on="deployment", how="left")
    source = pl.when(pl.col("table").is_not_null()).then(pl.lit("deployments")).otherwise(pl.lit("pictures"))
    return known.select("deployment", effort_days=pl.coalesce("table", "pictures"), effort_source=source)


def byar_low(n: pl.Expr) -> pl.Expr:
    """Lower end of the 95 % interval of the mean of a Poisson distribution of which `n` were counted: Float64."""
    number = pl.when(n > 0).then(n.cast(pl.Float64))
    low = number * (1 - 1 / (9 * number) - Z_95 / (3 * number.sqrt())).pow(3)
    return pl.when(n == 0).then(0.0).otherwise(low.clip(0))


def byar_high(n: pl.Expr) -> pl.Expr:
    """Upper end of the 95 % interval of the mean of a Poisson distribution of which `n` were counted: Float64."""
    number = n.cast(pl.Float64) + 1
    return number * (1 - 1 / (9 * number) + Z_95 / (3 * number.sqrt())).pow(3)


def _days(elapsed: pl.Expr) -> pl.Expr:
    return elapsed.dt.total_microseconds() / (_DAY_SECONDS * 1e6)


def _sum_where_known(flag: pl.Expr) -> pl.Expr:
    """An aggregation: how many are true; null where none is known."""
    return pl.when(flag.is_not_null().any()).then(flag.sum()).cast(pl.Int64)


def _individuals() -> pl.Expr:
    """An aggregation: the sum of the largest counts; null where one of them is a bin, or there is none."""
    count = pl.col("count_max").drop_nulls()
    number = count.str.strip_chars().str.extract("^([0-9]{1,9})$").cast(pl.Int64)
    return pl.when((count.len() > 0) & number.is_not_null().all()).then(number.sum())


def _independent(seen: pl.DataFrame, settings: Events) -> pl.Series:
    """Which events are independent of those before, of the same choice in the same deployment; null without a
    time.

    Takes them sorted by `_KEY` and `event_start`.
    """
    timed = seen.with_row_index("row").filter(pl.col("event_start").is_not_null())
    spans = timed.select(
        pl.struct(_KEY).rle_id(), pl.col("event_start").dt.epoch("us"), pl.col("event_end").dt.epoch("us")
    )
    flags = _since(settings, spans.iter_rows())
    found = timed.select("row").with_columns(independent=pl.Series(list(flags), dtype=pl.Boolean))
    rows = seen.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    return rows.join(found, on="row", how="left", maintain_order="left")["independent"]


def _since(settings: Events, spans: Iterable[tuple[int, int, int]]) -> Iterator[bool]:
    """Whether each event is independent; takes the number of its choice and deployment, its start and its end."""
    gap = round(settings.independent_minutes * _MINUTE)
    before, last = -1, 0
    for group, start, end in spans:
        independent = group != before or start - last >= gap
        yield independent
        if settings.since == "last_record":
            last = end if group != before else max(last, end)
        elif independent:
            last = start
        before = group
