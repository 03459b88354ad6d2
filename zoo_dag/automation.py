"""The jobs of zoo_dag."""

import dagster as dg

_UNPARTITIONED_PARSED = dg.AssetSelection.assets("subjects", "workflow_versions")
_BOOKS = dg.AssetSelection.assets("accounting", "quarantine")
_IMPORT = dg.AssetSelection.groups("raw") | _UNPARTITIONED_PARSED

import_exports = dg.define_asset_job(
    "import_exports",
    selection=_IMPORT,
    description="Read the exports given in the run's config, or those in the inbox, and find their versions.",
)
_POOLED = dg.AssetSelection.groups("pooled")

one_version = dg.define_asset_job(
    "one_version",
    selection=dg.AssetSelection.all() - _IMPORT - _BOOKS - _POOLED,
    description="Parse, flatten and aggregate the classifications of one workflow version.",
)
one_workflow = dg.define_asset_job(
    "one_workflow",
    selection=_POOLED,
    description="Pool the versions of one workflow, and summarise its subjects.",
)
balance_books = dg.define_asset_job(
    "balance_books",
    selection=_BOOKS,
    description="Gather accounting and quarantine of all versions.",
)
full_refresh = dg.define_asset_job(
    "full_refresh",
    # A job has one kind of partitions: the pooled tables follow with `one_workflow`.
    selection=dg.AssetSelection.all() - _POOLED,
    description="Import what lies in the inbox, then make every table of the chosen versions anew.",
)

JOBS = [import_exports, one_version, one_workflow, balance_books, full_refresh]
