"""Row accounting: for each stage, units in = units out + quarantined + merged.

The units that enter a stage are counted before it, not by it: rows in the raw tables, elements of annotations when
their cells are checked (`zoo_dag.exports.annotation_cells`), by a rule that flattening does not use. So an element
that flattening overlooks unbalances the sums. Only the elements that repeat another one (`merged`) are counted by
flattening itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.ledger import EXCLUSION_REASONS
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import VersionKey, version_order

_TABLE = TABLES["accounting"]
ROWS = "rows"
ELEMENTS = "elements"


class ElementCounts(NamedTuple):
    """The elements of all annotations of a version, and those of them that only repeat another one."""

    entered: int
    merged: int


def version_accounting(
    key: VersionKey, raw: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame], elements: ElementCounts
) -> pl.DataFrame:
    """The accounting of one workflow version: a row each for the stages parsed and flattened.

    Takes `raw_classifications` of the version, and by name `classifications`, `parsed_quarantine`,
    `flattened_quarantine` and the flattened tables of the version. Returns the columns of `accounting`.
    """
    version = {"workflow_id": key.workflow_id, "workflow_version": key.version}
    parsed = {
        "stage": "parsed",
        "unit": ROWS,
        "rows_in": row_count(raw),
        "rows_out": row_count(tables["classifications"]),
        "quarantined": row_count(tables["parsed_quarantine"]),
        **_excluded(tables["classifications"]),
    }
    flattened = {
        "stage": "flattened",
        "unit": ELEMENTS,
        "rows_in": elements.entered,
        "rows_out": sum(_elements_in(tables[name]) for name in FLATTENED),
        "quarantined": row_count(tables["flattened_quarantine"]),
        "merged": elements.merged,
    }
    return accounting_rows([{**version, **parsed}, {**version, **flattened}])


class Unversioned(NamedTuple):
    """The input without a workflow version: the tables `imports`, `raw_quarantine` and `forgotten`, and by export
    kind the numbers of rows of the raw tables of subjects and workflows.
    """

    imports: pl.DataFrame
    quarantine: pl.DataFrame
    forgotten: pl.DataFrame
    rows_out: Mapping[str, int]


def total_accounting(raw_versions: pl.DataFrame, versions: pl.DataFrame, unversioned: Unversioned) -> pl.DataFrame:
    """The table `accounting`: the stage raw of each version, `version_accounting`, and the rows without a version.

    Takes `raw_versions`, the `version_accounting` of all versions, and `Unversioned`. Forgotten rows do not count.
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
    every = pl.concat([accounting_rows([*rows, *_of_no_version(unversioned)]), versions])
    return every.sort("workflow_id", version_order(), nulls_last=True, maintain_order=True)


def _of_no_version(unversioned: Unversioned) -> Iterator[dict[str, Any]]:
    imports, quarantine, forgotten, rows_out = unversioned
    quarantined, forgotten_rows = Counter(quarantine["kind"]), _forgotten_rows(forgotten)
    for kind in imports["kind"].unique(maintain_order=True):
        of_kind = imports.filter(kind=kind)
        versioned = kind == "classifications"
        rows_in = int(of_kind["n_quarantined" if versioned else "n_rows"].sum()) - forgotten_rows[kind]
        out = 0 if versioned else rows_out[kind]
        yield {
            "stage": "raw",
            "unit": f"{kind} rows without a version" if versioned else f"{kind} rows",
            "rows_in": rows_in,
            "rows_out": out,
            "quarantined": quarantined[kind],
            # Rows of earlier files that a later file replaced.
            "merged": rows_in - out - quarantined[kind],
        }


def _forgotten_rows(forgotten: pl.DataFrame) -> Counter[str]:
    """By export kind the forgotten rows without a version; `raw_versions` no longer counts those of a version."""
    of_no_version = forgotten.filter(pl.col("table") != "raw_classifications")
    return Counter(dict(of_no_version.group_by("kind").agg(pl.col("n_rows").sum()).iter_rows()))


def accounting_rows(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Accounting rows from dictionaries: missing counts are 0, `balanced` says whether the sums match."""
    counts = [
        "rows_in",
        "rows_out",
        "quarantined",
        "merged",
        "excluded",
        *(f"excluded_{reason}" for reason in EXCLUSION_REASONS),
    ]
    frame = pl.DataFrame(rows, schema=_TABLE.dtypes).with_columns(pl.col(counts).fill_null(0))
    left = pl.col("rows_out") + pl.col("quarantined") + pl.col("merged")
    return frame.with_columns(balanced=(pl.col("rows_in") == left) & (pl.col("merged") >= 0))


def _elements_in(table: pl.LazyFrame) -> int:
    return row_count(table.select("classification_id", "annotation_index").unique())


def _excluded(classifications: pl.LazyFrame) -> dict[str, int]:
    counts = dict(classifications.group_by("excluded").len().collect().iter_rows())
    reasons = {f"excluded_{reason}": counts.get(reason, 0) for reason in EXCLUSION_REASONS}
    return {"excluded": sum(reasons.values()), **reasons}
