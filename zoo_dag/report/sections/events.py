"""Events: what was at the cameras, at what time of day, and how often."""

import polars as pl

from zoo_dag.events.rates import byar_high, byar_low
from zoo_dag.plots.agreement import named
from zoo_dag.plots.choices import with_names_of_choices
from zoo_dag.report.parts import Bars, Chart, Columns, Group, Intervals, Part, Section, Table
from zoo_dag.wording.markdown import without_markup
from zoo_dag.wording.sentences import counted, percent, ratio, verb

_TASK = ("parent_task", "task", "task_revision")
_MOST_DRAWN, _MOST_RATES = 16, 30
_HOURS = 24


def events(consensus: pl.LazyFrame, rates: pl.LazyFrame) -> Section:
    """A group for each task, of `event_consensus` and `deployment_rates`."""
    rows = with_names_of_choices(named(consensus.collect()))
    names = rows.select(*_TASK, "name").unique()
    # Rates may lack a revision, so that they cannot tell whether a task has several.
    of_rates = with_names_of_choices(rates.collect()).join(names, on=_TASK, nulls_equal=True)
    groups = [
        _group(part, of_rates.filter(name=name))
        for (name,), part in sorted(rows.partition_by("name", as_dict=True).items())
    ]
    sentences = (
        "An event is the pictures that a camera took in one go, as `[events]` of the settings says. A choice is "
        "present in an event where it has most votes of all that won a picture, or enough votes by itself.",
        "A rate is no density: cameras see some species better than others. Compare only cameras that were set up "
        "alike.",
    )
    return Section("events", "Events and rates", sentences if groups else (), groups)


def _group(rows: pl.DataFrame, rates: pl.DataFrame) -> Group:
    name, label = rows.select("name", "task_label").row(0)
    # A row for each event: these columns are the same in all of its rows.
    each = rows.group_by("event_id", maintain_order=True).agg(
        pl.col("deployment", "event_start", "complete", "is_blank").first()
    )
    parts: list[Part] = [
        *_by_choice(name, rows),
        *_by_hour(name, rows),
        *_by_deployment(name, each),
        *_rates(name, rates),
    ]
    return Group(f"{name}: {without_markup(label)}" if label else name, (_in_words(each),), parts)


def _in_words(each: pl.DataFrame) -> str:
    """How many events there are, how many are blank, and how many lack an answer, a time or votes, if any do."""
    n, blank = each.height, int(each["is_blank"].sum())
    unknown, untimed = each["is_blank"].null_count(), each["event_start"].null_count()
    waiting = int((~each["complete"]).sum())
    sentences = [
        f"{counted(n, 'events')} of {counted(each['deployment'].drop_nulls().n_unique(), 'deployments')}; "
        f"{blank:,} {verb(blank, 'is', 'are')} blank ({percent(ratio(blank, n))})."
    ]
    if unknown:
        sentences.append(f"{unknown:,} {verb(unknown, 'has', 'have')} no answer.")
    if untimed:
        sentences.append(f"{untimed:,} {verb(untimed, 'has', 'have')} no time.")
    if waiting:
        sentences.append(
            f"{waiting:,} {verb(waiting, 'waits', 'wait')} for classifications: more may be found there."
        )
    return " ".join(sentences)


def _by_choice(name: str, rows: pl.DataFrame) -> list[Chart]:
    present = pl.col("present")
    counts = (
        rows.filter(pl.col("choice_id").is_not_null())
        .group_by(Choice="choice")
        .agg(present.sum().cast(pl.Int64), (~present).sum().cast(pl.Int64).alias("too few votes"))
        .sort("present", "Choice", descending=[True, False])
    )
    description = "Events in which a choice is present, and in which it won a picture with too few votes." + _cut(
        counts, "choices"
    )
    form = Bars("Choice", ("present", "too few votes"), "events")
    charts = [Chart(f"{name}: events by choice", description, counts.head(_MOST_DRAWN), form)]
    return charts if counts.height else []


