"""All sections of a workflow, from its stored tables."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.report.parts import Section
from zoo_dag.report.sections.answers import answers
from zoo_dag.report.sections.events import events
from zoo_dag.report.sections.imports import imports
from zoo_dag.report.sections.marks import marks
from zoo_dag.report.sections.over_time import over_time
from zoo_dag.report.sections.posteriors import posteriors
from zoo_dag.report.sections.retirement import retirement, rule_of
from zoo_dag.report.sections.rows import rows
from zoo_dag.report.sections.texts import texts
from zoo_dag.report.sections.triage import triage
from zoo_dag.report.sections.versions import versions
from zoo_dag.report.sections.volunteers import volunteers
from zoo_dag.report.tables import StoredTables
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.posteriors import OF_ANSWERS, WEIGHED


class WorkflowReport(NamedTuple):
    """The report on a workflow: its id and name, the numbers at its top by what they are of, and its sections.

    `missing` are the tables that are not stored.
    """

    workflow_id: int
    name: str
    numbers: dict[str, str]
    sections: Sequence[Section]
    missing: Sequence[str]


def imported(folder: DataFolder) -> Section:
    """What was imported, of all workflows."""
    tables = StoredTables(folder)
    return imports(tables("imports"), tables("quarantine"))


def report_on(folder: DataFolder, workflow: int) -> WorkflowReport:
    """The report on a workflow; sections about which there is nothing are left out."""
    tables, settings = StoredTables(folder, workflow), folder.settings
    enough = settings.agreement.min_agreement
    summary, votes, task_agreement = (tables(name) for name in ("subject_summary", "votes", "task_agreement"))
    classifications, activity = tables("classifications"), tables("volunteer_activity")
    pooled = {each.pooled_table: tables(each.pooled_table) for each in consensus_types()}
    weighed = {name: tables(name) for name in WEIGHED}
    of_answers = [weighed[name] for name in OF_ANSWERS]
    sections = (
        rows(tables("accounting")),
        over_time(classifications, summary),
        volunteers(activity),
        answers(pooled, task_agreement, summary, enough),
        marks(pooled["pooled_drawing_consensus"], tables("drawing_annotations"), summary),
        events(tables("event_consensus"), tables("deployment_rates")),
        texts(pooled["pooled_text_consensus"], summary, enough),
        retirement(summary, tables("retirements"), rule_of(tables("workflow_versions"))),
        versions(classifications, tables("tasks"), task_agreement, settings.checks),
        posteriors(weighed, votes, tables("volunteers"), settings.volunteers),
        triage(of_answers, votes, summary),
    )
    name, numbers = _at_the_top(classifications, summary, activity)
    shown = [section for section in sections if section.parts]
    return WorkflowReport(workflow, name, numbers, shown, sorted(tables.missing))


def _at_the_top(
    classifications: pl.LazyFrame, summary: pl.LazyFrame, activity: pl.LazyFrame
) -> tuple[str, dict[str, str]]:
    """The newest name of the workflow, and numbers by what they are of."""
    newest = pl.col("workflow_name").drop_nulls().last()
    name, n_all, n_people, first, last, n_versions = (
        classifications.select(
            newest,
            pl.len(),
            pl.col("user_key").n_unique().alias("people"),
            pl.col("created_at").min().alias("first"),
            pl.col("created_at").max().alias("last"),
            pl.col("workflow_version").n_unique(),
        )
        .collect()
        .row(0)
    )
    n_subjects = summary.select(pl.len()).collect().item()
    # Subjects of a grid have a classification each, so that those of subjects add up to more.
    n_counted = activity.select(pl.col("n_counted").sum()).collect().item()
    days = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first else "unknown"
    return name or "", {
        "Classifications": f"{n_all:,}",
        "Of these count": f"{n_counted:,}",
        "Subjects": f"{n_subjects:,}",
        "Volunteers or sessions": f"{n_people:,}",
        "Versions": f"{n_versions:,}",
        "From, to": days,
    }
