"""All assets of zoo_dag."""

import dagster as dg

from zoo_dag.dagster.assets import consensus, flattened, ledger, parsed, pooled, raw
from zoo_dag.dagster.assets.declaration import Step, name_of, with_code_version
from zoo_dag.dagster.assets.report import report_asset
from zoo_dag.dagster.project import Project
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

STEPS: list[Step] = [
    raw.read_exports,
    parsed.parse_subjects,
    parsed.parse_workflows,
    parsed.define_tasks,
    parsed.parse_classifications,
    flattened.flatten,
    ledger.account_for_version,
    consensus.make_consensus,
    pooled.pool_versions,
    ledger.gather_accounting,
]


def assets(project: Project) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The assets of a project."""
    return [*(step.of(project) for step in STEPS), *raw.without_step(project.names), report_asset(project)]


def with_settings(spec: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """The asset under the settings of the project: its code version and its freshness policy."""
    if name_of(spec) not in TABLES:
        return spec
    if TABLES[name_of(spec)].stage == "raw":
        return raw.with_freshness(spec, settings.checks.stale_after_days)
    return with_code_version(spec, settings)
