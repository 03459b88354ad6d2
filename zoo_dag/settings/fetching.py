"""The section [fetching]: which project, when, and how often a request is retried."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PositiveInt

from zoo_dag.settings.section import Section


def _checked_cron(text: str) -> str:
    # Dagster is slow to import, and most settings have no schedule.
    import dagster as dg  # noqa: PLC0415

    try:
        dg.ScheduleDefinition(name="checked", job_name="checked", cron_schedule=text)
    except dg.DagsterInvalidDefinitionError:
        raise ValueError(
            'expected a cron text of five fields (minute, hour, day, month, weekday), such as "0 5 * * *"'
        ) from None
    return text


def _checked_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('expected the name of a time zone, such as "Europe/Berlin"') from None
    return name


class Fetching(Section):
    """Exports from the Zooniverse API, for `zoo-dag fetch` and for the schedule."""

    project: int | None = Field(
        default=None, ge=1, description="Project id for the schedule, and for `zoo-dag fetch` without one."
    )
    workflows: tuple[PositiveInt, ...] = Field(
        default=(),
        description="Ids of workflows whose classifications are fetched, instead of those of the whole project; "
        "for the schedule, and for `zoo-dag fetch` without a project.",
    )
    subject_sets: tuple[PositiveInt, ...] = Field(
        default=(), description="Ids of subject sets, likewise. See docs/daily_use.md for when to use which."
    )
    schedule: Annotated[str, AfterValidator(_checked_cron)] | None = Field(
        default=None, description="When the schedule fetches, as cron text such as `0 5 * * *`; never where unset."
    )
    timezone: Annotated[str, AfterValidator(_checked_timezone)] = Field(
        default="UTC", description="Time zone of the schedule, such as `Europe/Berlin`."
    )
    newest_hours: float = Field(
        default=24,
        ge=0,
        description="A finished export that is younger is downloaded as it is. Zooniverse writes one export of a "
        "kind in 24 hours, and silently drops a request that comes sooner.",
    )
    wait_hours: float = Field(
        default=12, gt=0, description="How long to wait for the server to finish the exports."
    )
    lost_hours: float = Field(
        default=48,
        gt=0,
        description="An export in progress for longer counts as lost, and is requested again.",
    )
    poll_seconds: float = Field(
        default=5,
        gt=0,
        description="Pause between two polls of an export in progress; it grows up to `slowest_poll_seconds`.",
    )
    slowest_poll_seconds: float = Field(default=120, gt=0, description="The longest of these pauses.")
    attempts: int = Field(
        default=6,
        ge=1,
        description="Attempts for a request or a download that fails with a temporary error.",
    )
    pause_seconds: float = Field(
        default=2,
        ge=0,
        description="Pause before the second attempt; it doubles each time. A server may ask for another pause.",
    )
    text_kilobytes: float = Field(
        default=1000, gt=0, description="The largest text that `zoo-dag fetch --texts` saves, in kilobytes."
    )
    timeout_seconds: float = Field(default=60, gt=0, description="How long a server may be silent.")
