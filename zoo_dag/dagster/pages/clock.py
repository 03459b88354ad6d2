"""A clock that was set back: Dagster's daemon would evaluate no sensor until it shows the earlier time again."""

import time

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import SensorInstigatorData

# A tick may have begun after we looked at the clock.
_TOLERANCE_SECONDS = 60


def follow_clock(instance: dg.DagsterInstance) -> None:
    """Let each sensor whose last evaluation seems to lie in the future count as evaluated now."""
    now = time.time()
    for state in instance.all_instigator_state(instigator_type=InstigatorType.SENSOR):
        data = state.instigator_data
        if not isinstance(data, SensorInstigatorData):
            continue
        last = max(data.last_tick_timestamp or 0, data.last_tick_start_timestamp or 0)
        if last > now + _TOLERANCE_SECONDS:
            evaluated_now = data._replace(last_tick_timestamp=now, last_tick_start_timestamp=now)
            instance.update_instigator_state(state.with_data(evaluated_now))