def _by_hour(name: str, rows: pl.DataFrame) -> list[Chart]:
    """Events in which something is present by the hour in which they began."""
    timed = rows.filter("present", pl.col("event_start").is_not_null()).unique("event_id")
    counts = dict(timed.group_by(pl.col("event_start").dt.hour()).len().iter_rows())
    numbers = pl.DataFrame(
        [(f"{hour:02}:00", counts.get(hour, 0)) for hour in range(_HOURS)],
        schema={"Hour": pl.String, "events": pl.Int64},
        orient="row",
    )
    description = (
        f"{counted(timed.height, 'events')} in which something is present, by the hour in which they began, on "
        "the clock of the camera."
    )
    charts = [Chart(f"{name}: time of day", description, numbers, Columns("Hour", ("events",), "events"))]
    return charts if timed.height else []


def _by_deployment(name: str, each: pl.DataFrame) -> list[Chart]:
    is_blank = pl.col("is_blank")
    counts = (
        each.filter(pl.col("deployment").is_not_null())
        .group_by(Deployment="deployment")
        .agg(
            (~is_blank).sum().cast(pl.Int64).alias("not blank"),
            is_blank.sum().cast(pl.Int64).alias("blank"),
            n=is_blank.is_not_null().sum(),
        )
        .filter(pl.col("n") > 0)
        .sort("n", "Deployment", descending=[True, False])
        .drop("n")
    )
    description = "Events about which somebody answered, by deployment." + _cut(counts, "deployments")
    form = Bars("Deployment", ("not blank", "blank"), "events")
    charts = [Chart(f"{name}: events by deployment", description, counts.head(_MOST_DRAWN), form)]
    return charts if counts.height else []


def _rates(name: str, rates: pl.DataFrame) -> list[Part]:
    """The rates of each choice over all deployments, and the largest ones of single deployments."""
    n, effort = pl.col("n_independent"), pl.col("effort_days")
    known = rates.filter(n.is_not_null(), effort > 0)
    if known.is_empty():
        return []
    sums = known.group_by(Choice="choice").agg(n.sum(), effort.sum())
    per_day = 100 / effort
    numbers = sums.select(
        "Choice",
        (n * per_day).round(3).alias("Per 100 days"),
        (byar_low(n) * per_day).round(3).alias("from"),
        (byar_high(n) * per_day).round(3).alias("to"),
        n.alias("Independent events"),
        effort.round(1).alias("Days of effort"),
    ).sort("Per 100 days", "Choice", descending=[True, False])
    description = (
        "Independent events per 100 days of effort, all deployments together, with the 95 % Poisson interval: it "
        f"says nothing of how far cameras differ.{_cut(numbers, 'choices')}"
    )
    form = Intervals("Choice", "Per 100 days", "from", "to")
    chart = Chart(f"{name}: rates", description, numbers.head(_MOST_DRAWN), form)
    return [chart, *_by_deployment_and_choice(name, known.filter(n > 0))]


def _by_deployment_and_choice(name: str, seen: pl.DataFrame) -> list[Table]:
    """The rates of what was seen at each deployment; none where nothing was."""
    rows = seen.select(
        pl.col("deployment").alias("Deployment"),
        pl.col("choice").alias("Choice"),
        pl.col("rate").round(2).alias("Per 100 days"),
        pl.col("rate_low").round(2).alias("from"),
        pl.col("rate_high").round(2).alias("to"),
        pl.col("n_independent").alias("Independent events"),
        pl.col("n_individuals").alias("Individuals"),
        pl.col("effort_days").round(1).alias("Days of effort"),
        pl.col("effort_source").alias("Effort from"),
    )
    largest = rows.sort("Per 100 days", "Deployment", "Choice", descending=[True, False, False]).head(_MOST_RATES)
    more = f": {_MOST_RATES} of {rows.height:,}" if rows.height > _MOST_RATES else ""
    caption = f"{name}: rates of what was seen at each deployment, the largest first{more}"
    return [Table(caption, largest)] if rows.height else []


def _cut(rows: pl.DataFrame, what: str) -> str:
    """What a description says of rows that are not drawn."""
    return f" The first {_MOST_DRAWN} of {rows.height:,} {what}." if rows.height > _MOST_DRAWN else ""
