"""Plots of subjects: which are retired and why, how often they were classified, and where consensus is reached."""

import polars as pl

from zoo_dag.plots import Other, Shown
from zoo_dag.plots.bars import Row, lying
from zoo_dag.plots.examples import examples, image_urls, sample_ids
from zoo_dag.plots.picture import BLUE, GREY, many, percent
from zoo_dag.plots.votes import histogram_of_counts

_MOST_BARS = 8


def retirement(subjects: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """Subjects of each workflow that are retired, by reason, and those that are not yet."""
    counts = counted_retired(subjects)
    if counts.is_empty():
        return {}
    one = counts["workflow_id"].n_unique() == 1
    places = {workflow: "" if one else f"in {workflow or 'no workflow'}, " for workflow in counts["workflow_id"]}
    rows = [
        Row(f"{n:,} {places[workflow]}{reason or 'not retired'}", [0, n] if reason is None else [n, 0])
        for workflow, reason, n in counts.iter_rows()
    ]
    retired = int(counts.filter(pl.col("reason").is_not_null())["n"].sum())
    total = int(counts["n"].sum())
    caption = f"{retired:,} of {many(total, 'subject')} retired ({percent(retired / total)}), by reason."
    plot = lying("Retirement of subjects", rows[:_MOST_BARS], [BLUE, GREY], caption)
    return {"retirement": plot} if plot else {}


def counted_retired(subjects: pl.LazyFrame) -> pl.DataFrame:
    """`workflow_id`, `reason` of the retirement, null for subjects that are not retired, and their number `n`.

    Takes `subject_id, workflow_id, retired_at, retirement_reason`, as in `subjects` and in `subject_summary`. A
    subject of several sets is counted once; a subject that the subjects export lacks is unknown.
    """
    present = subjects.collect_schema().names()
    known = subjects.filter("subject_known") if "subject_known" in present else subjects
    reason = pl.when(pl.col("retired_at").is_not_null()).then(
        pl.col("retirement_reason").fill_null("retired").str.replace_all("_", " ")
    )
    return (
        known.unique(["subject_id", "workflow_id"])
        .group_by("workflow_id", reason.alias("reason"))
        .agg(n=pl.len())
        .sort(["workflow_id", "n"], descending=[False, True], nulls_last=True)
        .collect()
    )


def counts(summary: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """A histogram of `n_classifications`."""
    counts = summary.group_by(n="n_classifications").agg(subjects=pl.len()).drop_nulls().collect()
    return {"classifications per subject": histogram_of_counts(counts)} if counts.height else {}


def reached(summary: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The share of subjects on which consensus is reached, for each task, from the columns `<task>_reached`."""
    # In the order of the summary: that of the tasks and versions, not of their letters.
    names = [name for name in summary.collect_schema().names() if name.endswith("_reached")]
    if not names:
        return {}
    flags = summary.select(
        *(pl.col(name).sum().alias(f"yes {name}") for name in names),
        *(pl.col(name).count().alias(f"all {name}") for name in names),
    )
    counts = flags.collect().row(0, named=True)
    rows = [
        Row(
            f"{name.removesuffix('_reached')} {counts[f'yes {name}']:,} of {counts[f'all {name}']:,}",
            [counts[f"yes {name}"], counts[f"all {name}"] - counts[f"yes {name}"]],
        )
        for name in names
        if counts[f"all {name}"]
    ]
    if not rows:
        return {}
    yes, total = (sum(values) for values in zip(*((row.parts[0], sum(row.parts)) for row in rows), strict=True))
    caption = (
        f"Consensus is reached on {yes:,} of {many(int(total), 'pair')} of subject and task; the rule is in the "
        "settings, `[agreement]`."
    )
    plot = lying("Consensus reached by task", rows, [BLUE, GREY], caption)
    return {"consensus reached": plot} if plot else {}


def extremes(summary: pl.LazyFrame, _other: Other) -> dict[str, Shown]:
    """The subjects with the least and the most agreement, as the mean over their tasks, with their images."""
    columns = summary.collect_schema().names()
    measures = [name for name in columns if name.endswith(("_agreement", "_detection"))]
    if not measures:
        return {}
    units = summary.select(
        "subject_id",
        name=pl.lit("all tasks"),
        winner=pl.lit(None, pl.String),
        agreement=pl.mean_horizontal(measures),
        n_answered="n_classifications",
    ).collect()
    urls = image_urls(summary.select("subject_id", locations="urls"), sample_ids(units))
    listed = examples(units, urls)
    return {"example subjects": listed} if listed else {}
