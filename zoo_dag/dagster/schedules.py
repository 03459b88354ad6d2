"""The schedules of zoo_dag."""

import dagster as dg

from zoo_dag.dagster.fetch_jobs import FETCH_EXPORTS
from zoo_dag.dagster.names import Names
from zoo_dag.settings.fetching import Fetching


def schedules(names: Names, options: Fetching) -> list[dg.ScheduleDefinition]:
    """The schedule that fetches; none where the settings name no time or no project."""
    if options.schedule is None or options.project is None:
        return []
    return [
        dg.ScheduleDefinition(
            name=names.of("fetch_daily"),
            job_name=names.of(FETCH_EXPORTS),
            cron_schedule=options.schedule,
            execution_timezone=options.timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Fetches the exports of the project at the times set in [fetching].",
        )
    ]
