"""Reporting many partitions of an asset to Dagster at once.

Dagster logs and stores each event that a step yields by itself. For small partitions that costs more than to build
them, so these events are given to the history together. Checked with Dagster 1.13.
"""

import logging
import time
from collections.abc import Sequence

import dagster as dg
from dagster._core.events import AssetObservationData, DagsterEvent, StepMaterializationData


def report_together(
    context: dg.AssetExecutionContext,
    parts: Sequence[dg.AssetMaterialization] | Sequence[dg.AssetObservation],
) -> None:
    """Store the events of partitions of an asset that a step has materialized or observed, in their order."""
    step = context.get_step_execution_context()
    events = []
    for part in parts:
        kind, data, message = _event(part)
        events.append(
            DagsterEvent(
                event_type_value=kind.value,
                job_name=step.job_name,
                step_handle=step.step.handle,
                node_handle=step.step.node_handle,
                step_kind_value=step.step.kind.value,
                logging_tags=step.event_tags,
                event_specific_data=data,
                message=f"{message} {part.partition}.",
            )
        )
    if not events:
        return
    context.instance.event_log_storage.store_event_batch(
        [
            dg.EventLogEntry(  # type: ignore[no-untyped-call]
                error_info=None,
                level=logging.DEBUG,
                user_message="",
                run_id=context.run.run_id,
                timestamp=time.time(),
                step_key=step.step.key,
                job_name=step.job_name,
                dagster_event=event,
            )
            for event in events
        ]
    )


def _event(
    part: dg.AssetMaterialization | dg.AssetObservation,
) -> tuple[dg.DagsterEventType, StepMaterializationData | AssetObservationData, str]:
    if isinstance(part, dg.AssetObservation):
        return dg.DagsterEventType.ASSET_OBSERVATION, AssetObservationData(part), "Observed"
    return dg.DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(part), "Materialized"
