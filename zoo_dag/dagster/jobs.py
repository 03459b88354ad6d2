"""The jobs of zoo_dag: those that build tables, and those that mark tables as stale."""

import dagster as dg

from zoo_dag.dagster.assets.catalogue import ASSETS
from zoo_dag.dagster.planner import BUILD_VERSIONS, PARSE_SHARED, POOL_WORKFLOW, ROW_ACCOUNTING
from zoo_dag.dagster.resources import Project
from zoo_dag.store.rebuilds import request_rebuild
from zoo_dag.tables import TABLES, Partition
from zoo_dag.tables.versions import parse_key


def _tables(partition: Partition | None, *stages: str) -> dg.AssetSelection:
    names = [
        spec.key.path[-1] for asset in ASSETS if isinstance(asset, dg.AssetsDefinition) for spec in asset.specs
    ]
    tables = [TABLES[name] for name in names if name in TABLES]
    chosen = [table.name for table in tables if table.partition == partition and table.stage in stages]
    return dg.AssetSelection.assets(*chosen)


import_exports = dg.define_asset_job(
    PARSE_SHARED,
    # For Dagster the raw classifications are one asset: one export has rows of many versions.
    selection=_tables(None, "raw", "parsed") | dg.AssetSelection.assets("raw_classifications"),
    description="Read the exports named in the run's config, or those in the inbox, and register their versions.",
)
one_version = dg.define_asset_job(
    BUILD_VERSIONS,
    selection=_tables("workflow_version", "parsed", "flattened", "consensus", "ledger"),
    description="Parse, flatten and aggregate the classifications of one workflow version, or of a range.",
)
pooled_only = dg.define_asset_job(
    POOL_WORKFLOW,
    selection=_tables("workflow", "pooled"),
    description="Pool the versions of one workflow as they are, and summarise its subjects.",
)
row_accounting = dg.define_asset_job(
    ROW_ACCOUNTING,
    selection=_tables(None, "ledger"),
    description="Gather the row accounting and the quarantine of all versions.",
)


class WorkflowConfig(dg.Config):
    """Which workflow."""

    workflow: int


@dg.op
def mark_everything_stale(context: dg.OpExecutionContext, project: Project) -> None:
    """Make every table stale but the raw ones."""
    folder = project.folder
    request_rebuild(folder.root)
    folder.save()
    context.log.info("Every table is stale now. The sensor `automation` or `zoo-dag run` rebuilds them.")


@dg.op
def mark_workflow_stale(context: dg.OpExecutionContext, project: Project, config: WorkflowConfig) -> None:
    """Make the tables of a workflow stale: of each of its versions, and the pooled ones."""
    folder = project.folder
    known = sorted({parse_key(key).workflow_id for key in folder.versions()})
    if config.workflow not in known:
        there = f"there are {', '.join(map(str, known))}" if known else "nothing was imported yet"
        raise dg.Failure(f"There is no workflow {config.workflow}; {there}.", allow_retries=False)
    request_rebuild(folder.root, config.workflow)
    folder.save()
    context.log.info(
        f"The tables of workflow {config.workflow} are stale now. The sensor `automation` or `zoo-dag run` "
        "rebuilds them."
    )


@dg.job(description="Rebuild every table: marks all of them as stale, for the automation.")
def full_refresh() -> None:
    """Everything."""
    mark_everything_stale()


@dg.job(
    description="Rebuild every table of one workflow, whose id the run's config names: marks them as stale, for "
    "the automation."
)
def one_workflow() -> None:
    """Everything of one workflow."""
    mark_workflow_stale()


BUILD_JOBS = [import_exports, one_version, pooled_only, row_accounting]
REFRESH_JOBS = [one_workflow, full_refresh]
