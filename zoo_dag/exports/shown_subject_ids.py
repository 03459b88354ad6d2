"""The ids of the subjects that a classification shows, from the cells of its row."""

import polars as pl

from zoo_dag.exports.cells import integer
from zoo_dag.exports.subject_data import subject_ids


def subject_id_columns(batch: pl.DataFrame, *, expand_groups: bool) -> pl.DataFrame:
    """Subject ids, ascending and joined with `;`, and a sentence where they cannot be read.

    From the column `subject_ids`, else (files from before 2016-05, and groups to be expanded) from `subject_data`.
    Returns `subject_ids: String, subject_problem: String`.
    """
    expected = "expected subject ids joined with ;"
    joined = _joined(batch["subject_ids"])
    asked = batch["subject_ids"].is_null()
    if expand_groups:
        asked |= joined.is_not_null()
    read = joined.to_frame().with_columns_seq(
        subject_problem=pl.when(pl.col(joined.name).fill_null("") == "").then(pl.lit(expected))
    )
    if not asked.any():
        return read
    ids, problems = (column.to_list() for column in read.get_columns())
    for row, (cell, needed) in enumerate(zip(batch["subject_data"], asked, strict=True)):
        if needed and cell is not None:
            try:
                ids[row], problems[row] = subject_ids(cell, expand_groups=expand_groups), None
            except ValueError as error:
                problems[row] = f"{expected}, and subject_data: {error}"
    return pl.DataFrame(
        [pl.Series("subject_ids", ids, pl.String), pl.Series("subject_problem", problems, pl.String)]
    )


def _joined(ids: pl.Series) -> pl.Series:
    text = ids.str.strip_chars()
    if not text.str.contains(";", literal=True).any():
        return pl.select(_subject_id(pl.lit(text)).alias(ids.name)).to_series()
    parts = text.str.split(";").list.eval(_subject_id(pl.element()))
    numbers = parts.list.eval(pl.element().cast(pl.Int64).unique().sort())
    unreadable = parts.list.eval(pl.element().is_null().any()).list.first()
    joined = numbers.list.eval(pl.element().cast(pl.String)).list.join(";")
    return pl.select(pl.when(~unreadable).then(joined).alias(ids.name)).to_series()


def _subject_id(text: pl.Expr) -> pl.Expr:
    number = integer(text)
    return pl.when(number >= 0).then(number).cast(pl.String)
