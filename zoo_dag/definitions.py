"""The code location of zoo_dag: all assets, their jobs, and where their data lies.

The data folder is `$ZOO_DAG_DATA`, else `./zoo_data`. Loading reads the settings, and nothing else.
"""

import dagster as dg

from zoo_dag.assets import consensus, flattened, ledger, parsed, pooled, raw
from zoo_dag.automation import JOBS
from zoo_dag.data_folder import DataFolder
from zoo_dag.progress import progress_logger
from zoo_dag.storage import Project, TableIOManager

ASSETS: list[dg.AssetsDefinition] = [
    raw.raw_tables,
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
    settings = folder.settings.fingerprint()

    def with_settings(spec: dg.AssetSpec) -> dg.AssetSpec:
        # Settings decide what comes out, so a change makes what was made before stale.
        return spec.replace_attributes(code_version=f"{spec.code_version}-{settings}")

    data = str(folder.root)
    return dg.Definitions(
        assets=dg.map_asset_specs(with_settings, ASSETS),
        jobs=JOBS,
        resources={"project": Project(data=data), "io_manager": TableIOManager(data=data)},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    )


defs = build_definitions(DataFolder.find())
