"""Which runs are those of a project: a Dagster instance may have runs of other projects too."""

import dagster as dg

from zoo_dag.dagster.assets.report import REPORT
from zoo_dag.dagster.jobs import JOBS
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import PROCESS
from zoo_dag.tables import TABLES

OWN_ASSETS = frozenset([*TABLES, REPORT])


def is_ours(project: Project, run: dg.DagsterRun) -> bool:
    """Whether a process of zoo_dag executed the run for this project, or would have."""
    names = project.names
    return (
        names.run_tag(PROCESS) in run.tags
        or run.job_name in map(names.of, JOBS)
        # A run of the pages is named by its assets alone, as long as it waits.
        or any(names.is_own(key, OWN_ASSETS) for key in run.asset_selection or ())
    )
