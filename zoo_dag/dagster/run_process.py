"""The process that executes a run, recorded so that a run whose process is gone can be recognised.

Each process that executes runs holds a lock on a separate file, and its runs have the name of that file as a tag.
The operating system releases a lock when its process ends, however it ends: a free lock means that the process is
gone. Process ids alone are not enough, because they are reused.
"""

import functools
import os
import socket
import uuid
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

# Dagster's pages hide tags of this kind: three on each run would hide what matters.
PROCESS_TAG = ".dagster/zoo_dag_process"
HOST_TAG = ".dagster/zoo_dag_host"
# A retried run inherits the tags of the first one, which are valid only for the first one.
RUN_TAG = ".dagster/zoo_dag_run"
_FOLDER = "processes"


def process_tags(run_id: str, home: Path) -> dict[str, str]:
    """Tags of a run that name this process as the one that executes it. `home` is Dagster's folder.

    The first call takes the lock of this process, which is held until the process ends.
    """
    process, _ = _lock_of_process(home, os.getpid())
    return {HOST_TAG: socket.gethostname(), PROCESS_TAG: process, RUN_TAG: run_id}


def tag_run(context: dg.InitResourceContext, home: Path) -> None:
    """Tag the run that a resource is set up for with the process that executes it, unless it is tagged already."""
    run, instance = context.run, context.instance
    if run is not None and instance is not None and not instance.is_ephemeral and not is_tagged(run):
        instance.add_run_tags(run.run_id, process_tags(run.run_id, home))


def is_tagged(run: dg.DagsterRun) -> bool:
    """Whether the run names the process that executes it."""
    return PROCESS_TAG in run.tags and run.tags.get(RUN_TAG) == run.run_id


def is_gone(run: dg.DagsterRun, home: Path) -> bool:
    """Whether the process of a tagged run has ended. One that may live on another machine counts as alive."""
    file = home / _FOLDER / f"{Path(run.tags[PROCESS_TAG]).name}.lock"
    if not file.exists():
        # The file is removed only once the process is gone. Another machine may have another disk.
        return run.tags.get(HOST_TAG) == socket.gethostname()
    return _is_free(file)


def remove_unused_locks(home: Path, in_use: set[str | None]) -> None:
    """Remove the files of processes that are gone, except those named in `in_use`."""
    for file in (home / _FOLDER).glob("*.lock"):
        if file.stem not in in_use and _is_free(file):
            file.unlink(missing_ok=True)


@functools.cache
def _lock_of_process(home: Path, pid: int) -> tuple[str, FileLock]:
    name = f"{pid}-{uuid.uuid4().hex[:8]}"
    folder = home / _FOLDER
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
