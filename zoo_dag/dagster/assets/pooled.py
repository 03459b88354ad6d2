"""The pooled group: consensus over all versions of a workflow, and one row for each of its subjects."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.consensus.pictures import subject_frames
from zoo_dag.consensus.pooling import with_decisions
from zoo_dag.consensus.subject_facts import subject_facts
from zoo_dag.consensus.subject_summary import subject_summary
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.consensus import parameters_metadata
from zoo_dag.dagster.assets.declaration import step
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import OF_EVENTS, OF_VOTES
from zoo_dag.dagster.workflow_pool import POOLED_TYPES, WorkflowPool
from zoo_dag.events.consensus import event_consensus
from zoo_dag.events.rates import deployment_rates
from zoo_dag.events.winners import named_choices
from zoo_dag.exports.talk import with_comments
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.task_types.answer_names import VOTED
from zoo_dag.task_types.declaration import Aggregated
from zoo_dag.task_types.posteriors import (
    OF_ANSWERS,
    VOLUNTEERS,
    VOTES,
    WEIGHED,
    posteriors_table,
    volunteers_table,
    votes_of_tasks,
)
from zoo_dag.task_types.subject_votes import SUBJECT_VOTES, subject_votes
from zoo_dag.task_types.summary_columns import summarised
from zoo_dag.volunteers.activity import volunteer_activity
from zoo_dag.volunteers.retirements import replay_rules
from zoo_dag.volunteers.task_agreement import task_agreement

_SUMMARY, _FRAMES = "subject_summary", "subject_frames"
# In the order in which they are built: each after those that it is made from.
_TABLES = (*POOLED_TYPES, *WEIGHED, VOLUNTEERS, VOTES, *OF_VOTES, _FRAMES, _SUMMARY, SUBJECT_VOTES, *OF_EVENTS)


@step(*_TABLES, partition="workflow", can_subset=True)
def pool_versions(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Compute the consensus of each task revision from the versions of a workflow that exist, and the summary.

    Decisions over all versions are taken once for all tables, so the tables are built in one step.
    """
    folder = project.folder
    selected = checks.selected(context, _TABLES)
    keys = checks.partitions(context, folder, _SUMMARY)
    publisher = Publisher(context, project, keys)
    with folder.staging() as rows_of_pools:
        pools = {key: WorkflowPool(folder, int(key), rows_of_pools / key) for key in keys}
        for name in selected:
            with folder.staging() as staging:
                built = {key: _build(folder, name, key, each, staging / key) for key, each in pools.items()}
                metadata = parameters_metadata(built)
                if name in POOLED_TYPES:
                    metadata = {key: _pooled(each) | metadata.get(key, {}) for key, each in pools.items()}
                yield from publisher.publish(name, {key: each.table for key, each in built.items()}, metadata)
                del built
            # After the last table of those that need it.
            for each in pools.values():
                if name == VOTES:
                    each.forget_weighings()
                if name == OF_VOTES[-1]:
                    each.forget_votes()
        own_tables = {key: each.for_checks for key, each in pools.items()}
        yield from checks.results(context, project, _TABLES, own_tables)


def _pooled(pool: WorkflowPool) -> dict[str, Any]:
    return {"versions not pooled": ", ".join(pool.missing) or "none"}


def _build(folder: DataFolder, name: str, key: str, pool: WorkflowPool, staging: Path) -> Aggregated:
    if name in POOLED_TYPES:
        return pool.consensus(name, staging)
    if name in _OF_SUBJECTS:
        return Aggregated(_OF_SUBJECTS[name](folder, key, pool))
    if name in OF_VOTES:
        return Aggregated(_of_votes(folder, name, pool))
    if name in OF_EVENTS:
        return Aggregated(_of_events(folder, name, key, pool))
    return _weigh(folder, key, name, pool)


