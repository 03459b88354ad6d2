"""What a classifications export says about its subjects, for those that no subjects export has."""

from collections.abc import Sequence

import polars as pl

from zoo_dag.exports.cells import utc_time
from zoo_dag.exports.subject_cells import SubjectCells
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import VersionKey

_TABLE = TABLES["shown_subjects"]


def shown_subjects(cells: SubjectCells, versions: Sequence[VersionKey]) -> list[pl.DataFrame]:
    """The subjects in the column `subject_data` of the raw classifications of some versions, of each version.

    Returns `shown_subjects`. Where rows differ about a subject, that of the newest classification counts: it is in
    every newer export. Times are in full seconds, as in a subjects export.
    """
    newest = cells.shown.unique(["version", "subject_id"], keep="last").sort("version", "subject_id")
    place = newest["version"]
    frame = newest.with_columns(
        utc_time(newest["retired_at"]).dt.truncate("1s"),
        workflow_id=pl.Series([each.workflow_id for each in versions]).gather(place),
        workflow_version=pl.Series([each.version for each in versions]).gather(place),
    )
    table = _TABLE.conform(frame.lazy()).collect()
    counts = dict(place.value_counts(sort=False).iter_rows())
    parts, start = list[pl.DataFrame](), 0
    for number in range(len(versions)):
        parts.append(table.slice(start, counts.get(number, 0)))
        start += parts[-1].height
    return parts
