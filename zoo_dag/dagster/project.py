"""A project as Dagster's definitions and runs have it: its data folder, and what it is called."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zoo_dag.dagster.names import ALONE, Names
from zoo_dag.store.data_folder import DataFolder


@dataclass(frozen=True)
class Project:
    """The data folder of a project and its names; `imports_any_file` where a command names the files to import.

    It is no run config: whoever can start a run in the pages cannot choose a folder for it.
    """

    folder: DataFolder
    names: Names = ALONE
    imports_any_file: bool = False

    @property
    def records(self) -> Path:
        """Where zoo_dag keeps what it records beside Dagster's history, which projects with names share."""
        own = self.folder.machine / "mounted" / self.names.project
        return own if self.names.project else self.folder.dagster_home

    def given_to(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function without its parameter `project`, for Dagster to call.

        Each call gets the project with its settings as they are on disk then.
        """

        @functools.wraps(function)
        def with_project(*arguments: Any, **named: Any) -> Any:
            return function(*arguments, project=replace(self, folder=replace(self.folder)), **named)

        known = inspect.signature(function)
        others = [each for each in known.parameters.values() if each.name != "project"]
        # Dagster reads what a function returns from its annotation, but for generators, and this is none.
        returns = inspect.Signature.empty if inspect.isgeneratorfunction(function) else known.return_annotation
        signature = known.replace(parameters=others, return_annotation=returns)
        with_project.__signature__ = signature  # type: ignore[attr-defined]
        return with_project
