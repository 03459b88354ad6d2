"""The process that executes a run, recorded so that a run whose process is gone can be recognised.

Each process that executes runs holds a lock until it ends, and its runs have the name of the process as a tag.
"""

import multiprocessing
import socket
import sys

import dagster as dg

from zoo_dag.dagster.locks import locks_of
from zoo_dag.dagster.project import Project

# Names of the tags of a run, which are those of a project.
PROCESS = "zoo_dag_process"
HOST = "zoo_dag_host"
# A retried run inherits the tags of the first one, which are valid only for the first one.
RUN = "zoo_dag_run"


def process_tags(instance: dg.DagsterInstance, project: Project, run_id: str) -> dict[str, str]:
    """Tags of a run that name this process as the one that executes it.

    The first call takes the lock of this process, which is held until the process ends.
    """
    tags = {HOST: socket.gethostname(), PROCESS: locks_of(instance, project).enter(), RUN: run_id}
    return {project.names.run_tag(name): value for name, value in tags.items()}


def tag_run(context: dg.InitResourceContext, project: Project) -> None:
    """Tag the run that a resource is set up for with the process that executes it, unless it is tagged already."""
    run, instance = context.run, context.instance
    if run is None or instance is None or instance.is_ephemeral or executes_a_step():
        return
    if not is_tagged(project, run):
        instance.add_run_tags(run.run_id, process_tags(instance, project, run.run_id))


def is_tagged(project: Project, run: dg.DagsterRun) -> bool:
    """Whether the run names the process that executes it."""
    names = project.names
    return names.run_tag(PROCESS) in run.tags and run.tags.get(names.run_tag(RUN)) == run.run_id


def executes_a_step() -> bool:
    """Whether this process executes one step, and ends before its run: that is up to the executor."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return "execute_step" in sys.argv
    # Dagster's server of a code location starts one for each run, and an executor from there one for each step.
    is_started_by_server = parent.name == "MainProcess" and "grpc" in sys.argv
    return not is_started_by_server
