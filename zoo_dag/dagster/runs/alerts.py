"""Alerts: messages about runs that failed, asset checks of severity ERROR that did not pass, and bad settings.

Failures are sent to a webhook, a program, or both, as the settings say. A failing hook is logged and never stops
its caller: the failed run is in Dagster's pages in any case.
"""

import http.client
import logging
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg
import orjson

from zoo_dag.dagster import event_tags
from zoo_dag.dagster.runs.requests import FailedCheck
from zoo_dag.dagster.runs.run_events import StepFailure, failed_checks, step_failures
from zoo_dag.settings.addresses import EXPECTED, is_open_to_all
from zoo_dag.settings.alerts import Alerts
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.wording.markdown import plain

WEBHOOK_VARIABLE = "ZOO_DAG_ALERT_WEBHOOK"
# Dagster gives one sensor evaluation 60 seconds, in which it may report five runs: 10 seconds for each.
_SECONDS_PER_HOOK = 5.0
_ATTEMPTS = 3
_PAUSE = 0.5
_SHOWN = 5
_LONGEST = 500
# An error may contain volunteers' texts. They must not mention people or become links where the message is shown.
_HARMLESS = str.maketrans({"<": "(", ">": ")", "@": "(at)", "`": "'"})
_PARTITION_TAGS = (event_tags.PARTITION, event_tags.RANGE_START, event_tags.RANGE_END)


