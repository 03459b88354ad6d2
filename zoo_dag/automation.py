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
one_version = dg.define_asset_job(
    "one_version",
    selection=dg.AssetSelection.all() - _IMPORT - _BOOKS,
    description="Parse, flatten and aggregate the classifications of one workflow version.",
)
balance_books = dg.define_asset_job(
    "balance_books",
    selection=_BOOKS,
    description="Gather accounting and quarantine of all versions.",
)
full_refresh = dg.define_asset_job(
    "full_refresh",
    selection=dg.AssetSelection.all(),
    description="Everything: import what lies in the inbox, then make every table of the chosen versions anew.",
)

JOBS = [import_exports, one_version, balance_books, full_refresh]
