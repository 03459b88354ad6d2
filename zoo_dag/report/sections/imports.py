"""What was imported: the files, and what in them no table could take."""

import polars as pl

from zoo_dag.plots.row_accounting import counted_reasons
from zoo_dag.report.parts import Part, Section, Table
from zoo_dag.wording.sentences import counted

_MOST_FILES, _MOST_REASONS = 100, 30


def imports(files: pl.LazyFrame, quarantine: pl.LazyFrame) -> Section:
    """The files of `imports`, the newest first, and the reasons of `quarantine`, of all workflows."""
    ordered = files.sort("imported_at", "kind", "source_file", descending=[True, False, False])
    rows = ordered.select(
        pl.col("source_file").alias("File"),
        pl.col("kind").alias("Export of"),
        pl.col("n_rows").alias("Rows read"),
        pl.col("n_quarantined").alias("Of no workflow, version or subject"),
        (pl.col("n_bytes") / 1000).round().cast(pl.Int64).alias("Kilobytes"),
        pl.col("imported_at").alias("Imported (UTC)"),
        (pl.col("sha256").str.head(12) + "…").alias("SHA-256"),
    ).collect()
    reasons = counted_reasons(quarantine)
    parts: list[Part] = [Table(_of(rows.height, _MOST_FILES, "Imported files"), rows.head(_MOST_FILES))]
    if reasons.height:
        named = reasons.rename({"column": "Column", "reason": "What is wrong", "n": "Rows or elements"})
        caption = _of(reasons.height, _MOST_REASONS, "Why rows and elements of annotations are in no table")
        parts.append(Table(caption, named.head(_MOST_REASONS)))
    n_held = int(reasons["n"].sum())
    return Section(
        "imports",
        "What was imported",
        (
            f"{counted(rows.height, 'files')} with {counted(int(rows['Rows read'].sum()), 'rows')} were imported. "
            + (
                f"{n_held:,} rows and elements of annotations fit no table and are in the quarantine, each with "
                "its file, row and reason."
                if n_held
                else "Every row, and every element of an annotation, fits a table."
            ),
        ),
        parts if rows.height else (),
    )


def _of(number: int, most: int, what: str) -> str:
    return what if number <= most else f"{what}: {most} of {number:,}"
