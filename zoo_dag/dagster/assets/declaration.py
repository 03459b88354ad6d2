"""Asset specs from the declaration of a table: group, kinds, owners, tags and columns."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from zoo_dag.dagster.metadata import definition_metadata, description, kinds, tags
from zoo_dag.dagster.recipes import INPUTS, recipe
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

OWNERS = ["team:zoo_dag"]


def spec(name: str, inputs: Iterable[str] | None = None, **attributes: Any) -> dg.AssetSpec:
    """The asset of a table, built from `inputs` or as declared; `attributes` are further ones of the spec."""
    return dg.AssetSpec(
        name,
        deps=[_dep(name, of) for of in (INPUTS.get(name, ()) if inputs is None else inputs)],
        description=description(name),
        group_name=TABLES[name].stage,
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name),
        metadata=definition_metadata(name),
        **attributes,
    )


def with_code_version(asset: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """The asset with the code version of its table."""
    return asset.replace_attributes(code_version=recipe(name_of(asset), settings).code_version)


def name_of(asset: dg.AssetSpec) -> str:
    """The table of an asset."""
    return asset.key.path[-1]


def _dep(name: str, of: str) -> dg.AssetDep:
    """Dagster has no mapping from versions to their workflow: a workflow depends on all existing versions."""
    pools = TABLES[name].partition == "workflow" and TABLES[of].partition == "workflow_version"
    return dg.AssetDep(of, partition_mapping=dg.AllPartitionMapping() if pools else None)
