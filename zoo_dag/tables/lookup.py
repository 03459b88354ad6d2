"""Values of a column by what they stand for, piece by piece."""

import polars as pl


def looked_up(key: pl.Expr, known: pl.Series, values: pl.Series) -> pl.Expr:
    """For each value of `key` the one of `values` that stands beside it in `known`; null where it is not known.

    Few are known. Polars' own `replace_strict` needs the whole column at once, and all other columns of the query
    wait for it in memory; this one streams.
    """

    def of_piece(keys: pl.Series) -> pl.Series:
        return keys.replace_strict(known, values, default=None, return_dtype=values.dtype)

    return key.map_batches(of_piece, values.dtype, is_elementwise=True)
