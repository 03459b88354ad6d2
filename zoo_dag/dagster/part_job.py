"""The job that builds a part of a large workflow version: runs of it may be on several machines at a time."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from zoo_dag.dagster.names import Names
from zoo_dag.dagster.one_step_jobs import one_step_job
from zoo_dag.dagster.partitions import VERSION_PARTS
from zoo_dag.dagster.planner import BUILD_PART
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.version_parts import store_part


class PartConfig(dg.Config):
    """The tables to build a part of, all of which one step makes."""

    tables: list[str]


def build_part(context: dg.OpExecutionContext, project: Project, config: PartConfig) -> None:
    """Build the part that the run is of, for the step of the version to go on with."""
    folder, key = project.folder, context.partition_key
    store_part(folder, key, config.tables)
    folder.save()
    context.log.info(f"{key}: {', '.join(config.tables)}")


def config_of_parts(names: Names, tables: Iterable[str]) -> dict[str, Any]:
    """The config of a run that builds a part of these tables."""
    return {"ops": {names.of(build_part.__name__): {"config": {"tables": [*tables]}}}}


def part_job(project: Project) -> dg.JobDefinition:
    """The job of a project."""
    return one_step_job(
        project,
        BUILD_PART,
        build_part,
        "Parse, flatten or aggregate a part of a large workflow version, as rows_per_run in the settings says.",
        partitions_def=dg.DynamicPartitionsDefinition(name=project.names.of(VERSION_PARTS)),
    )
