"""Runs whose process is gone: killed, out of memory, or ended with the machine.

Dagster is not notified of such an end. The run stays "started", keeps its slot in the queue, and runs that wait
for it wait forever. So runs name the process that executes them (`run_process`), and runs whose process is gone
are marked as failed.
"""

import dagster as dg

from zoo_dag.dagster.locks import Locks, locks_of
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import HOST, PROCESS, is_tagged

_UNFINISHED = dg.RunsFilter(
    statuses=[
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
)


def end_lost_runs(instance: dg.DagsterInstance, project: Project) -> list[str]:
    """Mark runs of a project as failed whose process is gone, and return a sentence for each.

    Runs that zoo_dag did not tag are left alone, and so are those of a process that may live on another machine,
    unless the history is in PostgreSQL, which knows.
    """
    ended, locks = [], locks_of(instance, project)
    for run in instance.get_runs(filters=_UNFINISHED):
        if is_tagged(project, run) and _is_gone(locks, project, run):
            # It may have finished in the meantime.
            current = instance.get_run_by_id(run.run_id)
            if current is not None and not current.is_finished:
                ended.append(_end(instance, project, current))
    in_use = {run.tags.get(project.names.run_tag(PROCESS)) for run in instance.get_runs(filters=_UNFINISHED)}
    locks.forget(in_use)
    return ended


def _is_gone(locks: Locks, project: Project, run: dg.DagsterRun) -> bool:
    tag = project.names.run_tag
    return locks.is_gone(run.tags[tag(PROCESS)], run.tags.get(tag(HOST)))


def _end(instance: dg.DagsterInstance, project: Project, run: dg.DagsterRun) -> str:
    host, process = (run.tags.get(project.names.run_tag(name)) for name in (HOST, PROCESS))
    sentence = (
        f"The process of this run is gone (on {host}, {process}): it was killed, "
        "ran out of memory, or ended with the machine. Stored tables are complete; run it again for the rest."
    )
    if run.status == dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, sentence)
    else:
        instance.report_run_failed(run, sentence)
    return f"The run {run.run_id[:8]} of {run.job_name} lost its process and was marked as failed."
