"""Classifications whose workflows are distinguished by nothing but their names, because the ids were removed."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from zoo_dag.errors import ExportError
from zoo_dag.exports.cells import missing_to_null
from zoo_dag.exports.files import ExportFile
from zoo_dag.tables.layouts import CLASSIFICATIONS
from zoo_dag.wording.sentences import listed

_LONGEST = 100


def require_one_workflow(export: ExportFile, parts: Iterable[Path]) -> None:
    """Raises ExportError where classifications without `workflow_id` are of several workflows, by their names.

    `parts` are the files of text cells of this export, and of others without the column.
    """
    names: set[str] = set()
    for path in parts:
        rows = CLASSIFICATIONS.complete(pl.scan_parquet(path, glob=False))
        found = rows.select(missing_to_null("workflow_name").unique()).collect().to_series()
        names.update(found.drop_nulls())
    if len(names) > 1:
        raise ExportError(
            f"{export.path}: the file has no column workflow_id, and classifications without one are of several "
            f"workflows: {listed(map(_shortened, sorted(names)))}. Their versions cannot be distinguished. "
            "Download the export again, or add a column workflow_id with a number for each workflow."
        )


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
