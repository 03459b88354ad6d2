"""The subject_data cells of raw classifications: many rows share one, and each is read once."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from zoo_dag.exports.batches import batches
from zoo_dag.exports.cells import integer
from zoo_dag.exports.subject_data import ShownSubject, read_cell
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import CLASSIFICATIONS

_DTYPES = TABLES["shown_subjects"].dtypes
_PLACE = pl.UInt32()
# Times are read later.
_SHOWN = pl.Schema(
    {"place": _PLACE, **{name: _DTYPES[name] for name in ShownSubject._fields}, "retired_at": pl.String()}
)


class DifferentCells(NamedTuple):
    """The different cells of a column, as `cells` with the newest `classification_id` of each, Int64.

    `of_rows` has for each row the place of its cell.
    """

    cells: pl.DataFrame
    of_rows: pl.Series


class SubjectCells(NamedTuple):
    """What the subject_data cells of some versions say.

    `stable` has each cell without the server's retirement state, `of_rows` for each row the place of its cell in
    it. `shown` has `version: UInt32`, the place of the version, the columns of `ShownSubject`, `retired_at` as
    text, and the newest `classification_id` of the version with the cell, ascending by version and id.
    """

    stable: pl.Series
    of_rows: pl.Series
    shown: pl.DataFrame


def different_cells(raw: pl.LazyFrame) -> DifferentCells:
    """The different subject_data cells of raw classifications, all text."""
    cells = pl.col("subject_data")
    newest = pl.col("classification_id").max()
    # As categories, of which each cell is one, the cells are read once, and compared as numbers from then on.
    each = cells.cast(pl.Categorical(pl.Categories.random()))
    ids = integer(pl.col("classification_id"))
    rows = CLASSIFICATIONS.complete(raw).select(each, classification_id=ids).collect().lazy()
    different = rows.group_by(cells).agg(newest).sort("classification_id").collect()
    places = different.lazy().select(cells).with_row_index("place")
    found = rows.select(cells).join(places, on=cells, how="left", nulls_equal=True, maintain_order="left")
    return DifferentCells(
        different.with_columns(cells.cast(pl.String)), found.select("place").collect().to_series()
    )


def read_subject_cells(raw: pl.LazyFrame, n_rows: Sequence[int] = ()) -> SubjectCells:
    """What the subject_data cells of raw classifications say, all text.

    Takes those of one version, or of several, one after the other, each with so many rows.
    """
    different = different_cells(raw)
    stable: list[pl.Series] = [pl.Series("subject_data", [], pl.String)]
    shown, place = [pl.DataFrame(schema=_SHOWN)], 0
    for batch in batches(different.cells.lazy().select("subject_data")):
        read = [read_cell(cell) for cell in batch["subject_data"]]
        stable.append(pl.Series("subject_data", [text for text, _ in read], pl.String))
        rows = [(number, *subject) for number, (_, subjects) in enumerate(read, place) for subject in subjects]
        shown.append(pl.DataFrame(rows, _SHOWN, orient="row"))
        place += batch.height
    of_versions = _of_versions(pl.concat(shown), raw, different, n_rows).drop("place")
    known = of_versions.filter(pl.col("classification_id").is_not_null())
    return SubjectCells(pl.concat(stable), different.of_rows, known)


def _of_versions(
    shown: pl.DataFrame, raw: pl.LazyFrame, different: DifferentCells, n_rows: Sequence[int]
) -> pl.DataFrame:
    """The shown subjects of each version, with the newest `classification_id` of their cell in it, ascending."""
    if len(n_rows) < 2:
        newest = different.cells["classification_id"].gather(shown["place"])
        return shown.with_columns(newest, version=pl.lit(0, _PLACE))
    of_rows = [pl.repeat(number, n, dtype=_PLACE, eager=True) for number, n in enumerate(n_rows)]
    ids = raw.select(integer(pl.col("classification_id"))).collect()
    rows = ids.with_columns(different.of_rows.cast(_PLACE).alias("place"), version=pl.concat(of_rows))
    newest_of = rows.group_by("version", "place").agg(pl.col("classification_id").max())
    # Where a cell names a subject twice, the last of its entries counts.
    return newest_of.sort("version", "classification_id").join(shown, on="place", maintain_order="left_right")
