"""Retirement: which subjects are retired and why, whether that is by the rule, and what other rules would do."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.answers.questions import of_rules
from zoo_dag.plots.subjects import counted_retired
from zoo_dag.report.parts import Bars, Chart, Group, Part, Section, Table
from zoo_dag.wording.sentences import counted, percent, ratio

_COUNT = "classification_count"


class Rule(NamedTuple):
    """The rule by which the workflow retires subjects: its name on the server, and a number of classifications."""

    criteria: str | None
    limit: int | None


def rule_of(workflow_versions: pl.LazyFrame) -> Rule:
    """The rule of the newest version of a workflow in `workflow_versions`; none where there is no version."""
    newest = workflow_versions.sort("version_major", "version_minor", nulls_last=False).tail(1)
    rows = newest.select("retirement_criteria", "retirement_count").collect().rows()
    return Rule(*rows[0]) if rows else Rule(None, None)


def retirement(summary: pl.LazyFrame, retirements: pl.LazyFrame, rule: Rule) -> Section:
    """Retired subjects of `subject_summary` against the rule, and what the rules of the settings save and lose."""
    by_reason = counted_retired(summary)
    n_all = int(by_reason["n"].sum())
    n_retired = int(by_reason.filter(pl.col("reason").is_not_null())["n"].sum())
    after = int(summary.select(pl.col("n_after_retirement").sum()).collect().item() or 0)
    sentences = [
        f"{n_retired:,} of {counted(n_all, 'subjects')} are retired ({percent(ratio(n_retired, n_all))}). "
        f"{counted(after, 'classifications')} that count were made after that.",
        _in_words(rule),
    ]
    parts: list[Part] = []
    if n_all:
        reasons = by_reason.select(Reason=pl.col("reason").fill_null("not retired"), subjects="n")
        description = "Subjects that were classified and are in the exports, by the reason of their retirement."
        parts.append(Chart("Retired subjects", description, reasons, Bars("Reason", ("subjects",), "subjects")))
    if rule.criteria == _COUNT and rule.limit and n_all:
        parts.append(
            Table(
                f"Subjects against the rule of {rule.limit} classifications",
                against(summary, rule.limit),
            )
        )
    replayed = of_rules(retirements.collect())
    if replayed.rows.height:
        parts.append(_replayed(replayed.rows, replayed.sentences))
    return Section("retirement", "Retirement", sentences if n_all else (), parts)


def _in_words(rule: Rule) -> str:
    if rule.criteria is None:
        return "The rule is not known: there is no workflows export, or it has none."
    if rule.criteria == _COUNT and rule.limit:
        return (
            f"By the rule of the newest version a subject retires after {counted(rule.limit, 'classifications')}."
        )
    return f"The rule of the newest version is {rule.criteria.replace('_', ' ')}."


def against(summary: pl.LazyFrame, count: int) -> pl.DataFrame:
    """How many subjects have fewer, as many or more classifications than the rule asks for, retired or not.

    Of a subject counts what the server says (`classifications_count`), else `n_classifications`.
    """
    n = pl.coalesce("classifications_count", "n_classifications")
    than_rule = pl.when(n < count).then(pl.lit(0)).when(n == count).then(pl.lit(1)).otherwise(pl.lit(2))
    is_retired = pl.col("retired_at").is_not_null()
    counts = (
        summary.filter("subject_known")
        .group_by(place=than_rule)
        .agg(retired=is_retired.sum(), others=(~is_retired).sum())
        .collect()
    )
    found = {place: (retired, others) for place, retired, others in counts.iter_rows()}
    names = (f"fewer than {count}", f"{count}", f"more than {count}")
    rows = [(name, *found.get(place, (0, 0))) for place, name in enumerate(names)]
    schema = {"Classifications": pl.String, "Retired": pl.Int64, "Not retired": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _replayed(saved: pl.DataFrame, sentences: Sequence[str]) -> Group:
    option = pl.coalesce(pl.format(" ({})", pl.coalesce("option_label", "option")), pl.lit(""))
    rows = saved.select(
        pl.col("scheme").alias("Scheme"),
        (pl.col("task_revision") + option).alias("Task"),
        pl.col("n_subjects").alias("Subjects"),
        pl.col("n_retired").alias("Retired"),
        pl.col("saved").round(3).alias("Share of votes saved"),
        pl.col("agrees").round(3).alias("Share as with all votes"),
        pl.col("n_gold").alias("Gold subjects"),
        pl.col("accuracy").round(3).alias("Accuracy on gold"),
        pl.col("accuracy_of_all").round(3).alias("With all votes"),
    )
    return Group("What the rules of the settings would do", tuple(sentences), (Table("Rules, replayed", rows),))
