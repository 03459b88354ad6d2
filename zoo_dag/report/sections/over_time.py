"""Classifications over time, and how many each subject has."""

import polars as pl

from zoo_dag.plots.votes import binned_counts, by_time
from zoo_dag.report.parts import Chart, Columns, Part, Section
from zoo_dag.wording.sentences import counted


def over_time(classifications: pl.LazyFrame, summary: pl.LazyFrame) -> Section:
    """Bars over time, from `classifications`, and a histogram of `n_classifications` of `subject_summary`."""
    parts: list[Part] = []
    sentences = []
    found = next(by_time(classifications), None)
    if found is not None:
        name, written, bars = found
        counts = bars.select(
            pl.col("from").dt.strftime(written).alias(name.capitalize()),
            pl.col("counted").alias("count"),
            (pl.col("all") - pl.col("counted")).alias("left out"),
        )
        n_all, most = int(bars["all"].sum()), int(bars["all"].arg_max() or 0)
        sentences.append(
            f"{counted(n_all, 'classifications')} from {bars['from'][0].strftime(written)} to "
            f"{bars['from'][-1].strftime(written)}; the most in one {name} are {bars['all'][most]:,} "
            f"({bars['from'][most].strftime(written)}). Times are UTC, when the server stored a classification."
        )
        description = (
            f"Classifications by {name}: those that count, and those left out of the consensus of their version."
        )
        title = "Classifications over time"
        parts.append(
            Chart(title, description, counts, Columns(name.capitalize(), ("count", "left out"), "classifications"))
        )
    per_subject = summary.group_by(n="n_classifications").agg(subjects=pl.len()).drop_nulls().collect()
    if per_subject.height:
        bars, median = binned_counts(per_subject)
        low, high = pl.col("low").cast(pl.String), pl.col("high").cast(pl.String)
        ranges = pl.when(pl.col("low") == pl.col("high")).then(low).otherwise(low + " to " + high)
        rows = bars.select(ranges.alias("Classifications"), pl.col("subjects").alias("subjects"))
        n_subjects = int(bars["subjects"].sum())
        description = (
            f"{counted(n_subjects, 'subjects')} by their number of classifications that count; half of them have "
            f"at most {median:,}."
        )
        parts.append(
            Chart(
                "Classifications per subject",
                description,
                rows,
                Columns("Classifications", ("subjects",), "subjects"),
            )
        )
    return Section("time", "Classifications over time", sentences, parts)
