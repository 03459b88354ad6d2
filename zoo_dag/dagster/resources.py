"""The one resource of a project, and the manager of what its steps hand over, which is nothing.

The resource takes no config. It is the project that steps and sensors work on, and records on each run which
process executes it.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

import dagster as dg

from zoo_dag.dagster.names import Names
from zoo_dag.dagster.postgres import keep_connections
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import tag_run
from zoo_dag.errors import OvertakenError

P = ParamSpec("P")
T = TypeVar("T")


def saved(step: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """The generator of a step, which at its end saves in the object store, if there is one, what it changed.

    Where others changed the same first, the step is repeated with what they saved.
    """

    @functools.wraps(step)
    def with_saving(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        yield from step(*args, **kwargs)
        project = inspect.signature(step).bind(*args, **kwargs).arguments["project"]
        try:
            project.folder.save()
        except OvertakenError as error:
            raise dg.RetryRequested(max_retries=3, seconds_to_wait=1) from error

    return with_saving


class NothingHandedOver(dg.IOManager):
    """For steps that store their tables themselves, and read what others stored.

    Dagster resumes a lost run after the steps that succeeded, but not where they kept their results in memory.
    """

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Nothing."""

    def load_input(self, context: dg.InputContext) -> None:
        """Nothing."""


def resource_key(names: Names) -> str:
    """The key of the resource, which every step requires."""
    return names.of("project")


def project_resource(project: Project) -> dg.ResourceDefinition:
    """The project as a resource."""

    def opened(context: dg.InitResourceContext) -> Project:
        # First, for a run that ends without a tag is not recognised as lost.
        tag_run(context, project)
        if context.instance:
            keep_connections(context.instance)
        project.folder.update()
        return project

    return dg.ResourceDefinition(opened, config_schema={}, description="The data folder of the project.")
