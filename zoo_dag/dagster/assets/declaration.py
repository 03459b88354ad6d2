"""How an asset is declared: group, kinds, owners, tags and columns, from the declaration of its table."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from zoo_dag.dagster.metadata import definition_metadata, description, kinds, tags
from zoo_dag.tables import TABLES

OWNERS = ["team:zoo_dag"]


def spec(name: str, deps: Iterable[str | dg.AssetDep] = (), **attributes: Any) -> dg.AssetSpec:
    """The asset of a table that is built from `deps`.

    The code version changes when the code gives other results than before. `attributes` are further ones of the
    spec.
    """
    return dg.AssetSpec(
        name,
        deps=list(deps),
        description=description(name),
        group_name=TABLES[name].stage,
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name),
        metadata=definition_metadata(name),
        **{"code_version": "1", **attributes},
    )
