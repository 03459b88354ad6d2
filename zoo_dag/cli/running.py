"""Running assets from a command: progress on the terminal, the summary, and alerts where there is no terminal."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from rich.progress import Progress as ProgressBar

from zoo_dag.cli.interrupts import raising_interrupts
from zoo_dag.cli.preparing import prepare
from zoo_dag.cli.progress_bars import columns
from zoo_dag.cli.showing import show
from zoo_dag.cli.summary import summarise
from zoo_dag.cli.terminal import Terminal, as_json
from zoo_dag.dagster.runs.requests import Outcome, Progress, Request, requested_exports
from zoo_dag.dagster.runs.unchanged import unchanged
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import explaining_damage
from zoo_dag.tables import TABLES

if TYPE_CHECKING:
    from zoo_dag.dagster.runs.run_all import Deployment

Form = Literal["changes", "everything", "json"]


def run_request(
    folder: DataFolder, request: Request, output: Terminal, messages: Terminal, form: Form = "changes"
) -> None:
    """Import and build what is asked for, and print the summary; exits with code 1 where a run failed.

    Its `form` is JSON, or text: of what changed, or of everything.
    """
    try:
        with progress(messages) as show_progress:
            outcome = _run(folder, request, show_progress)
            # Checks that are evaluated again after the runs.
            folder.save()
        with explaining_damage(folder.root, TABLES):
            summary = summarise(folder, outcome)
    except Exception as error:
        _alert(folder, [str(error) if isinstance(error, ZooDagError) else f"{type(error).__name__}: {error}"])
        raise
    _alert(folder, outcome.failures)
    if form == "json":
        sys.stdout.write(as_json(summary.to_json()) + "\n")
    else:
        show(summary, output, everything=form == "everything")
    if outcome.failures or not summary.balanced:
        sys.exit(1)


def _run(folder: DataFolder, request: Request, show_progress: Progress) -> Outcome:
    findings = requested_exports(folder, request)
    notes = prepare(folder)
    show_progress("Comparing with the stored tables", 0, 0)
    outcome = unchanged(folder, request, findings)
    if outcome is None:
        show_progress("Loading Dagster, which takes seconds", 0, 0)
        from zoo_dag.dagster.runs import run_all  # noqa: PLC0415  (Dagster is slow to import)

        # What was loaded is never searched for garbage. At a second run of a process, garbage would stay.
        if not gc.get_freeze_count():
            gc.freeze()
        with deployment_of(folder) as deployment:
            outcome = run_all.run(deployment, request, show_progress, findings)
    outcome.notes[:0] = notes
    return outcome


@contextmanager
def deployment_of(folder: DataFolder, name: str = "") -> Iterator["Deployment"]:
    """The project of a data folder and its Dagster instance; with a name, the one in `$DAGSTER_HOME`.

    Raises ZooDagError for a name that is none, and where that folder is not there.
    """
    from zoo_dag.dagster.instance import open_instance  # noqa: PLC0415
    from zoo_dag.dagster.names import Names  # noqa: PLC0415
    from zoo_dag.dagster.project import Project  # noqa: PLC0415
    from zoo_dag.dagster.runs.run_all import Deployment  # noqa: PLC0415

    project = Project(folder, Names(name), imports_any_file=True)
    if name and not os.path.isdir(os.environ.get("DAGSTER_HOME", "")):
        raise ZooDagError(
            f"Let the variable DAGSTER_HOME name the folder of the Dagster on which this project is called {name}."
        )
    with raising_interrupts(), open_instance(folder, is_shared=bool(name)) as instance:
        yield Deployment(project, instance)


@contextmanager
def progress(messages: Terminal) -> Iterator[Progress]:
    """A progress bar, where there is a terminal, and the function that advances it."""
    with ProgressBar(*columns(), console=messages, transient=True, disable=not messages.is_terminal) as bar:
        shown = bar.add_task("Looking at the exports", total=None)
        yield lambda text, done, steps: bar.update(shown, description=text, completed=done, total=steps or None)


def _alert(folder: DataFolder, problems: list[str]) -> None:
    """Send problems as alerts if no terminal is attached: cron or another program started the command."""
    if problems and not sys.stderr.isatty():
        from zoo_dag.dagster.runs.alerts import report_command  # noqa: PLC0415

        report_command(folder, problems)
