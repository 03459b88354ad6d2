"""Runs whose process is gone: killed, out of memory, or ended with the machine.

Dagster never hears of such an end. The run stays "started" for ever, takes a place of the queue, and what waits
for it waits in vain. So each process that executes runs holds a lock on a file of its own, and its runs carry
the name of that file. The operating system gives a lock up when its process ends, however it ends: a lock that
anybody can take means that the process is gone. The ids of processes alone would not do, because they are given
again.
"""

import functools
import os
import socket
import uuid
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from zoo_dag.store.data_folder import DataFolder

# Dagster's pages do not show tags of this kind: three on each run would hide what matters.
PROCESS_TAG = ".dagster/zoo_dag_process"
HOST_TAG = ".dagster/zoo_dag_host"
# A run that is tried again gets the tags of the first one: they count for that one alone.
RUN_TAG = ".dagster/zoo_dag_run"
_FOLDER = "processes"
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def process_tags(run_id: str, home: Path) -> dict[str, str]:
    """Tags of a run that say that this process executes it. `home` is Dagster's folder.

    The first call takes the lock of this process, which is held until the process ends.
    """
    process, _ = _lock_of_process(home, os.getpid())
    return {HOST_TAG: socket.gethostname(), PROCESS_TAG: process, RUN_TAG: run_id}


def tell_process(context: dg.InitResourceContext, home: Path) -> None:
    """Tag the run that a resource is set up for with the process that executes it, unless it is tagged already."""
    run, instance = context.run, context.instance
    if run is not None and instance is not None and not instance.is_ephemeral and not _is_tagged(run):
        instance.add_run_tags(run.run_id, process_tags(run.run_id, home))


def _is_tagged(run: dg.DagsterRun) -> bool:
    return PROCESS_TAG in run.tags and run.tags.get(RUN_TAG) == run.run_id


@functools.cache
def _lock_of_process(home: Path, pid: int) -> tuple[str, FileLock]:
    name = f"{pid}-{uuid.uuid4().hex[:8]}"
    folder = home / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Not of this thread alone: the process goes on when the thread has ended.
    lock = FileLock(folder / f"{name}.lock", thread_local=False)
    lock.acquire(timeout=10)
    return name, lock


def end_lost_runs(instance: dg.DagsterInstance, home: Path) -> list[str]:
    """Mark runs as failed whose process is gone, and return a sentence for each.

    Runs that zoo_dag did not tag are left alone, and so are those of a process that may live on another machine.
    """
    told = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED)):
        if _is_tagged(run) and _is_gone(run, home):
            # Its process may have ended well between the two looks.
            again = instance.get_run_by_id(run.run_id)
            if again is not None and not again.is_finished:
                told.append(_end(instance, again))
    _tidy(instance, home)
    return told


def lost_run_sensor(folder: DataFolder) -> dg.SensorDefinition:
    """The sensor that finds lost runs while Dagster goes on, each minute."""

    @dg.sensor(
        name="lost_runs",
        description="Marks runs as failed whose process is gone, so that nothing waits for them.",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        told = end_lost_runs(context.instance, folder.dagster_home)
        return dg.SkipReason(" ".join(told) or "No run is lost.")

    return lost_runs


def _end(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    sentence = (
        f"The process of this run is gone (on {run.tags.get(HOST_TAG)}, {run.tags[PROCESS_TAG]}): it was killed, "
        "ran out of memory, or ended with the machine. What it had stored is whole; run it again for the rest."
    )
    if run.status == dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, sentence)
    else:
        instance.report_run_failed(run, sentence)
    return f"The run {run.run_id[:8]} of {run.job_name} had been lost, and is now marked as failed."


def _is_gone(run: dg.DagsterRun, home: Path) -> bool:
    file = _file(home, run.tags[PROCESS_TAG])
    if not file.exists():
        # Only `_tidy` removes the file, once the process is gone. Of another machine the disk may be another one.
        return run.tags.get(HOST_TAG) == socket.gethostname()
    return _is_free(file)


def _is_free(file: Path) -> bool:
    lock = FileLock(file, thread_local=False)
    try:
        with lock.acquire(timeout=0):
            return True
    except Timeout:
        return False


def _tidy(instance: dg.DagsterInstance, home: Path) -> None:
    """Remove the files of processes that are gone and have no unfinished run any more."""
    unfinished = instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED))
    needed = {run.tags.get(PROCESS_TAG) for run in unfinished}
    for file in (home / _FOLDER).glob("*.lock"):
        if file.stem not in needed and _is_free(file):
            file.unlink(missing_ok=True)


def _file(home: Path, process: str) -> Path:
    return home / _FOLDER / f"{Path(process).name}.lock"
