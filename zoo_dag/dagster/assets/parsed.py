"""The parsed group: typed columns, and the definitions of tasks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.dagster import side_by_side
from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.assets.declaration import step
from zoo_dag.dagster.assets.publishing import Publisher
from zoo_dag.dagster.data_versions import tasks_versioned
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import AFTER_RETIREMENT, recipe
from zoo_dag.dagster.version_parts import PARSED
from zoo_dag.exports import subjects as export_of_subjects
from zoo_dag.exports import workflows as export_of_workflows
from zoo_dag.tables import TABLES


@step("subjects")
def parse_subjects(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Type the subjects export."""
    folder = project.folder
    publisher = Publisher(context, project)
    with folder.staging() as staging:
        raw = folder.tables.scan(TABLES["raw_subjects"])
        typed, _ = export_of_subjects.parse_subjects(raw, staging, folder.settings.subjects)
        fields = ", ".join(export_of_subjects.metadata_fields(typed))
        yield from publisher.publish("subjects", {None: typed}, {None: {"metadata fields": fields or "none"}})
    yield from checks.results(context, project, ["subjects"])


@step("workflow_versions")
def parse_workflows(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Type the workflows export."""
    folder = project.folder
    publisher = Publisher(context, project)
    typed, _ = export_of_workflows.parse_workflows(folder.tables.scan(TABLES["raw_workflows"]).collect())
    yield from publisher.publish("workflow_versions", {None: typed})
    yield from checks.results(context, project, ["workflow_versions"])


@step("tasks", partition="workflow_version")
def define_tasks(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Match a definition to each workflow version, as the server does, and list its tasks."""
    folder = project.folder
    publisher = Publisher(context, project, context.partition_keys)
    code_version = recipe("tasks", folder.settings).code_version
    tables = tasks_versioned(folder, list(context.partition_keys), code_version)
    yield from publisher.publish("tasks", tables)
    yield from checks.results(context, project, ["tasks"])


_PARSED = AFTER_RETIREMENT


@step(*_PARSED, partition="workflow_version", can_subset=True)
def parse_classifications(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
    """Type the rows of a workflow version, and decide which are excluded from consensus."""
    folder, selected = project.folder, checks.selected(context, _PARSED)
    keys = context.partition_keys if selected else []
    publisher = Publisher(context, project, keys)
    with folder.staging() as staging:
        builds = publisher.builds(PARSED, selected, staging)
        with side_by_side.built(folder, builds) as results:
            parsed = {key: files for built in results for key, files in built.items()}
        for name in selected:
            yield from publisher.publish(name, {key: files[name] for key, files in parsed.items()})
    yield from checks.results(context, project, _PARSED)
