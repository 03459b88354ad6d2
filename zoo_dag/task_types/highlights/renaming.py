"""Labels of highlights in a pool that are not those of the definition: found by their colour."""

import polars as pl

_TASK = ("workflow_version", "task", "task_revision")


def rename_labels(rows: pl.LazyFrame, renamed: pl.DataFrame) -> pl.LazyFrame:
    """The rows of `highlight_annotations` of a pool, each label as the version defines it.

    Takes what `pooling.renamings` returns. A label is a copy of its text in the session of a volunteer, so that it
    may be an older text, or a translated one. One that the definition does not have is that of its colour, where
    just one label has it.
    """
    options = renamed.filter(kind="label").select(*_TASK, color="old_id", defined="old_label")
    by_color = options.drop_nulls().unique([*_TASK, "color"], keep="none")
    if by_color.is_empty():
        return rows
    labels = options.select(*_TASK, label="defined", known=True).drop_nulls().unique()
    joined = rows.join(labels.lazy(), on=[*_TASK, "label"], how="left", maintain_order="left")
    joined = joined.join(by_color.lazy(), on=[*_TASK, "color"], how="left", maintain_order="left")
    label = pl.when("known").then("label").otherwise(pl.coalesce("defined", "label")).alias("label")
    return joined.with_columns(label).drop("known", "defined")
