"""Asset specs from the declaration of a table: group, kinds, owners, tags and columns."""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from zoo_dag.dagster.metadata import definition_metadata, description, kinds, tags
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES

OWNERS = ["team:zoo_dag"]
# Version of the code that builds a table; a higher number makes the stored tables stale.
CODE_VERSIONS = {
    **dict.fromkeys(("subjects", "classifications", "parsed_quarantine"), 2),
    "subject_summary": 3,
    **{
        name: 2
        for kind in ("question", "dropdown", "survey", "drawing", "text", "slider")
        for name in (f"{kind}_annotations", f"{kind}_consensus", f"pooled_{kind}_consensus")
    },
    **dict.fromkeys(("text_consensus", "pooled_text_consensus"), 3),
    **dict.fromkeys(("dropdown_consensus", "pooled_dropdown_consensus"), 3),
    **dict.fromkeys(("drawing_annotations", "drawing_consensus", "pooled_drawing_consensus"), 3),
    "highlight_annotations": 2,
    "other_annotations": 2,
    **{name: 3 for kind in ("question", "survey") for name in (f"{kind}_consensus", f"pooled_{kind}_consensus")},
}


def spec(name: str, deps: Iterable[str | dg.AssetDep] = (), **attributes: Any) -> dg.AssetSpec:
    """The asset of a table that is built from `deps`; `attributes` are further ones of the spec."""
    return dg.AssetSpec(
        name,
        deps=list(deps),
        description=description(name),
        group_name=TABLES[name].stage,
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name),
        metadata=definition_metadata(name),
        **attributes,
    )


def with_code_version(asset: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """The asset with a code version that changes with its code, its columns, and settings that change results."""
    name = asset.key.path[-1]
    code, columns = CODE_VERSIONS.get(name, 1), TABLES[name].fingerprint
    return asset.replace_attributes(code_version=f"{code}-{columns}-{settings.fingerprint()}")
