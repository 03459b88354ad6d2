"""The one resource of a project: it records on each run which process executes it.

It takes no config, and it is the project that steps and sensors work on.
"""

import dagster as dg

from zoo_dag.dagster.names import Names
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import tag_run


def resource_key(names: Names) -> str:
    """The key of the resource, which every step requires."""
    return names.of("project")


def project_resource(project: Project) -> dg.ResourceDefinition:
    """The project as a resource."""

    def opened(context: dg.InitResourceContext) -> Project:
        tag_run(context, project)
        return project

    return dg.ResourceDefinition(opened, config_schema={}, description="The data folder of the project.")
