"""Hashes of the cells of raw tables, to recognise unchanged content.

The hashes are stored, so they depend on nothing but the cells: not on the version of Polars, the platform, or how
the rows are read. Hashes of Polars are only valid within one version of Polars.
"""

import hashlib
from collections.abc import Iterable

import orjson
import polars as pl

from zoo_dag.exports.batches import batches
from zoo_dag.exports.cells import missing_to_null
from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW
from zoo_dag.exports.subject_cells import SubjectCells
from zoo_dag.tables.layouts import CLASSIFICATIONS

_MODULUS = 1 << 128
_DIGITS = 32
# So many rows stay in the processor's cache.
_ROWS_IN_CACHE = 5_000


def content_hash(rows: pl.LazyFrame) -> tuple[str, int]:
    """A hash of all cells but `source_file` and `source_row`, and the number of rows.

    Takes columns of text, numbers, booleans and times, in any order of the rows. The hash is the sum of the
    BLAKE2b hashes of the rows and of the column names, modulo 2^128, as 32 hexadecimal digits, then the number of
    rows. Null differs from "".
    """
    columns = sorted(set(rows.collect_schema().names()) - {SOURCE_FILE, SOURCE_ROW})
    total, n_rows = _sum_of_hashes([orjson.dumps(columns)]), 0
    for batch in batches(rows.select(_row_bytes(columns))):
        total += _sum_of_hashes(batch["row"].to_list())
        n_rows += batch.height
    return f"{total % _MODULUS:032x}-{n_rows}", n_rows


def classifications_hash(raw: pl.LazyFrame, cells: SubjectCells) -> tuple[str, int]:
    """A hash of the cells of raw classifications, all text, and the number of rows.

    Takes what their subject_data `cells` say. The rows of a version are always in the order of their ids, so that
    the hash may depend on it: it is that of the columns, each as one text and as the lengths of its cells in bytes
    (-1 for null). So nothing is done row by row, which would take twice as long. SHA-256 has its own instructions
    in today's processors. Returns 32 hexadecimal digits and the number of rows.
    """
    rows = _without_addresses(raw)
    columns = sorted(set(rows.collect_schema().names()) - {SOURCE_FILE, SOURCE_ROW})
    texts, lengths = ({name: hashlib.sha256() for name in columns} for _ in range(2))
    n_rows = 0
    for each in batches(rows.select(columns), _ROWS_IN_CACHE):
        batch = each.with_columns(cells.stable.gather(cells.of_rows.slice(n_rows, each.height)))
        n_bytes = batch.select(pl.all().str.len_bytes().cast(pl.Int64).fill_null(-1))
        for column in batch.get_columns():
            lengths[column.name].update(n_bytes[column.name].to_numpy().astype("<i8", copy=False).tobytes())
            texts[column.name].update(column.str.join("").cast(pl.Binary).item() or b"")
        n_rows += batch.height
    digests = [[name, texts[name].hexdigest(), lengths[name].hexdigest()] for name in columns]
    return f"{hashlib.sha256(orjson.dumps(digests)).hexdigest()[:_DIGITS]}-{n_rows}", n_rows


def _without_addresses(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Raw classifications without what changes with every export.

    That is `user_ip` and the `user_name` of people who were not logged in, which is derived from it. The state of
    the server in `subject_data` is another one (`zoo_dag.exports.subject_cells`).
    """
    anonymous = missing_to_null("user_id").is_null() & pl.col("user_name").str.starts_with("not-logged-in-")
    rows = CLASSIFICATIONS.complete(raw).drop("user_ip")
    return rows.with_columns(user_name=pl.when(~anonymous).then("user_name"))


def _row_bytes(columns: list[str]) -> pl.Expr:
    """A row as bytes, `row`: the length of each cell in bytes (-1 for null), then the cells, one a line.

    The lengths make it unambiguous. Times are counts of microseconds.
    """
    cells = [pl.col(name).to_physical().cast(pl.String) for name in columns]
    lengths = [cell.str.len_bytes().cast(pl.Int64).fill_null(-1).cast(pl.String) for cell in cells]
    row = pl.concat_str(*lengths, *cells, separator="\n", ignore_nulls=True)
    return row.cast(pl.Binary).alias("row")


def _sum_of_hashes(rows: Iterable[bytes]) -> int:
    blake2b = hashlib.blake2b
    return sum(map(int.from_bytes, [blake2b(row, digest_size=16).digest() for row in rows]))
