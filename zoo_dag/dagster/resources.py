"""The one resource of zoo_dag: the data folder of the project.

It is no run config: whoever can start a run in the pages cannot choose a folder for it.
"""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from zoo_dag.dagster.run_process import tag_run
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


def project_resource(root: Path, *, imports_any_file: bool = False) -> dg.ResourceDefinition:
    """The project as a resource, which takes no config and records on each run which process executes it."""
    project = ProjectFolder(root, imports_any_file)

    def opened(context: dg.InitResourceContext) -> ProjectFolder:
        tag_run(context, project.folder.dagster_home)
        return project

    return dg.ResourceDefinition(opened, config_schema={}, description="The data folder of the project.")
