"""Counts of marks: how many a volunteer made on a subject, with each tool and with all tools of the task.

The median over all who saw the subject is the count of projects that count things: it needs no clusters, and so no
distances. Marks of all frames count together. A mark counts where it can be read and its tool is known
(`answered`), whatever its size, and where it does not lie wholly outside of the picture; who made none counts as
zero.
"""

import polars as pl

from zoo_dag.consensus.rules import at_most, ordered
from zoo_dag.consensus.task_columns import SUBJECT, TaskColumn, TaskColumns, part_labels
from zoo_dag.consensus.units import Scope, hash_of_unit, newest, offered, units
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Agreement
from zoo_dag.task_types.declaration import Aggregated, Annotations, Consensus
from zoo_dag.task_types.drawings import plots
from zoo_dag.task_types.drawings.frames import inside

# The name of the tools of all tasks, among the tables that `mark_counts` takes.
TOOLS = "tools"


def mark_counts(annotations: Annotations, _tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Aggregated:
    """Aggregate `drawing_annotations` to `mark_counts`, with the columns of `zoo_dag.tables`.

    A unit has a row for each tool that the workflow offers or that somebody used in the task, and at last one for
    all tools together, whose `tool_index` is null: marks without a known tool are in none. A classification that
    the volunteer repeated is one of its own where the settings let it count.
    """
    rows = annotations["drawing_annotations"]
    # Crops have no tool: they count in the row over all tools only.
    with_tool = pl.col("tool_index").is_not_null()
    classification, tool = ["unit", "classification_id"], ["unit", "tool_index"]
    marks, number = _marks(rows, scope), pl.len().cast(pl.Int64).alias("numbers")
    of_tool = marks.group_by(*classification, "tool_index").agg(number)
    of_all = marks.group_by(classification).agg(number)
    used = pl.concat([of_tool.filter(with_tool), of_all], how="diagonal").group_by(tool).agg("numbers")
    every = units(rows, scope).with_columns(hash_of_unit(scope))
    with_tools = every.join(annotations[TOOLS], on=scope.defined, nulls_equal=True)
    counts = pl.concat([with_tools, every], how="diagonal").join(used, on=tool, how="left", nulls_equal=True)
    counts = counts.with_columns(_with_zeros()).with_columns(_measures())
    return Aggregated(counts.sort([*scope.unit, "tool_index"], nulls_last=True))


def _marks(rows: pl.LazyFrame, scope: Scope) -> pl.LazyFrame:
    """The marks that count, with `unit`: the same query for all that is computed of them, so that it runs once."""
    tool = ("tool_index", "tool_type", "tool_label")
    needed = dict.fromkeys((*scope.defined, "workflow_version", "classification_id", *tool))
    return inside(rows).select(hash_of_unit(scope), *needed)


def decide(annotations: Annotations, tasks: pl.LazyFrame, scope: Scope, _settings: Settings) -> Annotations:
    """`tools` of each task: those that the workflow offers, and those of marks. `tool_index, type and label`."""
    place = [*scope.defined, "tool_index"]
    used = (
        _marks(annotations["drawing_annotations"], scope)
        .group_by(place)
        .agg(pl.col("tool_type").max(), newest("tool_label", scope))
        .filter(pl.col("tool_index").is_not_null())
    )
    defined = offered(tasks, scope, "tool").select(
        *scope.defined, tool_index="option_index", defined_type="option_id", defined_label="option_label"
    )
    both = used.join(defined, on=place, how="full", coalesce=True, nulls_equal=True)
    tools = both.select(
        *place,
        tool_type=pl.coalesce("defined_type", "tool_type"),
        tool_label=pl.coalesce("tool_label", "defined_label"),
    )
    return {TOOLS: tools}


def _with_zeros() -> pl.Expr:
    """The numbers of marks of all classifications, in a list; those without a mark were not counted so far."""
    made = pl.coalesce("numbers", pl.lit([], dtype=pl.List(pl.Int64)))
    n_none = pl.col("n_classifications") - made.list.len().cast(pl.Int64)
    return pl.lit(0, pl.Int64).repeat_by(n_none).list.concat(made).alias("numbers")


def _measures() -> list[pl.Expr]:
    """Measures of the column `numbers`, a list for each tool. From sums of integers: exact in any order."""
    numbers, number, n = pl.col("numbers"), pl.element(), pl.col("n_classifications")
    total = numbers.list.sum()
    squares = n * numbers.list.agg((number * number).sum()) - total * total
    return [
        numbers.list.count_matches(0).cast(pl.Int64).alias("n_none"),
        (total / n).alias("mean"),
        numbers.list.median().alias("median"),
        numbers.list.agg(number.mode().min()).alias("mode"),
        pl.when(n > 1).then((squares / (n * (n - 1))).sqrt()).alias("std"),
        numbers.list.min().alias("min"),
        numbers.list.max().alias("max"),
        numbers.list.agg(number.quantile(0.25, "linear")).alias("q25"),
        numbers.list.agg(number.quantile(0.75, "linear")).alias("q75"),
    ]


def _of_task(rows: pl.DataFrame, _agreement: Agreement) -> pl.DataFrame:
    tools = rows["tool_index"].drop_nulls().unique().sort()
    median, tool = pl.col("median"), pl.col("tool_index")
    return rows.group_by(SUBJECT, maintain_order=True).agg(
        median.filter(tool.is_null()).first().alias("median_marks"),
        *(median.filter(tool == number).first().alias(f"{number}_median") for number in tools),
    )


_OF_TASK = pl.col("tool_index").is_null()
MARK_COUNTS = Consensus(
    table="mark_counts",
    sources=("drawing_annotations",),
    aggregate=mark_counts,
    decide=decide,
    task_columns=TaskColumns(
        {
            "median_marks": TaskColumn(
                pl.Float64(), "Median number of marks of a volunteer", ("median", "tool_index")
            ),
            "{n}_median": TaskColumn(
                pl.Float64(),
                "Median number of marks of a volunteer with the tool at position {n}",
                ("median", "tool_index"),
            ),
        },
        _of_task,
        part_labels("tool_index", "tool_label"),
    ),
    rules={
        **at_most("n_none", "n_classifications"),
        **ordered("min", "q25", "median", "q75", "max"),
        **ordered("min", "mean", "max"),
        **ordered("min", "mode", "max"),
        "min is not negative": pl.col("min") < 0,
        "std is not negative": pl.col("std") < 0,
    },
    numbers={
        "mean_marks": pl.col("mean").filter(_OF_TASK).mean(),
        "share_none": pl.col("n_none").filter(_OF_TASK).sum() / pl.col("n_classifications").filter(_OF_TASK).sum(),
    },
    plots=(plots.counts,),
    preview=("tool_label", "median", "mean", "n_none"),
)
