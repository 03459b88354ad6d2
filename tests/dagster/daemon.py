"""Dagster's daemon in one process and in simulated time: its own code for schedules and sensors, run step by step.

Dagster has no public way to do that. What is private is used here, and nowhere else.
"""

import datetime
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import (
    InProcessTestWorkspaceLoadTarget,
    create_test_daemon_workspace_context,
    freeze_time,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.sensor import execute_sensor_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs

from zoo_dag.store.data_folder import DataFolder

_DEFINITIONS = """\
from pathlib import Path

from zoo_dag.store.data_folder import DataFolder
from zoo_dag.dagster.definitions import build_definitions

defs = build_definitions(DataFolder(Path({root!r})))
"""
# Runs are launched at once and in this process.
_DAGSTER_YAML = """\
telemetry: {enabled: false}
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
run_coordinator:
  module: dagster._core.run_coordinator
  class: DefaultRunCoordinator
"""
_LOG = logging.getLogger("daemon of a test")


class Daemon:
    """The daemon of a data folder, with a clock of its own."""

    def __init__(self, workspace: object, instance: dg.DagsterInstance, start: datetime.datetime) -> None:
        self.workspace, self.instance, self.now = workspace, instance, start
        self._schedule_times: dict = {}

    def go_on(self, seconds: float) -> None:
        """Let time pass, then look at the schedules and at the sensors once."""
        self.now += datetime.timedelta(seconds=seconds)
        with freeze_time(self.now):
            for error in launch_scheduled_runs(self.workspace, _LOG, self.now, self._schedule_times):
                assert error is None, error
            for error in execute_sensor_iteration(self.workspace, _LOG, None, None):
                assert error is None, error

    def go_on_until(self, moment: datetime.datetime) -> None:
        """Let time pass in one go until a moment."""
        self.go_on((moment - self.now).total_seconds())

    def come_to_rest(self) -> None:
        """Let minutes pass until two of them brought no new run."""
        quiet = 0
        for _ in range(30):
            before = self.instance.get_runs_count()
            self.go_on(60)
            quiet = quiet + 1 if self.instance.get_runs_count() == before else 0
            if quiet == 2:
                return
        raise AssertionError("there are new runs all the time")


@contextmanager
def daemon(folder: DataFolder, tmp_path: Path, start: datetime.datetime) -> Iterator[Daemon]:
    """A daemon for a data folder, its time standing at `start`."""
    folder.dagster_home.mkdir(parents=True)
    (folder.dagster_home / "dagster.yaml").write_text(_DAGSTER_YAML)
    file = tmp_path / "code_location.py"
    file.write_text(_DEFINITIONS.format(root=str(folder.root)))
    origin = LoadableTargetOrigin(executable_path=sys.executable, python_file=str(file))
    target = InProcessTestWorkspaceLoadTarget(InProcessCodeLocationOrigin(origin, location_name="zoo_dag"))
    with (
        dg.DagsterInstance.from_config(str(folder.dagster_home)) as instance,
        create_test_daemon_workspace_context(target, instance) as workspace,
    ):
        yield Daemon(workspace, instance, start)
