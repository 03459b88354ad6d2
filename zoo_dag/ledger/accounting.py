"""Row accounting: for each stage, units in = units out + quarantined + merged.

The units that enter a stage are counted before it, not by it: rows in the raw tables, elements of annotations when
their cells are checked (`zoo_dag.exports.annotation_cells`), by a rule that flattening does not use. So an element
that flattening overlooks unbalances the sums. Only the elements that repeat another one (`merged`) are counted by
flattening itself.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.exports.reads import Reads, imported_rows, quarantine_part
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.layouts import LAYOUTS
from zoo_dag.tables.ledger import EXCLUSION_REASONS
from zoo_dag.tables.row_count import row_count
from zoo_dag.tables.versions import VersionKey, is_key, parse_key, version_order

_TABLE = TABLES["accounting"]
ROWS = "rows"
ELEMENTS = "elements"


class ElementCounts(NamedTuple):
    """The elements of all annotations of a version, and those of them that only repeat another one."""

    entered: int
    merged: int


def version_accounting(
    key: VersionKey, raw: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame | None], elements: ElementCounts
) -> pl.DataFrame:
    """The accounting of one workflow version: a row each for the stages parsed and flattened.

    Takes `raw_classifications` of the version, and by name `classifications`, `parsed_quarantine`,
    `flattened_quarantine` and the flattened tables of the version; None instead of one says that it has no rows.
    Returns the columns of `accounting`.
    """
    version = {"workflow_id": key.workflow_id, "workflow_version": key.version}
    typed = _by_exclusion(tables["classifications"])
    parsed = {
        "stage": "parsed",
        "unit": ROWS,
        "rows_in": row_count(raw),
        "rows_out": sum(typed.values()),
        "quarantined": _rows_in(tables["parsed_quarantine"]),
        **_excluded(typed),
    }
    flattened = {
        "stage": "flattened",
        "unit": ELEMENTS,
        "rows_in": elements.entered,
        "rows_out": sum(_elements_in(tables[name]) for name in FLATTENED),
        "quarantined": _rows_in(tables["flattened_quarantine"]),
        "merged": elements.merged,
    }
    return accounting_rows([{**version, **parsed}, {**version, **flattened}])


class RawPart(NamedTuple):
    """A part of the raw tables (`zoo_dag.exports.reads`): the rows stored in it, and what was read into it."""

    n_rows: int
    reads: Reads


def total_accounting(
    raw: Mapping[str, RawPart], versions: pl.DataFrame, imports: pl.DataFrame, forgotten: pl.DataFrame
) -> pl.DataFrame:
    """The table `accounting`: the stage raw of each version, `version_accounting`, and the rows without a version.

    Takes the parts of the raw tables, the `version_accounting` of all versions, and the tables `imports` and
    `forgotten`. The rows in are those that the imports read, so a part that is missing, or was restored from an
    older copy, unbalances the sums. Forgotten and replaced rows do not count.
    """
    expected = imported_rows(imports, forgotten)
    keys = [part for part in {**raw, **expected} if is_key(part)]
    rows: list[dict[str, Any]] = []
    for key in sorted(keys, key=parse_key):
        version = parse_key(key)
        counts = _raw_counts(raw.get(key, _MISSING), expected.get(key, {}))
        rows.append({"workflow_id": version.workflow_id, "workflow_version": version.version, **counts})
    # In this order whatever was imported first.
    imported = set(imports["kind"])
    without = [_of_no_version(raw, expected, kind) for kind in LAYOUTS if kind in imported]
    every = pl.concat([accounting_rows([*rows, *without]), versions])
    return every.sort("workflow_id", version_order(), nulls_last=True, maintain_order=True)


_MISSING = RawPart(0, Reads())


def _raw_counts(part: RawPart, expected: Mapping[str, int]) -> dict[str, Any]:
    # What an interrupted import stored is in no record of imports.
    rows_in = sum({**part.reads.rows, **expected}.values())
    return {
        "stage": "raw",
        "unit": ROWS,
        "rows_in": rows_in,
        "rows_out": part.n_rows,
        "merged": part.reads.n_merged,
    }


def _of_no_version(
    raw: Mapping[str, RawPart], expected: Mapping[str, Mapping[str, int]], kind: str
) -> dict[str, Any]:
    """The rows of subjects or workflows, or those of classifications that have no version."""
    stored = _raw_counts(raw.get(kind, _MISSING), expected.get(kind, {}))
    part = quarantine_part(kind)
    rejected = _raw_counts(raw.get(part, _MISSING), expected.get(part, {}))
    return {
        **stored,
        "unit": f"{kind} rows without a version" if kind == "classifications" else f"{kind} rows",
        "rows_in": stored["rows_in"] + rejected["rows_in"],
        "quarantined": rejected["rows_out"],
        "merged": stored["merged"] + rejected["merged"],
    }


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


def _rows_in(table: pl.LazyFrame | None) -> int:
    return 0 if table is None else row_count(table)


def _elements_in(table: pl.LazyFrame | None) -> int:
    if table is None:
        return 0
    return row_count(table.select("classification_id", "annotation_index").unique())


def _by_exclusion(classifications: pl.LazyFrame | None) -> dict[str | None, int]:
    """How many classifications are excluded for each reason, and for none."""
    if classifications is None:
        return {}
    return dict(classifications.group_by("excluded").len().collect().iter_rows())


def _excluded(counts: Mapping[str | None, int]) -> dict[str, int]:
    reasons = {f"excluded_{reason}": counts.get(reason, 0) for reason in EXCLUSION_REASONS}
    return {"excluded": sum(reasons.values()), **reasons}
