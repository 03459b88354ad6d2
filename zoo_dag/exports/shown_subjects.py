"""What a classifications export says about its subjects, for those that no subjects export has."""

import polars as pl

from zoo_dag.exports.cells import utc_time
from zoo_dag.exports.subject_cells import SubjectCells
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey

_TABLE = TABLES["shown_subjects"]


def shown_subjects(cells: SubjectCells, version: VersionKey) -> pl.DataFrame:
    """The subjects in the column `subject_data` of the raw classifications of a version.

    Returns `shown_subjects`. Where rows differ about a subject, that of the newest classification counts: it is in
    every newer export. Times are in full seconds, as in a subjects export.
    """
    newest = cells.shown.unique("subject_id", keep="last", maintain_order=True)
    frame = newest.with_columns(
        utc_time(newest["retired_at"]).dt.truncate("1s"),
        workflow_id=version.workflow_id,
        workflow_version=pl.lit(version.version),
    )
    return _TABLE.conform(frame.sort("subject_id").lazy()).collect()
