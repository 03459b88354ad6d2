"""Options that a flattened table names inside of a list, under the names of the newest version."""

from collections.abc import Mapping, Sequence

import polars as pl

TASK = ["workflow_version", "task", "task_revision"]


def rename_in_lists(
    rows: pl.LazyFrame,
    column: str,
    options: Sequence[tuple[pl.DataFrame, list[str]]],
    new_fields: Mapping[str, str],
) -> pl.LazyFrame:
    """The rows of a pool with fields of the structs in a list column renamed.

    `options` are frames with the columns by which each is joined: those of TASK, others of the rows, and fields.
    `new_fields` says for fields which column of these replaces them, where it is not null.
    """
    dtype = rows.collect_schema()[column]
    fields = [field.name for field in dtype.inner.fields]  # type: ignore[attr-defined]
    of_rows = {key for _, keys in options for key in keys if key not in fields}
    numbered = rows.with_row_index("_row")
    # Most rows are of versions in which nothing has another name.
    affected = pl.concat(frame.select(TASK) for frame, _ in options).unique().lazy()
    items = (
        numbered.join(affected, on=TASK, how="semi")
        .select("_row", *sorted(of_rows), column)
        .explode(column, empty_as_null=False, keep_nulls=False)
        .unnest(column)
    )
    for frame, keys in options:
        items = items.join(frame.lazy(), on=keys, how="left", maintain_order="left")
    lists = (
        items.with_columns(pl.coalesce(new, old).alias(old) for old, new in new_fields.items())
        .group_by("_row", maintain_order=True)
        .agg(_renamed=pl.struct(fields))
    )
    joined = numbered.join(lists, on="_row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_renamed", column).alias(column)).drop("_row", "_renamed")


def with_other_names(renamed: pl.DataFrame, kinds: Sequence[str], parts: Sequence[str]) -> pl.DataFrame:
    """Of what `pooling.renamings` returns, the options of these kinds in tasks that have any under another name.

    `parts` are those of an option that its rows name, such as index and label.
    """
    options = renamed.filter(pl.col("kind").is_in(list(kinds)))
    is_other = pl.any_horizontal(pl.col(f"old_{part}").ne_missing(pl.col(f"new_{part}")) for part in parts)
    return options.filter(is_other.any().over(TASK))
