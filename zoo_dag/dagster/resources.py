"""The one resource of zoo_dag: the data folder of the project."""

from pathlib import Path

import dagster as dg

from zoo_dag.dagster.run_process import tag_run
from zoo_dag.store.data_folder import DataFolder


class Project(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data folder of the project."""

    data: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Record on the run which process executes it."""
        tag_run(context, self.folder.dagster_home)

    @property
    def folder(self) -> DataFolder:
        """The data folder, with the settings as they are on disk now."""
        return DataFolder(Path(self.data))