@dataclass(frozen=True)
class Alert:
    """A message: what failed and why, the page of the run, what to do."""

    title: str
    problems: tuple[str, ...]
    advice: str
    job: str | None = None
    partition: str | None = None
    run_id: str | None = None
    page: str | None = None

    @property
    def text(self) -> str:
        """The message as lines of text."""
        shown = [f"- `{_plain(problem)}`" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            shown.append(f"- and {len(self.problems) - _SHOWN} more")
        page = [f"The run: {self.page}"] if self.page else []
        return "\n".join([self.title, *shown, *page, self.advice])

    def as_json(self) -> dict[str, Any]:
        """The message and its parts, for a program."""
        return {"text": self.text, **asdict(self)}


def _plain(text: str) -> str:
    return plain(text, _LONGEST).translate(_HARMLESS)


def hooks(folder: DataFolder) -> Alerts:
    """The settings of alerts, with the webhook of the environment; problems in other sections are ignored."""
    settings, _ = folder.settings_or_default()
    webhook = os.environ.get(WEBHOOK_VARIABLE) or settings.alerts.webhook
    return settings.alerts.model_copy(update={"webhook": webhook})


def is_configured(settings: Alerts) -> bool:
    """Whether alerts are sent anywhere."""
    return bool(settings.webhook or settings.command)


def send(alert: Alert, settings: Alerts, log: logging.Logger) -> bool:
    """Send to every hook in the settings; returns whether all were reached. Failures are logged."""
    problems = []
    if settings.webhook:
        problems.append(_post(settings.webhook, {"text": alert.text}))
    if settings.command:
        problems.append(_call(settings.command, alert.as_json()))
    for problem in filter(None, problems):
        log.error(f"An alert was not delivered: {problem}")
    return not any(problems)


def _post(webhook: str, message: dict[str, Any]) -> str | None:
    """Send a message to a web address. Returns the problem, without the address, which is a secret."""
    if not webhook.lower().startswith(("https://", "http://")):
        return "the webhook is not a web address; expected https://…"
    if is_open_to_all(webhook):
        return f"the webhook was not used: {EXPECTED}"
    request = urllib.request.Request(  # noqa: S310  (the scheme was checked)
        webhook, orjson.dumps(message), {"Content-Type": "application/json", "User-Agent": "zoo_dag"}
    )
    end = time.monotonic() + _SECONDS_PER_HOOK
    problem = ""
    for attempt in range(_ATTEMPTS):
        left = end - time.monotonic() - attempt * _PAUSE
        if left <= 0:
            break
        if attempt:
            time.sleep(attempt * _PAUSE)
        try:
            with urllib.request.urlopen(request, timeout=left):  # noqa: S310
                return None
        except urllib.error.HTTPError as error:
            problem = f"the webhook answered {error.code} {error.reason}"
            if error.code < 500 and error.code != 429:
                break
        except (OSError, ValueError, http.client.HTTPException) as error:
            problem = f"the webhook was not reached ({getattr(error, 'reason', None) or type(error).__name__})"
    return problem


def _call(command: Sequence[str], message: dict[str, Any]) -> str | None:
    """Pass a message to a program. Returns the problem, if any."""
    try:
        done = subprocess.run(  # noqa: S603  (the settings name the program; no shell)
            list(command), input=orjson.dumps(message), capture_output=True, timeout=_SECONDS_PER_HOOK, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} had not ended after {_SECONDS_PER_HOOK:.0f} seconds"
    except OSError as error:
        return f"{command[0]} could not be started ({error.strerror})"
    if done.returncode:
        output = _plain(done.stderr.decode(errors="replace"))
        return f"{command[0]} ended with exit code {done.returncode}: {output or 'it printed nothing'}"
    return None


def report_command(folder: DataFolder, problems: Sequence[str]) -> None:
    """Report the problems of a `zoo-dag run` without a terminal."""
    settings = hooks(folder)
    if is_configured(settings):
        advice = (
            "What to do: follow the messages, then run it again. A table that could not be built stays as it was."
        )
        alert = Alert(f"zoo_dag: zoo-dag run on {folder.address} failed.", tuple(problems), advice)
        send(alert, settings, logging.getLogger("zoo_dag"))


def of_failed_run(instance: dg.DagsterInstance, run: dg.DagsterRun, message: str | None, pages: str) -> Alert:
    """The alert for a run that failed. `message` is what Dagster says of a run in which no step failed."""
    failures, checks = _problems(instance, run)
    sentences = [*map(str, failures), *map(str, checks)]
    return Alert(
        f"zoo_dag: the job {_job(run)} failed{_of_partition(run)}.",
        tuple(sentences) or (message or "Dagster does not say why.",),
        _advice(failures if not checks else []),
        **_place(run, pages),
    )


def of_settings(problem: str) -> Alert:
    """The alert for settings that cannot be read: nothing is imported or built until they are mended."""
    return Alert(
        "zoo_dag: the settings have a problem, and nothing is imported or built.",
        (problem,),
        "What to do: correct the file. The automation then goes on by itself.",
    )


def of_failed_checks(instance: dg.DagsterInstance, run: dg.DagsterRun, pages: str) -> Alert | None:
    """The alert for a run that succeeded, but in which a check of severity ERROR did not pass; else None."""
    _, checks = _problems(instance, run)
    if not checks:
        return None
    return Alert(
        f"zoo_dag: a check did not pass in the job {_job(run)}{_of_partition(run)}.",
        tuple(map(str, checks)),
        "What to do: see the check on the page of its asset; the tables were built.",
        **_place(run, pages),
    )


def _problems(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[list[StepFailure], list[FailedCheck]]:
    """The steps that failed, and the checks of severity ERROR that did not pass."""
    known = events_of(instance, run, dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    return step_failures(known), [check for check in failed_checks(known) if check.is_error]


def events_of(
    instance: dg.DagsterInstance, run: dg.DagsterRun, *kinds: dg.DagsterEventType
) -> list[dg.DagsterEvent]:
    """The events of these kinds in a run, kind by kind."""
    events = [
        record.event_log_entry.dagster_event
        for kind in kinds
        for record in instance.get_records_for_run(run.run_id, of_type=kind).records
    ]
    return [event for event in events if event is not None]


def _advice(failures: Sequence[StepFailure]) -> str:
    kept = "A table that could not be built stays as it was."
    if failures and all(failure.is_for_the_user for failure in failures):
        return f"What to do: follow the messages. {kept}"
    return f"What to do: open the run, solve the cause, and run it again. {kept}"


def _job(run: dg.DagsterRun) -> str:
    # Runs that start from assets in the pages all have the same, internal, name.
    if not run.job_name.startswith("__"):
        return run.job_name
    assets = sorted(key.to_user_string() for key in run.asset_selection or ())
    return f"of {', '.join(assets[:3])}{' …' if len(assets) > 3 else ''}" if assets else run.job_name


def _partition(run: dg.DagsterRun) -> str | None:
    return " to ".join(run.tags[tag] for tag in _PARTITION_TAGS if tag in run.tags) or None


def _of_partition(run: dg.DagsterRun) -> str:
    partition = _partition(run)
    return f" for {partition}" if partition else ""


def _place(run: dg.DagsterRun, pages: str) -> dict[str, Any]:
    page = f"{pages.rstrip('/')}/runs/{run.run_id}" if pages else None
    return {"job": run.job_name, "partition": _partition(run), "run_id": run.run_id, "page": page}


def report(alert: Alert, settings: Alerts, log: logging.Logger) -> None:
    """Write an alert to the log, and send it to the hooks in the settings."""
    log.info(alert.text)
    if is_configured(settings):
        send(alert, settings, log)
    else:
        log.info("The alert was not sent: no alert is configured, see [alerts] in the settings.")