def _weigh(folder: DataFolder, key: str, name: str, pool: WorkflowPool) -> Aggregated:
    """A table of posteriors, the volunteers, or their votes."""
    # Built before, with the same votes: for checks and other tables it is what is stored.
    pooled = {table: folder.tables.scan(TABLES[each.pooled_table], key) for table, (each, _) in WEIGHED.items()}
    if name in WEIGHED:
        if folder.tables.are_empty(TABLES[WEIGHED[name][0].pooled_table], [key]):
            return Aggregated(TABLES[name].empty().lazy())
        weighing = pool.weighing(name)
        return Aggregated(
            posteriors_table(name, pooled[name], pool.tasks, weighing),
            [*weighing.records, *pool.unused_lines],
        )
    of = OF_ANSWERS if name == VOTES else WEIGHED
    with_rows = [
        table for table in of if not folder.tables.are_empty(TABLES[WEIGHED[table][0].pooled_table], [key])
    ]
    weighings = {table: pool.weighing(table) for table in with_rows}
    if name == VOTES:
        votes = votes_of_tasks(weighings, pooled)
        pool.keep_votes(votes)
        return Aggregated(
            pl.concat([TABLES[VOTES].empty().lazy(), *(TABLES[VOTES].conform(each) for _, each in votes)])
        )
    repeats = {table: pool.repeated(table) for table in OF_ANSWERS if table in weighings}
    return Aggregated(volunteers_table(weighings, pooled, repeats))


def _of_votes(folder: DataFolder, name: str, pool: WorkflowPool) -> pl.LazyFrame:
    """A table that is made from the votes."""
    if name == "volunteer_activity":
        counting = with_decisions(pool.classifications, pool.decided)
        return volunteer_activity(counting, pool.votes_by_task)
    if name == "task_agreement":
        return task_agreement(pool.votes_by_task)
    return replay_rules(pool.votes_by_task, folder.settings.retirement.rules).table.lazy()


def _summarise(folder: DataFolder, workflow_id: str, pool: WorkflowPool) -> pl.LazyFrame:
    units = pool.units
    facts = subject_facts(units, pool.subjects, pool.shown_subjects)
    if pool.events is not None:
        facts = pool.events.of_units(facts)
    if pool.comments is not None:
        facts = with_comments(facts, pool.comments)
    tasks = [(folder.tables.scan(TABLES[each.table], workflow_id), each.columns) for each in summarised()]
    parts = [subjects.of(units) for subjects in pool.ranges]
    return subject_summary(parts, facts, tasks, folder.settings.agreement)


def _measure_frames(_: DataFolder, __: str, pool: WorkflowPool) -> pl.LazyFrame:
    return subject_frames(pool.classifications, pool.subjects)


def _count_by_subject(folder: DataFolder, workflow_id: str, pool: WorkflowPool) -> pl.LazyFrame:
    def stored(name: str) -> pl.LazyFrame:
        return folder.tables.scan(TABLES[name], workflow_id)

    return subject_votes(stored(_SUMMARY), {name: stored(name) for name in VOTED}, pool.tasks, stored(VOTES))


_OF_SUBJECTS = {_SUMMARY: _summarise, _FRAMES: _measure_frames, SUBJECT_VOTES: _count_by_subject}


def _of_events(folder: DataFolder, name: str, workflow_id: str, pool: WorkflowPool) -> pl.LazyFrame:
    events, files, settings = pool.events, folder.tables, folder.settings
    if events is None:
        return TABLES[name].empty().lazy()
    if name == "deployment_rates":
        consensus = files.scan(TABLES["event_consensus"], workflow_id)
        deployments = None if events.deployments is None else events.deployments.rows
        return deployment_rates(consensus, events.events, deployments, settings.events)
    surveys, questions = (
        files.scan(TABLES[f"pooled_{kind}_consensus"], workflow_id) for kind in ("survey", "question")
    )
    named = named_choices(surveys, questions, pool.tasks, settings.surveys)
    return event_consensus(named, events.events, events.retired, settings.events, settings.agreement)
