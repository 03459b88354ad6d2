"""Jobs of one step that makes no table."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from zoo_dag.dagster.project import Project
from zoo_dag.dagster.resources import NothingHandedOver, project_resource, resource_key


def one_step_job(
    project: Project,
    name: str,
    function: Callable[..., Any],
    description: str,
    retry_policy: dg.RetryPolicy | None = None,
    **of_job: Any,
) -> dg.JobDefinition:
    """The job `name` of a project, which calls the function with a context, the project, and perhaps a config.

    `of_job` are further options of the job.
    """
    names = project.names
    decorate = dg.op(
        name=names.of(function.__name__),
        required_resource_keys={resource_key(names)},
        retry_policy=retry_policy,
    )
    op = decorate(project.given_to(function))

    @dg.job(
        name=names.of(name),
        description=description,
        tags=names.tags,
        executor_def=dg.in_process_executor,
        # Else Dagster binds them, and declares the sensors again that request the job.
        resource_defs={"io_manager": NothingHandedOver(), resource_key(names): project_resource(project)},
        **of_job,
    )
    def job() -> None:
        op()

    return job
