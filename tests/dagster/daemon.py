"""The part of Dagster's daemon that matters to zoo_dag, in one process and in simulated time.

Schedules are evaluated at their minute and sensors with their own cursors; requested runs are executed at once,
and a run key is used once, as by the daemon. Built from public parts of Dagster, whose daemon has no public
interface for simulated time. The browser test of the pages runs the real one.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest

from tests.dagster_project import instance_of
from zoo_dag.dagster import event_tags
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.store.data_folder import DataFolder

MINUTE = datetime.timedelta(minutes=1)


class Daemon:
    """The daemon of a data folder, or of other definitions, with a simulated clock."""

    def __init__(
        self,
        folder: DataFolder,
        instance: dg.DagsterInstance,
        start: datetime.datetime,
        definitions: dg.Definitions | None = None,
    ) -> None:
        self.folder, self.instance, self.now = folder, instance, start
        self._cursors: dict[str, str | None] = {}
        self._keys: set[tuple[str, str]] = set()
        self.definitions = definitions or build_definitions(DataFolder(folder.root))

    def tick(self) -> list[dg.ExecuteInProcessResult]:
        """Evaluate the schedules and the sensors once, and execute what they request."""
        return [*self._schedules(), *self._sensors()]

    def evaluate(self, name: str) -> list[dg.RunRequest]:
        """The run requests of a sensor, but for those whose key was used before; nothing is executed."""
        sensor = self.definitions.resolve_sensor_def(name)
        with dg.build_sensor_context(
            self.instance,
            cursor=self._cursors.get(name),
            definitions=self.definitions,
        ) as context:
            if isinstance(sensor, dg.RunStatusSensorDefinition):
                self._cursors[name] = sensor.evaluate_tick(context).cursor
                return []
            result = sensor(context)
        if isinstance(result, dg.SkipReason):
            return []
        self.skipped = result.skip_reason.skip_message if result.skip_reason else ""
        self._cursors[name] = result.cursor
        requests = [each for each in result.run_requests or () if (name, each.run_key) not in self._keys]
        self._keys |= {(name, each.run_key) for each in requests if each.run_key}
        return requests

    def cursor(self, name: str) -> str | None:
        """What a sensor kept for its next evaluation."""
        return self._cursors.get(name)

    def execute(self, request: dg.RunRequest, job_name: str | None = None) -> dg.ExecuteInProcessResult:
        """Execute a requested run, whatever becomes of it."""
        job = self.definitions.resolve_job_def(job_name or request.job_name)
        return job.execute_in_process(
            run_config={**request.run_config, "loggers": {"progress": {}}},
            instance=self.instance,
            tags={event_tags.RUN_KEY: request.run_key, **request.tags} if request.run_key else request.tags,
            partition_key=request.partition_key,
            asset_selection=list(request.asset_selection) if request.asset_selection else None,
            raise_on_error=False,
        )

    def come_to_rest(self) -> list[dg.ExecuteInProcessResult]:
        """Let minutes pass until two of them brought no new run; the runs."""
        runs, quiet = [], 0
        for _ in range(30):
            self.now += MINUTE
            done = self.tick()
            runs += done
            quiet = 0 if done else quiet + 1
            if quiet == 2:
                return runs
        pytest.fail("there are new runs all the time")

    def _schedules(self) -> Iterator[dg.ExecuteInProcessResult]:
        for schedule in self.definitions.schedules or ():
            context = dg.build_schedule_context(self.instance, scheduled_execution_time=self.now)
            minute, hour, *_ = schedule.cron_schedule.split()
            if (self.now.minute, self.now.hour) == (int(minute), int(hour)):
                for request in schedule.evaluate_tick(context).run_requests or ():
                    yield self.execute(request, schedule.job_name)

    def _sensors(self) -> Iterator[dg.ExecuteInProcessResult]:
        for sensor in self.definitions.sensors or ():
            for request in self.evaluate(sensor.name):
                yield self.execute(request, request.job_name or sensor.job_name)


@contextmanager
def daemon(folder: DataFolder, start: datetime.datetime) -> Iterator[Daemon]:
    """A daemon for a data folder, its time standing at `start`."""
    with instance_of(folder) as instance:
        yield Daemon(folder, instance, start)
