"""Votes weighed by skill: how sure answers are, where most votes say otherwise, and whether gold confirms it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.answers.questions import some_subjects
from zoo_dag.plots.agreement import named
from zoo_dag.report.histograms import histogram
from zoo_dag.report.parts import Chart, Columns, Curve, Group, Part, Section, Table
from zoo_dag.settings.volunteers import Volunteers
from zoo_dag.volunteers.calibration import LEAST_GOLD, Calibration, calibrate
from zoo_dag.volunteers.cast import by_task, coded
from zoo_dag.volunteers.methods import METHODS, weigh
from zoo_dag.wording.sentences import counted, percent, ratio, verb

_MOST_CHARTS = 8
_KEYS = ("parent_task", "task", "task_revision", "task_label")


class _Calibrated(NamedTuple):
    """What gold says of the posteriors of a task."""

    task: str
    found: Calibration


def posteriors(
    tables: Mapping[str, pl.LazyFrame], votes: pl.LazyFrame, volunteers: pl.LazyFrame, settings: Volunteers
) -> Section:
    """Posteriors by task, calibration and skills, from tables of posteriors by name, `votes` and `volunteers`."""
    winners = _winners(tables)
    by_task_ = _by_task(winners)
    if by_task_.is_empty():
        return Section("posteriors", "Votes weighed by skill")
    n, differ = winners.height, int(winners["differs_from_plurality"].sum())
    gold = int(by_task_["Gold"].sum())
    sentences = [
        f"{counted(n, 'results')} have a posterior: the probability that they are right, from the votes and the "
        f"skill that each volunteer has shown. {differ:,} ({percent(ratio(differ, n))}) differ from what most "
        "votes say.",
        f"{counted(gold, 'results')} {verb(gold, 'is', 'are')} gold: it is known what is right. The chart is of "
        "the others."
        if gold
        else "It is not known of any subject what is right, so that no posterior is calibrated: with "
        f"{LEAST_GOLD} gold subjects of a task they are.",
    ]
    description = "Results that are not gold, by their posterior, calibrated where there is enough gold."
    others = winners.lazy().filter(~pl.col("is_gold"))
    numbers = histogram(others, "chance", "Posterior", results=pl.len())
    chart = Chart("Posteriors", description, numbers, Columns("Posterior", ("results",), "results"))
    parts: list[Part] = [chart, Table("Posteriors by task", by_task_)]
    parts += [_reliability(each) for each in _calibrations(votes, settings)[:_MOST_CHARTS]]
    parts += _skills(volunteers)
    return Section("posteriors", "Votes weighed by skill", sentences, parts)


def _winners(tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The answers that win, of all tables, with `chance`, calibrated where it can be."""
    columns = ("differs_from_plurality", "is_gold", "method", "reason")
    parts = [
        rows.filter("wins").select(*_KEYS, *columns, chance=pl.coalesce("posterior_calibrated", "posterior"))
        for rows in tables.values()
    ]
    return pl.concat(parts).collect() if parts else pl.DataFrame()


def _by_task(winners: pl.DataFrame) -> pl.DataFrame:
    if winners.is_empty():
        return winners
    rows = winners.group_by(*_KEYS, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("Results"),
        pl.col("is_gold").sum().cast(pl.Int64).alias("Gold"),
        pl.col("chance").filter(~pl.col("is_gold")).mean().round(3).alias("Mean posterior"),
        pl.col("differs_from_plurality").sum().cast(pl.Int64).alias("Other than most votes"),
        pl.col("method").first().alias("Method"),
        pl.col("reason").first().alias("Why not the method of the settings"),
    )
    return named(rows).sort("name").select(pl.col("name").alias("Task"), pl.exclude(*_KEYS, "name"))


