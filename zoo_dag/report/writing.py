"""`zoo-dag report` and the asset `report`: the report of a data folder as a file."""

from pathlib import Path

import polars as pl

from zoo_dag.errors import ReportError, TableError
from zoo_dag.report.rendering import render
from zoo_dag.report.tables import StoredTables
from zoo_dag.report.workflow import imported, report_on
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.exporting import whole_file
from zoo_dag.tables import TABLES
from zoo_dag.wording.sentences import listed

_SUFFIXES = (".html", ".htm")


def write_report(
    folder: DataFolder, target: Path, workflow: int | None = None, *, pictures: bool = False
) -> list[str]:
    """Write the report of a workflow, or of all, to an HTML file. Returns sentences about what is not in it.

    Equal tables give equal bytes. Raises ReportError for another suffix or where the extra is not installed, and
    TableError where there is no such workflow, or no table.
    """
    if target.suffix.lower() not in _SUFFIXES:
        raise ReportError(f"{target}: expected a name ending in .html.")
    ids = _workflows(folder, workflow)
    reports = [report_on(folder, each) for each in ids]
    newest = StoredTables(folder)("imports").select(pl.col("imported_at").max()).collect().item()
    html = render(imported(folder), reports, until=newest, pictures=pictures)
    with whole_file(target) as part:
        part.write_text(html, encoding="utf-8", newline="\n")
    return [
        f"Of workflow {each.workflow_id} these tables are not built yet, or by another version of zoo_dag: "
        f"{listed(each.missing)}. Run `zoo-dag run` for them."
        for each in reports
        if each.missing
    ]


def _workflows(folder: DataFolder, workflow: int | None) -> list[int]:
    known = [int(key) for key in folder.tables.keys(TABLES["subject_summary"])]
    if not known:
        raise TableError(f"There is nothing to report in {folder.tables.name}. Run `zoo-dag run` first.")
    if workflow is not None and workflow not in known:
        raise TableError(f"There is no workflow {workflow}; there is {listed(map(str, known))}.")
    return known if workflow is None else [workflow]
