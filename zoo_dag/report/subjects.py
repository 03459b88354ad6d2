"""Subjects in tables of the report: links to their pictures."""

import polars as pl

from zoo_dag.report.parts import LINK


def with_links(rows: pl.DataFrame, summary: pl.LazyFrame, frame: pl.Expr | None = None) -> pl.DataFrame:
    """The rows with `Subject`, a link to its picture, in place of `subject_ids`, from `subject_summary`.

    `frame` says which of the pictures, from 0; by default the first. Where there is no address the link is a text.
    """
    wanted = rows["subject_ids"].unique().to_list()
    known = summary.filter(pl.col("subject_ids").is_in(wanted)).select("subject_ids", "urls").collect()
    place = (pl.lit(0) if frame is None else frame).fill_null(0)
    urls = pl.col("urls").list
    url = pl.coalesce(urls.get(place, null_on_oob=True), urls.first())
    link = pl.struct(text="subject_ids", url=url).cast(LINK).alias("Subject")
    joined = rows.join(known, on="subject_ids", how="left", maintain_order="left")
    return joined.select(link, pl.exclude("subject_ids", "urls"))
