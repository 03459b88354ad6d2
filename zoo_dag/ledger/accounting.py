"""The books: for each stage, units in = units out + quarantined + merged (DESIGN 1, nothing lost).

The units that enter a stage are counted anew from what the stage was given, not from what it says of itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.annotations.elements import Merged, elements
from zoo_dag.annotations.learning import version_definitions
from zoo_dag.exports.batches import batches
from zoo_dag.exports.cells import load_json
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS
from zoo_dag.tables.versions import VersionKey, version_order

_TABLE = TABLES["accounting"]
ROWS = "rows"
ELEMENTS = "elements"


def version_accounting(key: VersionKey, raw: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """The books of one workflow version: a row each for the stages parsed and flattened.

    Takes `raw_classifications` of the version, and by name `tasks`, `classifications`, `parsed_quarantine`,
    `flattened_quarantine` and the flattened tables of the version.
    """
    elements_in, repeated = _count_elements(tables["classifications"], tables["tasks"])
    version = {"workflow_id": key.workflow_id, "workflow_version": key.version}
    parsed = {
        "stage": "parsed",
        "unit": ROWS,
        "rows_in": _height(raw),
        "rows_out": _height(tables["classifications"]),
        "quarantined": _height(tables["parsed_quarantine"]),
        **_excluded(tables["classifications"]),
    }
    flattened = {
        "stage": "flattened",
        "unit": ELEMENTS,
        "rows_in": elements_in,
        "rows_out": sum(_elements_in(tables[name]) for name in FLATTENED),
        "quarantined": _height(tables["flattened_quarantine"]),
        "merged": repeated,
    }
    return books([{**version, **parsed}, {**version, **flattened}])


class Unversioned(NamedTuple):
    """What has no workflow version: the tables `imports`, `raw_quarantine` and `forgotten`, and by export kind the
    rows of the raw tables of subjects and workflows.
    """

    imports: pl.DataFrame
    quarantine: pl.DataFrame
    forgotten: pl.DataFrame
    rows_out: Mapping[str, int]


def total_accounting(raw_versions: pl.DataFrame, versions: pl.DataFrame, unversioned: Unversioned) -> pl.DataFrame:
    """All books: the stage raw of each version, `version_accounting`, and the rows that have no version.

    Takes `raw_versions`, the `version_accounting` of all versions, and the rest. Forgotten rows are not counted.
    """
    rows: list[dict[str, Any]] = [
        {
            "workflow_id": record["workflow_id"],
            "workflow_version": record["workflow_version"],
            "stage": "raw",
            "unit": ROWS,
            "rows_in": record["n_read"],
            "rows_out": record["n_rows"],
            "merged": record["n_merged"],
        }
        for record in raw_versions.to_dicts()
    ]
    every = pl.concat([books([*rows, *_of_no_version(unversioned)]), versions])
    return every.sort("workflow_id", version_order(), nulls_last=True, maintain_order=True)


def _of_no_version(unversioned: Unversioned) -> Iterator[dict[str, Any]]:
    imports, quarantine, forgotten, rows_out = unversioned
    held, gone = Counter(quarantine["kind"]), _forgotten_rows(forgotten)
    for kind in imports["kind"].unique(maintain_order=True):
        of_kind = imports.filter(kind=kind)
        versioned = kind == "classifications"
        rows_in = int(of_kind["n_quarantined" if versioned else "n_rows"].sum()) - gone[kind]
        out = 0 if versioned else rows_out[kind]
        yield {
            "stage": "raw",
            "unit": f"{kind} rows without a version" if versioned else f"{kind} rows",
            "rows_in": rows_in,
            "rows_out": out,
            "quarantined": held[kind],
            # Rows of earlier files that a later file brought again.
            "merged": rows_in - out - held[kind],
        }


def _forgotten_rows(forgotten: pl.DataFrame) -> Counter[str]:
    """By export kind the forgotten rows that belonged to no version: those of a version are in its own books."""
    of_no_version = forgotten.filter(pl.col("table") != "raw_classifications")
    return Counter(dict(of_no_version.group_by("kind").agg(pl.col("n_rows").sum()).iter_rows()))


def books(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Accounting rows from dictionaries: missing counts are 0, and `balanced` says whether the sums match."""
    counts = [
        "rows_in",
        "rows_out",
        "quarantined",
        "merged",
        "excluded",
        *(f"excluded_{r}" for r in EXCLUSION_REASONS),
    ]
    frame = pl.DataFrame(rows, schema=_TABLE.dtypes).with_columns(pl.col(counts).fill_null(0))
    left = pl.col("rows_out") + pl.col("quarantined") + pl.col("merged")
    return frame.with_columns(balanced=(pl.col("rows_in") == left) & (pl.col("merged") >= 0))


def _height(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect().item())


def _elements_in(table: pl.LazyFrame) -> int:
    return _height(table.select("classification_id", "annotation_index").unique())


def _excluded(classifications: pl.LazyFrame) -> dict[str, int]:
    counts = dict(classifications.group_by("excluded").len().collect().iter_rows())
    reasons = {f"excluded_{reason}": counts.get(reason, 0) for reason in EXCLUSION_REASONS}
    return {"excluded": sum(reasons.values()), **reasons}


def _count_elements(classifications: pl.LazyFrame, tasks: pl.LazyFrame) -> tuple[int, int]:
    """Elements of all annotations, and how many of them only repeat another one."""
    definitions = version_definitions(tasks, classifications)
    total = merged = 0
    for batch in batches(classifications.select("annotations")):
        for cell, times in batch["annotations"].value_counts().iter_rows():
            found = list(elements(load_json(cell), definitions))
            total += times * len(found)
            merged += times * sum(isinstance(element, Merged) for element in found)
    return total, merged
