"""How an asset is declared: group, kinds, owners, tags and columns, from the declaration of its table."""

from typing import Any

import dagster as dg

from zoo_dag.dagster.metadata import definition_metadata, description, kinds, tags
from zoo_dag.tables import TABLES

OWNERS = ["team:zoo_dag"]


def out(name: str, code_version: str = "1") -> dg.AssetOut:
    """The asset of a table. `code_version` changes when the code gives other results than before."""
    table = TABLES[name]
    metadata: dict[str, Any] = definition_metadata(name)
    return dg.AssetOut(
        group_name=table.stage,
        description=description(name),
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name),
        code_version=code_version,
        metadata=metadata,
        is_required=False,
        dagster_type=dg.Any,
    )


def outs(*names: str, code_version: str = "1") -> dict[str, dg.AssetOut]:
    """The assets of several tables, by name."""
    return {name: out(name, code_version) for name in names}


def external(name: str, deps: list[str], partitions_def: dg.PartitionsDefinition[str]) -> dg.AssetSpec:
    """A partitioned asset that a step with other partitions makes and tells of."""
    table = TABLES[name]
    return dg.AssetSpec(
        name,
        deps=deps,
        description=description(name),
        group_name=table.stage,
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name),
        metadata=definition_metadata(name),
        partitions_def=partitions_def,
    )
