"""Merging imports: of several rows with the same key, the fullest is kept, and of equally full ones the newest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from zoo_dag.exports.cells import integer, missing_to_null
from zoo_dag.exports.files import IS_CURRENT
from zoo_dag.tables.layouts import Kind
from zoo_dag.tables.versions import workflow


def _number(name: str) -> pl.Expr:
    """A column of whole numbers as text, alike however another program wrote them: `63325.0` is `63325`."""
    return pl.coalesce(integer(pl.col(name)).cast(pl.String), missing_to_null(name))


CLASSIFICATION_KEY = (integer(pl.col("classification_id")),)
# Files from before 2017-02 have several rows of one subject, with counts of different workflows.
SUBJECT_KEY = (
    *(_number(name) for name in ("subject_id", "workflow_id", "subject_set_id")),
    *(pl.col(name) for name in ("workflow_ids", "subject_set_ids")),
    pl.col("classifications_by_workflow").str.replace_all(r":\s*[0-9]+", ":"),
)
WORKFLOW_KEY = tuple(_number(name) for name in ("workflow_id", "version", "minor_version"))
ROW_KEYS: dict[Kind, tuple[pl.Expr, ...]] = {"subjects": SUBJECT_KEY, "workflows": WORKFLOW_KEY}
# Columns of a classification that have a cell in every row of an export; a file reduced by hand may lack some.
_FILLED = ("user_name", "workflow_version", "created_at", "metadata", "annotations", "subject_data", "subject_ids")
# The workflow of a file without a column `workflow_id`.
NO_WORKFLOW = "0"


# How complete a classification is, so that a reduced file replaces no fuller row. One whose workflow is known is
# fuller than any without.
FULLNESS = pl.sum_horizontal(
    (pl.col("workflow_id") != NO_WORKFLOW).cast(pl.Int32) * (len(_FILLED) + 1),
    *(pl.col(name).is_not_null().cast(pl.Int32) for name in _FILLED),
)


def is_complete(header: Iterable[str]) -> bool:
    """Whether the rows of a file with this header are complete: then the newest row is also a fullest one."""
    return {*_FILLED, "workflow_id"} <= set(header)


@dataclass(frozen=True)
class Superseded:
    """The rows that a newer row with the same key replaces: the number of the part, and of the row in it.

    `n_rows` has the number of all rows of each part that has some, and `ascending` the parts whose keys are whole
    numbers, each larger than the one before.
    """

    rows: pl.DataFrame  # part: Int32, row: UInt32
    n_rows: Mapping[int, int] = field(default_factory=dict)
    ascending: frozenset[int] = frozenset()

    def kept(self, parts: Iterable[int]) -> dict[int, int]:
        """The number of rows that are kept of each of some parts, of which any are."""
        kept = {part: self.n_rows.get(part, 0) - self.n_replaced(part) for part in parts}
        return {part: n_rows for part, n_rows in kept.items() if n_rows}

    def n_replaced(self, part: int) -> int:
        """The number of rows of a part that are replaced."""
        return self._of_part[part].height if part in self._of_part else 0

    @cached_property
    def _of_part(self) -> dict[int, pl.DataFrame]:
        parts = self.rows.partition_by("part", as_dict=True, include_key=False)
        return {part: rows for (part,), rows in parts.items()}

    def without(self, frame: pl.LazyFrame, part: int) -> pl.LazyFrame:
        """The rows of a part that are kept, in order."""
        if part not in self._of_part:
            return frame
        numbered = frame.with_row_index(" row")
        rows = self._of_part[part].lazy().select(pl.col("row").alias(" row"))
        return numbered.join(rows, on=" row", how="anti", maintain_order="left").drop(" row")


NOTHING_SUPERSEDED = Superseded(pl.DataFrame(schema={"part": pl.Int32, "row": pl.UInt32}))


def superseded(parts: Sequence[pl.LazyFrame], key: Sequence[pl.Expr]) -> Superseded:
    """Find the rows that a later row replaces. `parts` are frames over files, the oldest first.

    `key` are expressions over the columns of a part; a row whose key is entirely null is not replaced. Only these
    columns are held in memory.
    """
    columns = _key_columns(key)
    if not parts:
        return NOTHING_SUPERSEDED
    keys = pl.concat(
        frame.select(**columns).with_row_index("row").with_columns(part=pl.lit(number, pl.Int32))
        for number, frame in enumerate(parts)
    )
    return _superseded(keys.collect(), list(columns))


def superseded_classifications(
    files: Sequence[Path], n_rows: Sequence[int], *, by_fullness: bool = False
) -> Superseded:
    """Find the raw classifications that a later one replaces, or with `by_fullness` a fuller one (`FULLNESS`).

    `files` have raw rows, the oldest first, each so many. All are read by one query: those of small versions are
    many.
    """
    if not files:
        return NOTHING_SUPERSEDED
    columns = _key_columns(CLASSIFICATION_KEY) | ({"rank": FULLNESS} if by_fullness else {})
    needed = pl.Schema(dict.fromkeys(("classification_id", "workflow_id", *_FILLED), pl.String()))
    rows = pl.scan_parquet(
        list(files), glob=False, schema=needed, missing_columns="insert", extra_columns="ignore"
    )
    part = [pl.repeat(number, n, dtype=pl.Int32, eager=True) for number, n in enumerate(n_rows)]
    row = [pl.int_range(n, dtype=pl.UInt32, eager=True) for n in n_rows]
    keys = rows.select(**columns).collect().with_columns(part=pl.concat(part), row=pl.concat(row))
    return _superseded(keys, [name for name in columns if name != "rank"])


def _key_columns(key: Sequence[pl.Expr]) -> dict[str, pl.Expr]:
    return {f"key {number}": expression for number, expression in enumerate(key)}


def _superseded(keys: pl.DataFrame, names: Sequence[str]) -> Superseded:
    """The rows that later ones replace, of an equal key and, where there is a column `rank`, of no smaller one."""
    of_parts = keys.group_by("part").agg(
        pl.len(), ascending=_ascends(keys[names[0]]) if len(names) == 1 else False
    )
    if "rank" in keys.columns:
        keys = keys.sort("rank", maintain_order=True)
    replaced = ~pl.struct(names).is_last_distinct() if len(names) > 1 else ~pl.col(names[0]).is_last_distinct()
    known = ~pl.all_horizontal(pl.col(names).is_null())
    return Superseded(
        keys.filter(replaced & known).select("part", "row"),
        dict(of_parts.select("part", "len").iter_rows()),
        frozenset(of_parts.filter("ascending")["part"]),
    )


def _ascends(key: pl.Series) -> pl.Expr:
    """Whether numbers ascend."""
    column = pl.col(key.name)
    return column.is_not_null().all() & (column.diff() > 0).all() if key.dtype.is_integer() else pl.lit(False)


def with_is_current(subjects: pl.LazyFrame, newer: Sequence[pl.LazyFrame] = ()) -> pl.LazyFrame:
    """Raw subjects with IS_CURRENT: Boolean, true where an import has not set it.

    It becomes false where one of the `newer` files has the subject in the workflow, but not this row: such a row
    says that the subject was in a set, and what the server knew of it then.
    """
    if subjects.collect_schema().get(IS_CURRENT) != pl.Boolean:
        subjects = subjects.with_columns(pl.lit(True).alias(IS_CURRENT))
    if not newer:
        return subjects
    pair = [integer(pl.col("subject_id")).alias(" subject"), workflow().alias(" workflow")]
    again = pl.concat([frame.select(*pair, pl.lit(True).alias(" again")) for frame in newer]).unique()
    joined = subjects.with_columns(pair).join(
        again, on=[" subject", " workflow"], how="left", nulls_equal=True, maintain_order="left"
    )
    is_current = pl.col(IS_CURRENT) & pl.col(" again").is_null()
    return joined.with_columns(is_current.alias(IS_CURRENT)).drop(" subject", " workflow", " again")
