"""The jobs of zoo_dag: those that build tables, and those that mark tables as stale."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from zoo_dag.dagster.assets.catalogue import STEPS
from zoo_dag.dagster.fetch_jobs import FETCH_JOBS, fetch_jobs
from zoo_dag.dagster.one_step_jobs import one_step_job
from zoo_dag.dagster.part_job import part_job
from zoo_dag.dagster.planner import BUILD_PART, BUILD_VERSIONS, PARSE_SHARED, POOL_WORKFLOW, ROW_ACCOUNTING
from zoo_dag.dagster.project import Project
from zoo_dag.store.rebuilds import request_rebuild
from zoo_dag.tables import TABLES, Partition
from zoo_dag.tables.versions import parse_key

# The jobs that build tables, and the names of all.
BUILD_JOBS = (PARSE_SHARED, BUILD_PART, BUILD_VERSIONS, POOL_WORKFLOW, ROW_ACCOUNTING)
_ONE_WORKFLOW, _FULL_REFRESH = "one_workflow", "full_refresh"
JOBS = (*BUILD_JOBS, _ONE_WORKFLOW, _FULL_REFRESH, *FETCH_JOBS)
Job = dg.JobDefinition | UnresolvedAssetJobDefinition


def jobs(project: Project) -> list[Job]:
    """All jobs of a project."""
    return [*_build_jobs(project), part_job(project), *_refresh_jobs(project), *fetch_jobs(project)]


def _tables(partition: Partition | None, *stages: str) -> list[str]:
    tables = [TABLES[name] for step in STEPS for name in step.tables]
    return [table.name for table in tables if table.partition == partition and table.stage in stages]


def _build_jobs(project: Project) -> list[UnresolvedAssetJobDefinition]:
    def job(name: str, tables: list[str], description: str) -> UnresolvedAssetJobDefinition:
        return dg.define_asset_job(
            project.names.of(name),
            selection=dg.AssetSelection.assets(*map(project.names.asset, tables)),
            description=description,
            tags=project.names.tags,
            executor_def=dg.in_process_executor,
        )

    return [
        job(
            PARSE_SHARED,
            # For Dagster the raw classifications are one asset: one export has rows of many versions.
            [*_tables(None, "raw", "parsed"), "raw_classifications"],
            "Read the exports named in the run's config, or those in the inbox, and register their versions.",
        ),
        job(
            BUILD_VERSIONS,
            _tables("workflow_version", "parsed", "flattened", "consensus", "ledger"),
            "Parse, flatten and aggregate the classifications of one workflow version, or of a range.",
        ),
        job(
            POOL_WORKFLOW,
            _tables("workflow", "pooled"),
            "Pool the versions of one workflow as they are, and summarise its subjects.",
        ),
        job(
            ROW_ACCOUNTING,
            _tables(None, "ledger"),
            "Gather the row accounting and the quarantine of all versions.",
        ),
    ]


class WorkflowConfig(dg.Config):
    """Which workflow."""

    workflow: int


def mark_everything_stale(context: dg.OpExecutionContext, project: Project) -> None:
    """Make every table stale but the raw ones."""
    folder = project.folder
    request_rebuild(folder.root)
    folder.save()
    context.log.info("Every table is stale now. The sensor `automation` or `zoo-dag run` rebuilds them.")


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


def _refresh_jobs(project: Project) -> list[dg.JobDefinition]:
    return [
        one_step_job(
            project,
            _ONE_WORKFLOW,
            mark_workflow_stale,
            "Rebuild every table of one workflow, whose id the run's config names: marks them as stale, for the "
            "automation.",
        ),
        one_step_job(
            project,
            _FULL_REFRESH,
            mark_everything_stale,
            "Rebuild every table: marks all of them as stale, for the automation.",
        ),
    ]