def _calibrations(votes: pl.LazyFrame, settings: Volunteers) -> list[_Calibrated]:
    """What held-out gold says of each task that has enough; of very many votes some subjects are drawn."""
    with_gold = votes.filter(pl.col("gold").is_not_null()).select(*_KEYS[:3]).unique()
    rows = votes.join(with_gold, on=_KEYS[:3], how="semi", nulls_equal=True)
    found = ((task, _calibration(task, of_task, settings)) for task, of_task in by_task(rows))
    return [_Calibrated(_name(task), calibration) for task, calibration in found if calibration is not None]


def _calibration(task: Mapping[str, Any], rows: pl.DataFrame, settings: Volunteers) -> Calibration | None:
    is_known = pl.col("gold").is_not_null().any().over("subject_ids")
    votes = coded(pl.concat([rows.filter(is_known), some_subjects(rows.filter(~is_known))])).votes
    method = weigh(votes, settings.method_of(task["workflow_id"], task["task"])).method
    return calibrate(votes, lambda part: METHODS[method](part).posterior)


def _name(task: Mapping[str, Any]) -> str:
    return ".".join(each for each in (task["parent_task"], task["task_revision"]) if each)


def _reliability(calibrated: _Calibrated) -> Chart:
    found = calibrated.found
    rows = [
        (f"{each.low:g} to {each.high:g}", each.n, round(each.confidence, 3), round(each.accuracy, 3))
        for each in found.reliability
    ]
    columns = ("Posterior between", "Gold results", "Mean posterior", "Share that is right")
    numbers = pl.DataFrame(
        rows, schema=dict(zip(columns, (pl.String, pl.Int64, *[pl.Float64] * 2), strict=True)), orient="row"
    )
    description = (
        f"{counted(found.n_gold, 'gold results')}, each hidden from the model in turn: how often the likeliest "
        "answer is right, by its posterior. On the line, posteriors are right as often as they say. "
        f"{_calibrated(found)}"
    )
    return Chart(
        f"{calibrated.task}: calibration", description, numbers, Curve(columns[2], columns[3], columns[1])
    )


def _calibrated(found: Calibration) -> str:
    if found.temperature == 1:
        return (
            f"The calibration error is {found.error_before:.3f}; posteriors stay as they are, since calibration "
            "did not help on gold that it was not fitted on."
        )
    return (
        f"The calibration error is {found.error_before:.3f} before, and {found.error_after:.3f} after calibration "
        f"(temperature {found.temperature:.2f}), which the chart shows."
    )


def _skills(volunteers: pl.LazyFrame) -> list[Group]:
    """Volunteers by their skill, for each task in one chart; nobody is named."""
    known = volunteers.filter(pl.col("skill").is_not_null(), ~pl.col("user_key").is_in(["anonymous", "machine"]))
    rows = known.select(*_KEYS, "skill", "n_gold", "gold_accuracy", "self_consistency").collect()
    charts = (
        [_skill(part) for part in named(rows).partition_by("name", maintain_order=True)] if rows.height else []
    )
    text = "Skill is the share of right votes, as the posteriors see them; a volunteer counts once for each task."
    return [
        Group("Skill of volunteers", (text,), sorted(charts, key=lambda chart: chart.title)[:_MOST_CHARTS])
    ] * bool(charts)


def _skill(rows: pl.DataFrame) -> Chart:
    numbers = histogram(rows.lazy(), "skill", "Skill", volunteers=pl.len())
    gold = rows.filter(pl.col("n_gold") > 0)
    on_gold_right = gold.select(pl.col("gold_accuracy").median()).item()
    on_gold = (
        f" {gold.height:,} voted on gold, with a median accuracy of {on_gold_right:.2f}." if gold.height else ""
    )
    median = rows.select(pl.col("skill").median()).item()
    description = f"{counted(rows.height, 'volunteers')} by their skill; the median is {median:.2f}.{on_gold}"
    return Chart(
        f"{rows['name'][0]}: skill", description, numbers, Columns("Skill", ("volunteers",), "volunteers")
    )
