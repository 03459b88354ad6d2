"""The code location of zoo_dag: all assets, their jobs, what starts them, and where their data lies.

The data folder is `$ZOO_DAG_DATA`, else `./zoo_data`. Loading reads the settings, and nothing else.
"""

import dagster as dg

from zoo_dag.dagster.assets import consensus, flattened, ledger, parsed, pooled, raw
from zoo_dag.dagster.automation import Outdated, OutOfDate, automation
from zoo_dag.dagster.data_versions import in_order, name_of
from zoo_dag.dagster.io_manager import Project, TableIOManager
from zoo_dag.dagster.jobs import ASSET_JOBS, REFRESH_JOBS
from zoo_dag.dagster.runs.alerts import alert_sensors
from zoo_dag.dagster.runs.lost_runs import lost_run_sensor
from zoo_dag.dagster.runs.progress import progress_logger
from zoo_dag.dagster.sensors import ARRIVAL_JOBS, arrival_sensors, schedules
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

ASSETS: list[dg.AssetsDefinition | dg.AssetSpec] = [
    raw.raw_tables,
    raw.raw_versions,
    parsed.subjects,
    parsed.workflow_versions,
    parsed.tasks,
    parsed.classifications,
    flattened.annotations,
    ledger.books_of_version,
    consensus.consensus,
    pooled.pooled,
    ledger.all_books,
]


def build_definitions(folder: DataFolder) -> dg.Definitions:
    """The definitions for a data folder. Raises SettingsError where its settings have a problem."""
    condition = OutOfDate(Outdated(folder, made_specs))

    def complete(spec: dg.AssetSpec) -> dg.AssetSpec:
        if TABLES[name_of(spec)].stage == "raw":
            return spec
        return _with_settings(spec, folder).replace_attributes(automation_condition=condition)

    data = str(folder.root)
    return dg.Definitions(
        assets=dg.map_asset_specs(complete, ASSETS),
        jobs=[*ASSET_JOBS, *REFRESH_JOBS, *ARRIVAL_JOBS],
        sensors=[
            *arrival_sensors(folder.settings.importing),
            automation,
            *alert_sensors(folder),
            lost_run_sensor(folder),
        ],
        schedules=schedules(folder.settings.fetching),
        resources={"project": Project(data=data), "io_manager": TableIOManager(data=data)},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )


def made_specs(folder: DataFolder) -> list[dg.AssetSpec]:
    """The assets that are made from other assets, each after its inputs, with the settings as they are now."""
    specs = [spec for asset in ASSETS for spec in (asset.specs if isinstance(asset, dg.AssetsDefinition) else [])]
    return in_order(_with_settings(spec, folder) for spec in specs if TABLES[name_of(spec)].stage != "raw")


def _with_settings(spec: dg.AssetSpec, folder: DataFolder) -> dg.AssetSpec:
    # Settings and columns decide what comes out, so a change makes what was made before stale.
    columns, settings = TABLES[name_of(spec)].fingerprint, folder.settings.fingerprint()
    return spec.replace_attributes(code_version=f"{spec.code_version}-{columns}-{settings}")


defs = build_definitions(DataFolder.find())
