"""The subject_data cells of the raw classifications of a version: many rows share one, and each is read once."""

from typing import NamedTuple

import polars as pl

from zoo_dag.exports.batches import batches
from zoo_dag.exports.cells import integer
from zoo_dag.exports.subject_data import ShownSubject, read_cell
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import CLASSIFICATIONS

_DTYPES = TABLES["shown_subjects"].dtypes
# Times are read later.
_SHOWN = pl.Schema(
    {name: _DTYPES[name] for name in (*ShownSubject._fields, "classification_id")} | {"retired_at": pl.String()}
)


class DifferentCells(NamedTuple):
    """The different cells of a column, as `cells` with the newest `classification_id` of each, Int64.

    `of_rows` has for each row the place of its cell.
    """

    cells: pl.DataFrame
    of_rows: pl.Series


class SubjectCells(NamedTuple):
    """What subject_data cells say.

    `stable` has each cell without the server's retirement state, `of_rows` for each row the place of its cell in
    it. `shown` has the columns of `ShownSubject`, `retired_at` as text, and the newest `classification_id` with
    the cell, ascending by it.
    """

    stable: pl.Series
    of_rows: pl.Series
    shown: pl.DataFrame


def different_cells(raw: pl.LazyFrame) -> DifferentCells:
    """The different subject_data cells of raw classifications, all text."""
    cells = pl.col("subject_data")
    newest = pl.col("classification_id").max()
    rows = CLASSIFICATIONS.complete(raw).select(cells, classification_id=integer(pl.col("classification_id")))
    different = rows.group_by(cells).agg(newest).sort("classification_id").collect()
    places = different.lazy().select(cells).with_row_index("place")
    found = rows.select(cells).join(places, on=cells, how="left", nulls_equal=True, maintain_order="left")
    return DifferentCells(different, found.select("place").collect(engine="streaming").to_series())


def read_subject_cells(raw: pl.LazyFrame) -> SubjectCells:
    """What the subject_data cells of raw classifications say, all text."""
    different = different_cells(raw)
    stable: list[pl.Series] = [pl.Series("subject_data", [], pl.String)]
    shown = [pl.DataFrame(schema=_SHOWN)]
    for batch in batches(different.cells.lazy()):
        read = [read_cell(cell) for cell in batch["subject_data"]]
        stable.append(pl.Series("subject_data", [text for text, _ in read], pl.String))
        ids = batch["classification_id"].to_list()
        rows = [
            (*subject, number)
            for (_, subjects), number in zip(read, ids, strict=True)
            if number is not None
            for subject in subjects
        ]
        shown.append(pl.DataFrame(rows, _SHOWN, orient="row"))
    return SubjectCells(pl.concat(stable), different.of_rows, pl.concat(shown))
