"""Merging imports: of several rows with the same key, the row of the newest file is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Superseded:
    """The rows that a newer row with the same key replaces: the number of the part, and of the row in it."""

    rows: pl.DataFrame  # part: Int32, row: UInt32

    def without(self, frame: pl.LazyFrame, part: int) -> pl.LazyFrame:
        """The rows of a part that are kept, in order."""
        replaced = self.rows.filter(part=part).select("row")
        if replaced.is_empty():
            return frame
        numbered = frame.with_row_index(" row")
        rows = replaced.lazy().select(pl.col("row").alias(" row"))
        return numbered.join(rows, on=" row", how="anti", maintain_order="left").drop(" row")


def superseded(parts: Sequence[pl.LazyFrame], key: Sequence[pl.Expr]) -> Superseded:
    """Find the rows that a later row replaces. `parts` are frames over files, the oldest first.

    `key` are expressions over the columns of a part; a row whose key is entirely null is not replaced. Only the
    key columns are held in memory.
    """
    names = [f"key {number}" for number in range(len(key))]
    narrow = [
        frame.select(expression.alias(name) for expression, name in zip(key, names, strict=True))
        .with_row_index("row")
        .with_columns(part=pl.lit(number, pl.Int32))
        for number, frame in enumerate(parts)
    ]
    if not narrow:
        return Superseded(pl.DataFrame(schema={"part": pl.Int32, "row": pl.UInt32}))
    keys = pl.concat(narrow).collect()
    replaced = ~pl.struct(names).is_last_distinct() if len(names) > 1 else ~pl.col(names[0]).is_last_distinct()
    known = ~pl.all_horizontal(pl.col(names).is_null())
    return Superseded(keys.filter(replaced & known).select("part", "row"))
