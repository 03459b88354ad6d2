"""What a classifications export says about its subjects, for those that no subjects export has."""

import polars as pl

from zoo_dag.exports.cells import integer, utc_time
from zoo_dag.exports.subject_data import ShownSubject, shown_subjects
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import CLASSIFICATIONS
from zoo_dag.tables.versions import VersionKey

_TABLE = TABLES["shown_subjects"]


def read_shown_subjects(raw: pl.LazyFrame, version: VersionKey) -> pl.DataFrame:
    """The subjects in the column `subject_data` of the raw classifications of a version (all text).

    Returns `shown_subjects`. Where rows differ about a subject, that of the newest classification counts: it is in
    every newer export. Times are in full seconds, as in a subjects export.
    """
    cells = (
        CLASSIFICATIONS.complete(raw)
        .select("subject_data", classification_id=integer(pl.col("classification_id")))
        .drop_nulls()
        .group_by("subject_data")
        .agg(pl.col("classification_id").max())
        .sort("classification_id")
        .collect()
    )
    newest: dict[int, tuple[int, ShownSubject]] = {}
    for cell, classification_id in cells.iter_rows():
        for subject in shown_subjects(cell):
            newest[subject.subject_id] = (classification_id, subject)
    rows = [(*subject, classification_id) for classification_id, subject in newest.values()]
    names = (*ShownSubject._fields, "classification_id")
    frame = pl.DataFrame(
        rows, {**{name: _TABLE.dtypes[name] for name in names}, "retired_at": pl.String}, orient="row"
    )
    frame = frame.with_columns(
        utc_time(frame["retired_at"]).dt.truncate("1s"),
        workflow_id=version.workflow_id,
        workflow_version=pl.lit(version.version),
    )
    return _TABLE.conform(frame.sort("subject_id").lazy()).collect()
