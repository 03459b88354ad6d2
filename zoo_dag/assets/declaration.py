"""How an asset is declared: group, kinds, owners, tags and columns, from the declaration of its table."""

from typing import Any

import dagster as dg

from zoo_dag.presentation import definition_metadata
from zoo_dag.tables import TABLES

OWNERS = ["team:zoo_dag"]


def out(name: str, code_version: str = "1") -> dg.AssetOut:
    """The asset of a table. `code_version` changes when the code gives other results than before."""
    table = TABLES[name]
    kinds = {"parquet", "csv"} if table.stage == "raw" else {"polars", "parquet"}
    metadata: dict[str, Any] = definition_metadata(name)
    return dg.AssetOut(
        group_name=table.stage,
        description=table.description,
        kinds=kinds,
        owners=OWNERS,
        tags={"stage": table.stage},
        code_version=code_version,
        metadata=metadata,
        is_required=False,
        dagster_type=dg.Any,
    )


def outs(*names: str, code_version: str = "1") -> dict[str, dg.AssetOut]:
    """The assets of several tables, by name."""
    return {name: out(name, code_version) for name in names}
