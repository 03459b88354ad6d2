"""A project as a Dagster component: a file `defs.yaml` in place of Python."""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from zoo_dag.dagster.definitions import build_definitions


class ZooniverseProject(dg.Component, dg.Resolvable, dg.Model):
    """The exports of a Zooniverse project as science tables, and the sensors and jobs that keep them current.

    Several projects can be in one deployment, each with its own name and its own data folder.
    """

    data: str = Field(
        description="The data folder, or its URL in an object store; a relative path begins where defs.yaml lies.",
        min_length=1,
    )
    name: str = Field(
        description="What the project is called on Dagster: letters, digits and single underscores, a letter "
        "first. It begins the keys of its assets, such as penguins/subject_summary.",
        min_length=1,
    )
    settings: dict[str, Any] | None = Field(
        default=None,
        description="The settings of the project by section, as in zoo_dag.toml, which must then not be there.",
    )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The definitions of the project. Raises ZooDagError for a name, a folder or settings that are none."""
        is_remote = "://" in self.data
        data = self.data if is_remote else context.path / Path(self.data).expanduser()
        return build_definitions(data, self.name, self.settings)
