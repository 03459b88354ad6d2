"""Rows of exports that no raw table can take: without a workflow version, or malformed."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from zoo_dag.exports.files import SOURCE_FILE, SOURCE_ROW, ExportFile
from zoo_dag.exports.merging import CLASSIFICATION_KEY
from zoo_dag.exports.quarantine import quarantine_frame, quarantine_rows, within_letters
from zoo_dag.exports.reading import ReadingNotes
from zoo_dag.exports.splitting import PROBLEM
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import workflow


def rejected_rows(export: ExportFile, unassigned: Path | None, notes: ReadingNotes) -> pl.DataFrame:
    """The rows of `raw_quarantine` for an export: its rows without a version, and its malformed ones.

    Raises LimitError where these take more memory than allowed.
    """
    return pl.concat([_unassigned_rows(export, unassigned), _malformed_rows(export, notes)])


def _unassigned_rows(export: ExportFile, part: Path | None) -> pl.DataFrame:
    if part is None:
        return TABLES["quarantine"].empty()
    rows = pl.scan_parquet(part, glob=False)
    n_bytes = pl.sum_horizontal(pl.col(pl.String).str.len_bytes().cast(pl.Int64).sum())
    n_rows, size = rows.select(pl.len(), n_bytes.alias("size")).collect(engine="streaming").row(0)
    export.limits.require_rejected(export.path, n_rows, size)
    cells = [name for name in rows.collect_schema().names() if name not in (SOURCE_FILE, SOURCE_ROW, PROBLEM)]
    no_workflow = pl.col(PROBLEM) == "workflow_id"
    reason = pl.when(no_workflow).then(pl.lit("no workflow id, expected a whole number"))
    return quarantine_frame(
        rows.select(
            SOURCE_FILE,
            SOURCE_ROW,
            *CLASSIFICATION_KEY,
            column=PROBLEM,
            reason=reason.otherwise(pl.lit("no workflow version, expected <major>.<minor>")),
            found=pl.when(no_workflow).then("workflow_id").otherwise("workflow_version"),
            stage=pl.lit("raw"),
            kind=pl.lit("classifications"),
            row=pl.struct(map(within_letters, cells)).struct.json_encode(),
        )
    ).collect()


def _malformed_rows(export: ExportFile, notes: ReadingNotes) -> pl.DataFrame:
    place = {"source_file": export.name, "column": "(row)", "stage": "raw", "kind": export.kind}
    return quarantine_rows(
        {**place, "source_row": row.source_row, "reason": row.reason, "found": row.text, "row": row.text}
        for row in notes.malformed
    )


def merge_rejected(frames: Iterable[pl.DataFrame]) -> tuple[pl.DataFrame, Counter[str]]:
    """Rows of a newer import replace equal rows of older ones; equal rows of one file all stay.

    Returns the rows of `raw_quarantine`, and the number of replaced ones by kind of export.
    """
    same = ["classification_id", "column", "reason", "found", "row"]
    merged, n_replaced = TABLES["raw_quarantine"].empty(), Counter[str]()
    for frame in frames:
        n_replaced.update(merged.join(frame, on=same, how="semi", nulls_equal=True)["kind"])
        merged = pl.concat([merged.join(frame, on=same, how="anti", nulls_equal=True), frame])
    return merged, n_replaced


def workflow_of_rejected() -> pl.Expr:
    """The workflow of a row of `raw_quarantine`, Int64; null where its row has none that can be read."""
    return workflow(pl.col("row").str.json_path_match("$.workflow_id"))
