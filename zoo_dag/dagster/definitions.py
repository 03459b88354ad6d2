"""The code location of zoo_dag: all assets, jobs, sensors and schedules, and the data folder.

The data folder is `$ZOO_DAG_DATA`, else `./zoo_data`. Loading reads the settings, and nothing else.
"""

import dagster as dg

from zoo_dag.dagster.assets.catalogue import ASSETS, with_settings
from zoo_dag.dagster.assets.report import REPORT
from zoo_dag.dagster.fetch_jobs import FETCH_JOBS
from zoo_dag.dagster.jobs import BUILD_JOBS, REFRESH_JOBS
from zoo_dag.dagster.resources import project_resource
from zoo_dag.dagster.runs.progress import progress_logger
from zoo_dag.dagster.schedules import schedules
from zoo_dag.dagster.sensors import sensors
from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import load_or_default
from zoo_dag.store.data_folder import DataFolder


def build_definitions(folder: DataFolder, *, imports_any_file: bool = False) -> dg.Definitions:
    """The definitions for a data folder.

    A command imports any file that its user names; runs of the pages only files of the inbox and of the folders in
    the settings. A problem in its settings does not keep the pages from loading: it is at the start of each
    asset's description, and every run fails with it until it is solved.
    """
    settings, problem = load_or_default(folder.root)

    def complete(spec: dg.AssetSpec) -> dg.AssetSpec:
        return with_settings(spec if problem is None else _with_problem(spec, problem), settings)

    policy = dg.BackfillPolicy.multi_run(settings.backfills.partitions_per_run)
    return dg.Definitions(
        assets=[_in_ranges(asset, policy) for asset in dg.map_asset_specs(complete, ASSETS)],
        jobs=[*BUILD_JOBS, *REFRESH_JOBS, *FETCH_JOBS],
        sensors=sensors(settings.importing),
        schedules=schedules(settings.fetching),
        resources={
            "project": project_resource(folder.root, imports_any_file=imports_any_file),
            # No step hands anything to another one. Dagster's default takes a folder from the run's config.
            "io_manager": dg.mem_io_manager,
        },
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )


def _in_ranges(
    asset: dg.AssetsDefinition | dg.AssetSpec, policy: dg.BackfillPolicy
) -> dg.AssetsDefinition | dg.AssetSpec:
    """The asset; in a backfill, neighbouring partitions of a table share a run."""
    if isinstance(asset, dg.AssetSpec) or asset.partitions_def is None or dg.AssetKey(REPORT) in asset.keys:
        return asset
    return asset.with_attributes(backfill_policy=policy)


def _with_problem(spec: dg.AssetSpec, problem: SettingsError) -> dg.AssetSpec:
    return spec.replace_attributes(description=f"**Nothing can be built: {problem}**\n\n{spec.description}")


defs = build_definitions(DataFolder.find())
