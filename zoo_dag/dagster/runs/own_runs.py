"""Which runs are those of zoo_dag: a Dagster instance may have runs of other projects too."""

import dagster as dg

from zoo_dag.dagster.jobs import BUILD_JOBS, REFRESH_JOBS
from zoo_dag.dagster.run_process import PROCESS_TAG

_JOB_NAMES = frozenset([*(job.name for job in BUILD_JOBS), *(job.name for job in REFRESH_JOBS)])


def is_ours(run: dg.DagsterRun) -> bool:
    """Whether a process of zoo_dag executed the run, or would have."""
    return PROCESS_TAG in run.tags or run.job_name in _JOB_NAMES
