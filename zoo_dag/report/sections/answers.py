"""Per task what volunteers answered, how far they agree, and on which subjects they do not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.answers.questions import RELIABLE, TENTATIVE, of_agreement
from zoo_dag.plots.agreement import named, won
from zoo_dag.report.histograms import histogram
from zoo_dag.report.parts import Bars, Chart, Columns, Group, Intervals, Part, Section, Table
from zoo_dag.report.subjects import with_links
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted, percent, verb

# Of more tasks those with most answers are drawn, so that the file stays small.
_MOST_TASKS, _MOST_LISTED = 16, 60
_FEWEST_DRAWN = 5
_MOST_WINNERS, _MOST_SUBJECTS = 12, 10
# Fewer answers than this say little about agreement.
_ENOUGH = 3


class _Task(NamedTuple):
    """A task: its name, its units, and what their agreement is."""

    name: str
    units: pl.DataFrame
    agreement: str

    @property
    def label(self) -> str | None:
        """The question or instruction; None where it has none."""
        label = next(iter(self.units["task_label"].drop_nulls()), None)
        return None if label is None else without_markup(label)


def answers(
    pooled: Mapping[str, pl.LazyFrame], task_agreement: pl.LazyFrame, summary: pl.LazyFrame, enough: float
) -> Section:
    """All tasks in a table, a group for each with charts, and the agreement beyond chance.

    Takes pooled tables of consensus by their names, `task_agreement`, `subject_summary`, and the agreement from
    which the settings take a consensus for reached. Of very few results nothing is drawn.
    """
    tasks = sorted(_tasks(pooled), key=lambda task: (-task.units.height, task.name))
    many = [task for task in tasks if task.units.height >= _FEWEST_DRAWN]
    drawn = sorted(many[:_MOST_TASKS], key=lambda task: task.name)
    parts: list[Part] = [
        *_overview(tasks, enough),
        *_beyond_chance(task_agreement.collect()),
        *(_group(task, summary, enough) for task in drawn),
    ]
    parts += _sliders(pooled)
    sentences = [
        "Agreement is the share of the votes that the commonest answer has, from 0 to 1. Consensus on a subject "
        f"counts as reached from {enough:g} on.",
        "A name such as T0@3.9 is a revision of a task: what it has meant since version 3.9.",
    ]
    if len(tasks) > len(drawn):
        sentences.append(
            f"{len(drawn)} of {len(tasks)} tasks have charts: those with most results, and at least "
            f"{_FEWEST_DRAWN}."
        )
    return Section("answers", "Answers and agreement", sentences, parts)


def _tasks(pooled: Mapping[str, pl.LazyFrame]) -> Iterable[_Task]:
    for each in consensus_types():
        if each.units is None or each.pooled_table not in pooled:
            continue
        units = each.units(pooled[each.pooled_table])
        for part in units.partition_by("name", maintain_order=True):
            yield _Task(part["name"][0], part, each.agreement)


def _overview(tasks: Sequence[_Task], enough: float) -> list[Table]:
    below = f"Less than {enough:g}"
    rows = [
        {
            "Task": task.name,
            "Question or instruction": task.label,
            "Results": task.units.height,
            "Mean agreement": task.units.select(pl.col("agreement").mean().round(3)).item(),
            below: int((task.units["agreement"] < enough).sum()),
            "Tied": int(task.units["tied"].sum()),
        }
        for task in sorted(tasks[:_MOST_LISTED], key=lambda task: task.name)
    ]
    schema = {"Task": pl.String(), "Question or instruction": pl.String(), "Mean agreement": pl.Float64()}
    more = f": the {_MOST_LISTED} with most results, of {len(tasks)}" if len(tasks) > _MOST_LISTED else ""
    return [Table(f"Agreement by task{more}", pl.DataFrame(rows, schema_overrides=schema))] if rows else []


def _group(task: _Task, summary: pl.LazyFrame, enough: float) -> Group:
    units = task.units.filter(pl.col("agreement").is_not_null())
    mean = units.select(pl.col("agreement").mean()).item()
    below, tied = int((units["agreement"] < enough).sum()), int(units["tied"].sum())
    sentence = (
        f"{counted(units.height, 'results')}: {percent(1 - below / max(units.height, 1))} have an agreement of "
        f"{enough:g} and more, {below:,} less; {tied:,} {verb(tied, 'is', 'are')} tied. The mean is "
        f"{mean or 0:.2f}."
    )
    frequent = won(task.units)
    parts: list[Part] = []
    if frequent.height and frequent["n"][0] > 1:
        rows = frequent.head(_MOST_WINNERS).select(Answer=_label("winner"), subjects="n")
        rest = f" The commonest {_MOST_WINNERS} of {frequent.height:,}." if frequent.height > _MOST_WINNERS else ""
        description = f"Subjects by what most volunteers say, ties left out.{rest}"
        parts.append(
            Chart(f"{task.name}: commonest results", description, rows, Bars("Answer", ("subjects",), "subjects"))
        )
    description = f"{counted(units.height, 'results')} by agreement, from 0 to 1."
    numbers = histogram(units.lazy(), "agreement", task.agreement, results=pl.len())
    form = Columns(task.agreement, ("results",), "results")
    parts.append(Chart(f"{task.name}: agreement", description, numbers, form))
    parts.extend(_uncertain(task, units, summary))
    return Group(f"{task.name}: {task.label}" if task.label else task.name, (sentence,), parts)


def _label(column: str) -> pl.Expr:
    """Texts without Markdown's pictures, on one line."""
    return pl.col(column).map_elements(without_markup, return_dtype=pl.String)


