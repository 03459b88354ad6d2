"""Progress of a run: passes Dagster's events to a callback."""

import logging
from collections.abc import Callable
from contextvars import ContextVar

import dagster as dg

# Called with the name of each step that succeeds, and with "" for any other event.
on_step: ContextVar[Callable[[str], None] | None] = ContextVar("on_step", default=None)


class _StepHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        listener = on_step.get()
        details = getattr(record, "dagster_meta", None)
        event = details.get("dagster_event") if isinstance(details, dict) else None
        if listener is not None:
            listener(event.step_key if event is not None and event.is_step_success else "")


def _progress_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("zoo_dag.dagster.runs.progress", logging.DEBUG)
    logger.addHandler(_StepHandler())
    return logger


# A logger that prints nothing and calls `on_step`.
progress_logger = dg.LoggerDefinition(_progress_logger, description="Reports ended steps to the command line.")
