"""The definitions of zoo_dag: all assets, jobs, sensors and schedules of a project, and its data folder.

`defs` is the code location of one project, whose data folder is `$ZOO_DAG_DATA`, else `./zoo_data`. Loading reads
the settings, and nothing else; a project in an object store is opened for that.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from zoo_dag.dagster.assets.catalogue import assets, with_settings
from zoo_dag.dagster.assets.report import REPORT
from zoo_dag.dagster.jobs import jobs
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.resources import NothingHandedOver, project_resource, resource_key
from zoo_dag.dagster.runs.progress import progress_logger
from zoo_dag.dagster.schedules import schedules
from zoo_dag.dagster.sensors import sensors
from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import given_settings
from zoo_dag.store.data_folder import DataFolder


def build_definitions(
    data: DataFolder | str | os.PathLike[str] | None = None,
    name: str = "",
    settings: Mapping[str, Any] | None = None,
) -> dg.Definitions:
    """The definitions for a data folder, by default `$ZOO_DAG_DATA` or `./zoo_data`.

    With a `name` they can be merged with others, also with those of more projects: the name begins the keys of
    assets, and the names of all else. Without one they are a code location of their own, on an instance of their
    own. `settings` are those that the data folder would have in `zoo_dag.toml`, by section. Raises ZooDagError for
    a name that Dagster does not take, and for settings, or an address of a folder, that zoo_dag does not take.

    Runs import files of the inbox and of the folders in the settings only. A problem in the settings does not keep
    the pages from loading: it is at the start of each asset's description, and every run fails with it until it is
    solved.
    """
    folder = data if isinstance(data, DataFolder) else DataFolder.find(data)
    if settings is not None:
        folder = replace(folder, given=given_settings(settings, f"settings of {name or folder.root}"))
    project = Project(folder, Names(name))
    of_project = definitions_of(project)
    return of_project if name else on_their_own(of_project)


def definitions_of(project: Project) -> dg.Definitions:
    """What belongs to a project."""
    settings, problem = project.folder.settings_or_default()

    def complete(spec: dg.AssetSpec) -> dg.AssetSpec:
        return with_settings(spec if problem is None else _with_problem(spec, problem), settings)

    own_jobs = jobs(project)
    policy, names = dg.BackfillPolicy.multi_run(settings.backfills.partitions_per_run), project.names
    return dg.Definitions(
        assets=[_in_ranges(asset, names, policy) for asset in dg.map_asset_specs(complete, assets(project))],
        jobs=own_jobs,
        sensors=sensors(project, settings.importing, own_jobs),
        schedules=schedules(names, settings.fetching),
        resources={resource_key(names): project_resource(project)},
    )


def on_their_own(definitions: dg.Definitions) -> dg.Definitions:
    """The definitions with what holds for all of a code location, and with the logger of the command line."""
    of_location = dg.Definitions(
        # Dagster's default takes a folder from the run's config.
        resources={"io_manager": NothingHandedOver()},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )
    return dg.Definitions.merge(definitions, of_location)


def _in_ranges(
    asset: dg.AssetsDefinition | dg.AssetSpec, names: Names, policy: dg.BackfillPolicy
) -> dg.AssetsDefinition | dg.AssetSpec:
    """The asset; in a backfill, neighbouring partitions of a table share a run."""
    if isinstance(asset, dg.AssetSpec) or asset.partitions_def is None or names.asset(REPORT) in asset.keys:
        return asset
    return asset.with_attributes(backfill_policy=policy)


def _with_problem(spec: dg.AssetSpec, problem: SettingsError) -> dg.AssetSpec:
    return spec.replace_attributes(description=f"**Nothing can be built: {problem}**\n\n{spec.description}")


@dg.definitions
def defs() -> dg.Definitions:
    """The code location of the data folder that the environment names."""
    return build_definitions()
