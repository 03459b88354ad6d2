"""Cron texts, as Dagster's schedules read them."""


def checked_cron(text: str) -> str:
    """The same text. Raises ValueError where Dagster would refuse it as the time of a schedule."""
    # Dagster takes its time to load, and most settings have no schedule.
    import dagster as dg  # noqa: PLC0415

    try:
        dg.ScheduleDefinition(name="checked", job_name="checked", cron_schedule=text)
    except dg.DagsterInvalidDefinitionError:
        raise ValueError(
            'expected a cron text of five fields (minute, hour, day, month, weekday), such as "0 5 * * *"'
        ) from None
    return text