def _uncertain(task: _Task, units: pl.DataFrame, summary: pl.LazyFrame) -> list[Table]:
    """The subjects on which volunteers agree least; of those with few answers only where all have few."""
    enough = units.filter(pl.col("n_answered") >= _ENOUGH)
    known = (units if enough.is_empty() else enough).filter(pl.col("agreement") < 1)
    order = ["agreement", pl.col("n_answered").neg(), "subject_ids", "winner"]
    least = known.sort(order).head(_MOST_SUBJECTS)
    if least.is_empty():
        return []
    rows = least.select(
        "subject_ids",
        _label("winner").alias("Result"),
        pl.col("agreement").round(3).alias(task.agreement),
        pl.col("n_answered").alias("Answers"),
        pl.when("tied").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("Tied"),
    )
    return [Table(f"{task.name}: where volunteers agree least", with_links(rows, summary))]


def _beyond_chance(rows: pl.DataFrame) -> list[Part]:
    """Krippendorff's alpha of each task, with what `zoo-dag ask agreement` says of it."""
    answer = of_agreement(rows)
    whole = rows.filter(pl.col("alpha").is_not_null())
    if whole.is_empty():
        return []
    drawn = whole.filter(
        pl.col("option").is_null() | ~pl.col("task_revision").is_in(_with_own_row(whole).implode())
    )
    option = pl.coalesce(pl.format(" ({})", pl.coalesce("option_label", "option")), pl.lit(""))
    task = pl.coalesce(pl.format("{}.{}", "parent_task", "task_revision"), "task_revision")
    numbers = drawn.select(
        (task + option).alias("Task"),
        pl.col("alpha").round(3),
        pl.col("alpha_low").round(3).alias("from"),
        pl.col("alpha_high").round(3).alias("to"),
        pl.col("n_subjects").alias("Subjects"),
        pl.col("n_votes").alias("Votes"),
    )
    description = (
        "Alpha with its 95 % interval: 1 is perfect agreement, 0 that of chance. From 0.8 on it is taken for "
        "reliable, from 0.667 on for tentative (Krippendorff 2004, section 11.4.2)."
    )
    form = Intervals("Task", "alpha", "from", "to", (TENTATIVE, RELIABLE), end=1)
    chart = Chart("Krippendorff's alpha by task", description, numbers.head(_MOST_TASKS * 2), form)
    return [Group("Agreement beyond chance", tuple(answer.sentences), (chart,))]


def _with_own_row(rows: pl.DataFrame) -> pl.Series:
    """The task revisions that have a row for the task beside those of its answers."""
    return rows.filter(pl.col("option").is_null())["task_revision"].unique()


def _sliders(pooled: Mapping[str, pl.LazyFrame]) -> list[Part]:
    """A histogram of the medians of each slider."""
    if "pooled_slider_consensus" not in pooled:
        return []
    keys = ("parent_task", "task", "task_revision", "task_label", "median", "std")
    units = named(pooled["pooled_slider_consensus"].filter(pl.col("median").is_finite()).select(keys).collect())
    return [_slider(part) for part in units.partition_by("name", maintain_order=True)]


def _slider(units: pl.DataFrame) -> Group:
    name, label = units.select("name", "task_label").row(0)
    low, high = (float(units.select(getattr(pl.col("median"), each)()).item()) for each in ("min", "max"))
    numbers = histogram(units.lazy(), "median", "Median", low=low, high=high, subjects=pl.len())
    description = f"{counted(units.height, 'subjects')} by the median of the values that volunteers chose."
    spread = units.select(pl.col("std").median()).item()
    sentence = f"Medians lie between {low:g} and {high:g}." + (
        f" Half of the subjects have a standard deviation of at most {spread:.3g}." if spread is not None else ""
    )
    chart = Chart(f"{name}: values", description, numbers, Columns("Median", ("subjects",), "subjects"))
    return Group(f"{name}: {without_markup(str(label))}" if label else name, (sentence,), (chart,))
