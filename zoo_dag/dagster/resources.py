"""The one resource of zoo_dag: the data folder of the project.

It is no run config: whoever can start a run in the pages cannot choose a folder for it.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import dagster as dg

from zoo_dag.dagster.run_process import tag_run
from zoo_dag.errors import OvertakenError
from zoo_dag.store.data_folder import DataFolder


@dataclass(frozen=True)
class ProjectFolder:
    """The data folder of the project; `imports_any_file` where the files to import are those of a command."""

    root: Path
    imports_any_file: bool = False

    @property
    def folder(self) -> DataFolder:
        """The data folder, with the settings as they are on disk now."""
        return DataFolder(self.root)


# The type of a parameter that Dagster fills in.
Project = dg.ResourceParam[ProjectFolder]
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


def project_resource(root: Path, *, imports_any_file: bool = False) -> dg.ResourceDefinition:
    """The project as a resource, which takes no config and records on each run which process executes it."""
    project = ProjectFolder(root, imports_any_file)

    def opened(context: dg.InitResourceContext) -> ProjectFolder:
        project.folder.update()
        tag_run(context, project.folder.dagster_home)
        return project

    return dg.ResourceDefinition(opened, config_schema={}, description="The data folder of the project.")
