"""Are the values of sliders chosen by volunteers? A slider that nobody moved has its default as value."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.wording.sentences import counted, quoted

TABLE = "pooled_slider_consensus"
_TASKS_NAMED = 3


def sliders_are_moved(inputs: CheckInput) -> Finding:
    """Whether on no subject with enough values more than half of them are the default that nobody moved.

    Takes `pooled_slider_consensus`. Enough is `agreement.min_classifications`.
    """
    untouched, moved = pl.col("n_untouched"), pl.col("n_answered")
    if inputs.settings.sliders.count_untouched:
        moved -= untouched
    values = (untouched + moved).alias("n_values")
    rows = inputs.tables[TABLE].with_columns(values, most=untouched > moved)
    rows = rows.filter(pl.col("n_values") >= inputs.settings.agreement.min_classifications)
    task = ["parent_task", "task", "task_revision"]
    tasks = (
        rows.group_by(task)
        .agg(pl.col("most").sum().cast(pl.Int64), pl.len(), pl.col("n_untouched", "n_values").sum())
        .sort(pl.col("most").neg(), *task)
        .collect()
    )
    n_most, n_all = int(tasks["most"].sum()), int(tasks["len"].sum())
    numbers = {"subjects": n_all, "mostly left alone": n_most}
    if not n_most:
        return Finding(f"On none of {counted(n_all, 'subjects')} more than half left the slider.", numbers)
    affected = tasks.filter(pl.col("most") > 0)
    each = [
        f"task {quoted(row['task'])} on {row['most']:,} of {counted(row['len'], 'subjects')} "
        f"({row['n_untouched'] / row['n_values']:.0%} of all values)"
        for row in affected.head(_TASKS_NAMED).iter_rows(named=True)
    ]
    rest = affected.height - _TASKS_NAMED
    more = [f"and {counted(rest, 'tasks')} more"] if rest > 0 else []
    columns = ["subject_ids", *task, "n_untouched", "n_answered", "median"]
    most_first = [pl.col("n_untouched").neg(), "task", "subject_ids"]
    return Finding(
        f"More than half left the slider where it stood: {'; '.join([*each, *more])}.",
        numbers,
        passed=False,
        advice="Their median is the default of the slider. With sliders.count_untouched = false in zoo_dag.toml a "
        "slider that nobody moved is no value.",
        examples=rows.filter("most").sort(most_first).select(columns).head(5).collect(),
    )
