"""Hashes of the cells of raw tables, to recognise unchanged content.

The hashes are stored, so they depend on nothing but the cells: not on the version of Polars, the platform, or how
the rows are read. Hashes of Polars are only valid within one version of Polars.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise

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
    columns = _columns(rows)
    total, n_rows = _hash(orjson.dumps(columns)), 0
    for batch in batches(rows.select(_row_bytes(columns))):
        total += sum(map(_hash, batch["row"].to_list()))
        n_rows += batch.height
    return _text(total, n_rows), n_rows


def content_hashes(tables: Sequence[pl.DataFrame]) -> list[str]:
    """The `content_hash` of tables with the same columns: one query for all of them."""
    if not tables:
        return []
    columns = _columns(tables[0].lazy())
    of_columns, rows = _hash(orjson.dumps(columns)), pl.concat(tables).lazy().select(_row_bytes(columns))
    hashes = (_hash(row) for batch in batches(rows) for row in batch["row"].to_list())
    return [_text(of_columns + sum(islice(hashes, table.height)), table.height) for table in tables]


def classifications_hashes(raw: pl.LazyFrame, cells: SubjectCells, n_rows: Sequence[int]) -> list[str]:
    """Hashes of the cells of the raw classifications of some versions, all text, each with its number of rows.

    Takes the versions one after the other, each with so many rows, and what their subject_data `cells` say. The
    rows of a version are always in the order of their ids, so that the hash may depend on it: it is that of the
    columns, each as one text and as the lengths of its cells in bytes (-1 for null). So nothing is done row by
    row, which would take twice as long. SHA-256 has its own instructions in today's processors. A hash has 32
    hexadecimal digits.
    """
    rows = _without_addresses(raw)
    columns = _columns(rows)
    hashes = [_ColumnHashes(columns) for _ in n_rows]
    ends, n_read = list(accumulate(n_rows)), 0
    others = [name for name in columns if name != cells.stable.name]
    for each in batches(rows.select(others), _ROWS_IN_CACHE) if any(n_rows) else ():
        batch = each.with_columns(cells.stable.gather(cells.of_rows.slice(n_read, each.height)))
        first, last = bisect_right(ends, n_read), bisect_left(ends, n_read + batch.height)
        cuts = [0, *(end - n_read for end in ends[first:last]), batch.height]
        for column in batch.get_columns():
            for place, (text, lengths) in enumerate(_cells_between(column, cuts), first):
                hashes[place].add(column.name, text, lengths)
        n_read += batch.height
    return [f"{each.hexdigest()}-{n}" for each, n in zip(hashes, n_rows, strict=True)]


class _ColumnHashes:
    """The hash of a table in the making: those of each column, of its text and of the lengths of its cells."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = {name: (hashlib.sha256(), hashlib.sha256()) for name in columns}

    def add(self, name: str, text: memoryview, lengths: memoryview) -> None:
        of_texts, of_lengths = self._columns[name]
        of_texts.update(text)
        of_lengths.update(lengths)

    def hexdigest(self) -> str:
        digests = [
            [name, texts.hexdigest(), lengths.hexdigest()] for name, (texts, lengths) in self._columns.items()
        ]
        return hashlib.sha256(orjson.dumps(digests)).hexdigest()[:_DIGITS]


def _cells_between(column: pl.Series, cuts: Sequence[int]) -> Iterator[tuple[memoryview, memoryview]]:
    """The cells of a column between each two cuts: as one text, and their lengths in bytes as 64-bit integers."""
    text = memoryview(column.str.join("").cast(pl.Binary).item() or b"")
    lengths = column.str.len_bytes().cast(pl.Int64)
    n_bytes = memoryview(lengths.fill_null(-1).to_numpy().astype("<i8", copy=False).tobytes())
    within = [cut - 1 for cut in cuts[1:-1]]
    ends = lengths.fill_null(0).cum_sum().gather(within).to_list() if within else []
    places = [0, *ends, len(text)]
    for (first, last), (start, end) in zip(pairwise(cuts), pairwise(places), strict=True):
        yield text[start:end], n_bytes[8 * first : 8 * last]


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


def _columns(rows: pl.LazyFrame) -> list[str]:
    return sorted(set(rows.collect_schema().names()) - {SOURCE_FILE, SOURCE_ROW})


def _hash(row: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(row, digest_size=16).digest())


def _text(total: int, n_rows: int) -> str:
    return f"{total % _MODULUS:032x}-{n_rows}"
