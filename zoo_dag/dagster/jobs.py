"""The jobs of zoo_dag that make some of its assets."""

from pathlib import Path

import dagster as dg

from zoo_dag.dagster.io_manager import Project
from zoo_dag.exports.files import identify_all
from zoo_dag.inbox.local import list_files
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables.versions import parse_key

_RAW = dg.AssetSelection.groups("raw") - dg.AssetSelection.assets("raw_versions")
_IMPORT = _RAW | dg.AssetSelection.assets("subjects", "workflow_versions")
_BOOKS = dg.AssetSelection.assets("accounting", "quarantine")
_POOLED = dg.AssetSelection.groups("pooled")
_VERSION = dg.AssetSelection.groups("parsed", "flattened", "consensus", "ledger") - _IMPORT - _BOOKS

import_exports = dg.define_asset_job(
    "import_exports",
    selection=_IMPORT,
    description="Read the exports given in the run's config, or those in the inbox, and find their versions.",
)
one_version = dg.define_asset_job(
    "one_version",
    selection=_VERSION,
    description="Parse, flatten and aggregate the classifications of one workflow version.",
)
pooled_only = dg.define_asset_job(
    "pooled_only",
    selection=_POOLED,
    description="Pool the versions of one workflow as they are, and summarise its subjects.",
)
balance_books = dg.define_asset_job(
    "balance_books",
    selection=_BOOKS,
    description="Gather accounting and quarantine of all versions.",
)


class WorkflowConfig(dg.Config):
    """Which workflow."""

    workflow: int


@dg.op(name="make_all_anew")
def make_all_anew(context: dg.OpExecutionContext, project: Project) -> None:
    """Import what lies in the inbox, and make all tables anew."""
    folder = project.folder
    found = identify_all(folder.inbox / entry.name for entry in list_files(folder.inbox))
    for problem in found.ignored:
        context.log.warning(problem)
    exports = tuple(export.path for export in found.exports)
    _make_anew(context, folder, exports, None)


@dg.op(name="make_anew")
def make_anew(context: dg.OpExecutionContext, project: Project, config: WorkflowConfig) -> None:
    """Make the tables of a workflow anew: each of its versions, and the pooled ones."""
    folder = project.folder
    known = sorted({parse_key(key).workflow_id for key in folder.versions()})
    if config.workflow not in known:
        there = f"there are {', '.join(map(str, known))}" if known else "nothing was imported yet"
        raise dg.Failure(f"There is no workflow {config.workflow}; {there}.", allow_retries=False)
    _make_anew(context, folder, (), config.workflow)


def _make_anew(
    context: dg.OpExecutionContext, folder: DataFolder, exports: tuple[Path, ...], workflow: int | None
) -> None:
    """Start runs of the other jobs, as `zoo-dag run` does: the tables have three kinds of partitions."""
    # The pipeline is made of these jobs.
    from zoo_dag.dagster.runs.run_all import Request, run  # noqa: PLC0415

    request = Request(exports, workflow=workflow, anew=True)
    outcome = run(folder, request, lambda text, done, steps: context.log.debug(f"{text}: {done} of {steps}"))
    context.log.info(f"made anew: {', '.join(outcome.changed) or 'no workflow version'}")
    if outcome.failures:
        raise dg.Failure(" ".join(outcome.failures), allow_retries=False)


@dg.job(description="Import what lies in the inbox, and make all tables anew, also those that are up to date.")
def full_refresh() -> None:
    """Everything."""
    make_all_anew()


@dg.job(
    description="Make all tables of one workflow anew: each of its versions, and the pooled ones. "
    "Give the id of the workflow in the run's config."
)
def one_workflow() -> None:
    """Everything of one workflow."""
    make_anew()


ASSET_JOBS = [import_exports, one_version, pooled_only, balance_books]
REFRESH_JOBS = [one_workflow, full_refresh]
