"""Plots of the row accounting: where rows and elements went, and why some are in the quarantine."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.bars import Row, lying
from zoo_dag.plots.picture import BLUE, GREY, ORANGE, RED
from zoo_dag.wording.markdown import code, most_that_fits

_MOST_BARS = 12
# What becomes of a row: it counts, it is left out of consensus, it fits no table, it repeats another one.
FATES = ("kept", "left out", "quarantined", "merged")


def where_rows_went(accounting: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """Rows of each version and stage: kept, left out of consensus, quarantined and merged."""
    rows, several = fates(accounting)
    if rows.is_empty():
        return {}
    bars = [_bar(row, several=several) for row in rows.iter_rows(named=True)]
    bars = sorted(bars, key=lambda bar: -sum(bar.parts))[:_MOST_BARS] if len(bars) > _MOST_BARS else bars
    left = len(rows) - len(bars)
    sums = [f"{name} {sum(bar.parts[place] for bar in bars):,}" for place, name in enumerate(FATES)]
    caption = f"{'Rows of each version' if several else 'Rows and elements'}: {', '.join(sums)}."
    caption += f" {left} smaller ones are not drawn." if left else ""
    plot = lying("Where rows went", bars, [BLUE, ORANGE, RED, GREY], caption, names=FATES)
    return {"where rows went": plot} if plot else {}


def fates(accounting: pl.LazyFrame) -> tuple[pl.DataFrame, bool]:
    """What became of the rows, with the columns of FATES besides, and whether they are of several versions.

    Of several versions there is a row for each: the stage that decides which rows count.
    """
    rows = accounting.filter(pl.col("rows_in") > 0).collect()
    several = rows["workflow_version"].n_unique() > 1
    if several:
        rows = rows.filter((pl.col("stage") == "parsed") | pl.col("workflow_version").is_null())
    excluded = pl.col("excluded").fill_null(0)
    counts = {
        "kept": pl.col("rows_out").fill_null(0) - excluded,
        "left out": excluded,
        "quarantined": pl.col("quarantined").fill_null(0),
        "merged": pl.col("merged").fill_null(0),
    }
    return rows.with_columns(**counts), several


def _bar(row: dict[str, object], *, several: bool) -> Row:
    n_in = int(str(row["rows_in"] or 0))
    if row["workflow_version"] is None:
        label = str(row["unit"])
    else:
        label = f"{row['workflow_id']}-v{row['workflow_version']}" if several else f"{row['stage']} {row['unit']}"
    return Row(f"{n_in:,} {label}", [int(str(row[name] or 0)) for name in FATES])


def reasons(quarantine: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The reasons in the quarantine as a list, the most common first."""
    counts = counted_reasons(quarantine)
    lines = [
        f"- {n:,} in {code(column or '?')}: {code(reason or '?', 90)}" for column, reason, n in counts.iter_rows()
    ]

    def draft(count: int) -> str:
        left_out = len(lines) - count
        return "\n".join([*lines[:count], *([f"- {left_out:,} other reasons"] if left_out else [])])

    listed = most_that_fits(draft, len(lines))
    return {"reasons": listed} if listed else {}


def counted_reasons(quarantine: pl.LazyFrame) -> pl.DataFrame:
    """`column`, `reason` and how many rows `n` are in the quarantine for it, the most common first."""
    counts = quarantine.group_by("column", "reason").agg(n=pl.len())
    return counts.sort(["n", "column", "reason"], descending=[True, False, False]).collect()
