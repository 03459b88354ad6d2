"""The process that executes a run, recorded so that a run whose process is gone can be recognised.

Each process that executes runs holds a lock on a separate file, and its runs have the name of that file as a tag.
The operating system releases a lock when its process ends, however it ends: a free lock means that the process is
gone. Process ids alone are not enough, because they are reused.
"""

import functools
import multiprocessing
import os
import socket
import sys
import uuid
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from zoo_dag.dagster.project import Project

# Names of the tags of a run, which are those of a project.
PROCESS = "zoo_dag_process"
HOST = "zoo_dag_host"
# A retried run inherits the tags of the first one, which are valid only for the first one.
RUN = "zoo_dag_run"
_FOLDER = "processes"


def process_tags(project: Project, run_id: str) -> dict[str, str]:
    """Tags of a run that name this process as the one that executes it.

    The first call takes the lock of this process, which is held until the process ends.
    """
    process, _ = _lock_of_process(project.records, os.getpid())
    tags = {HOST: socket.gethostname(), PROCESS: process, RUN: run_id}
    return {project.names.run_tag(name): value for name, value in tags.items()}


def tag_run(context: dg.InitResourceContext, project: Project) -> None:
    """Tag the run that a resource is set up for with the process that executes it, unless it is tagged already."""
    run, instance = context.run, context.instance
    if run is None or instance is None or instance.is_ephemeral or executes_a_step():
        return
    if not is_tagged(project, run):
        instance.add_run_tags(run.run_id, process_tags(project, run.run_id))


def is_tagged(project: Project, run: dg.DagsterRun) -> bool:
    """Whether the run names the process that executes it."""
    names = project.names
    return names.run_tag(PROCESS) in run.tags and run.tags.get(names.run_tag(RUN)) == run.run_id


def is_gone(project: Project, run: dg.DagsterRun) -> bool:
    """Whether the process of a tagged run has ended. One that may live on another machine counts as alive."""
    names = project.names
    file = project.records / _FOLDER / f"{Path(run.tags[names.run_tag(PROCESS)]).name}.lock"
    if not file.exists():
        # The file is removed only once the process is gone. Another machine may have another disk.
        return run.tags.get(names.run_tag(HOST)) == socket.gethostname()
    return _is_free(file)


def remove_unused_locks(project: Project, in_use: set[str | None]) -> None:
    """Remove the files of processes that are gone, except those named in `in_use`."""
    for file in (project.records / _FOLDER).glob("*.lock"):
        if file.stem not in in_use and _is_free(file):
            file.unlink(missing_ok=True)


def executes_a_step() -> bool:
    """Whether this process executes one step, and ends before its run: that is up to the executor."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return "execute_step" in sys.argv
    # Dagster's server of a code location starts one for each run, and an executor from there one for each step.
    is_started_by_server = parent.name == "MainProcess" and "grpc" in sys.argv
    return not is_started_by_server


@functools.cache
def _lock_of_process(records: Path, pid: int) -> tuple[str, FileLock]:
    name = f"{pid}-{uuid.uuid4().hex[:8]}"
    folder = records / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Held by the process, not by this thread, which may end earlier.
    lock = FileLock(folder / f"{name}.lock", thread_local=False)
    lock.acquire(timeout=10)
    return name, lock


def _is_free(file: Path) -> bool:
    lock = FileLock(file, thread_local=False)
    try:
        with lock.acquire(timeout=0):
            return True
    except Timeout:
        return False
