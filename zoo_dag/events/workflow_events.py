"""The events of a workflow: its pictures, which event each is in, and what was wrong with tables from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from zoo_dag.consensus.task_columns import SUBJECT
from zoo_dag.events.assigning import events_of
from zoo_dag.events.outside import Deployments, PictureTable, deployments_table, picture_table
from zoo_dag.events.pictures import pictures, subjects_of
from zoo_dag.settings.events import Events
from zoo_dag.tables.pooled import OF_EVENTS

_COLUMNS = OF_EVENTS


@dataclass(frozen=True)
class WorkflowEvents:
    """The events of a workflow.

    `pictures` has what `zoo_dag.events.pictures` returns, `events` what `events_of` returns for these; `retired`
    are the ids of retired subjects. `table` is that of `events.table`, and `deployments` that of
    `events.deployments`, where the settings name them.
    """

    pictures: pl.DataFrame
    events: pl.DataFrame
    retired: pl.Series
    table: PictureTable | None
    deployments: Deployments | None

    @classmethod
    def of(
        cls,
        subjects: pl.LazyFrame,
        shown_subjects: pl.LazyFrame,
        settings: Events,
        folder: Path,
        everywhere: Callable[[], pl.DataFrame] | None = None,
    ) -> "WorkflowEvents | None":
        """The events of a workflow, None where its pictures have not the fields of a deployment.

        Takes `subjects` of the workflow and `shown_subjects` of its versions, the folder to which the tables of
        the settings are relative, and what returns `subject_id, metadata` of all workflows. Raises SettingsError.
        """
        known = subjects_of(subjects, shown_subjects)
        table = picture_table(folder / settings.table, settings) if settings.table else None
        deployments = deployments_table(folder / settings.deployments, settings) if settings.deployments else None
        return cls.of_pictures(known, settings, table, deployments, everywhere)

    @classmethod
    def of_pictures(
        cls,
        subjects: pl.DataFrame,
        settings: Events,
        table: PictureTable | None,
        deployments: Deployments | None,
        everywhere: Callable[[], pl.DataFrame] | None = None,
    ) -> "WorkflowEvents | None":
        """The same, from what `subjects_of` returns and the tables from outside, which are read."""
        found = pictures(subjects, settings, table, everywhere)
        if found is None:
            return None
        return cls(
            found,
            events_of(found, settings.gap_seconds),
            subjects.filter("is_retired")["subject_id"],
            table,
            deployments,
        )

    def of_units(self, units: pl.LazyFrame) -> pl.LazyFrame:
        """`units` with the columns of `subject_summary` that say to which event each belongs.

        Takes `subject_ids`. Of subjects that were shown together they are known where all are of one event;
        `taken_at` is the first of them.
        """
        ids = pl.col(SUBJECT).str.split(";").cast(pl.List(pl.Int64))
        members = units.select(SUBJECT, subject_id=ids).explode("subject_id")
        known = members.join(self.events.lazy(), on="subject_id", how="left")
        is_one = pl.col("event_id").n_unique() == 1
        of_one = (
            pl.when(is_one).then(pl.col(name).min()).cast(column.dtype).alias(name)
            for name, column in _COLUMNS.items()
        )
        return units.join(known.group_by(SUBJECT).agg(of_one), on=SUBJECT, how="left")
