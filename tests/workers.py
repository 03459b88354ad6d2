"""Workers of Celery, set up as in `deploy/celery`, as if on several machines; and who gives them runs."""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository

from tests.dagster.daemon import Daemon
from tests.object_stores import Store
from zoo_dag.dagster import event_tags
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.lost_runs import end_lost_runs

DEPLOY = Path(__file__).parents[1] / "deploy" / "celery"
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
_COMMAND = [sys.executable, "-m", "celery", "-A", "dagster_celery.app", "worker", "--loglevel", "WARNING"]


def make_home(home: Path) -> Path:
    """Dagster's folder of a machine, as docs/workers.md says."""
    home.mkdir(parents=True)
    shutil.copy(DEPLOY / "dagster.yaml", home)
    return home


@dataclass
class Workers:
    """Workers on machines with folders in `top`, which work on the project at `url` in an object store."""

    top: Path
    url: str
    store: Store
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, machine: str) -> None:
        """Start a worker, whose name is also its key for the object store, on a machine of this name."""
        home = self.top / machine / "home"
        if not home.exists():
            make_home(home)
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": name,
            # One core for each.
            "POLARS_MAX_THREADS": "1",
            "DAGSTER_HOME": str(home),
            "ZOO_DAG_CACHE": str(self.top / machine / "cache"),
            "ZOO_DAG_DATA": self.url,
            "PYTHONPATH": os.pathsep.join([str(DEPLOY), str(DEPLOY.parents[1]), os.environ.get("PYTHONPATH", "")]),
        }
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603
                [*_COMMAND, "-n", f"{name}@%h"],
                env=environment,
                cwd=home,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """End a worker as the loss of its machine does: all of its processes, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._processes[name].pid, signal.SIGKILL)
        self._processes[name].wait()

    def kill_all(self) -> None:
        """End all of them."""
        for name in self._processes:
            self.kill(name)

    def log(self) -> str:
        """What the workers said."""
        return "\n".join(f"{name}: {self._log(name).read_text()}" for name in self._processes)

    def _log(self, name: str) -> Path:
        return self.top / f"{name}.log"


@contextmanager
def workers(top: Path, url: str, store: Store) -> Iterator[Workers]:
    """Workers, all of which are ended at the end."""
    started = Workers(top, url, store)
    try:
        yield started
    finally:
        started.kill_all()


class Distributor:
    """Dagster's daemon, as far as it matters: it launches what the automation requests, and retries lost runs."""

    def __init__(self, daemon: Daemon, project: Project) -> None:
        """Give the runs of a daemon to the workers."""
        self._daemon, self._project = daemon, project
        self._instance = daemon.instance
        self._code = ReconstructableRepository.for_module("zoo_dag.dagster.definitions", "defs")

    def unfinished(self) -> list[dg.DagsterRun]:
        """The runs that the workers have, or wait for."""
        return list(self._instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED)))

    def launch_planned(self) -> int:
        """Launch what is stale; returns the number of runs."""
        requests = self._daemon.evaluate("automation")
        for request in requests:
            partition = {event_tags.PARTITION: request.partition_key} if request.partition_key else {}
            tags = {**request.tags, **partition, event_tags.RUN_KEY: str(request.run_key)}
            self._launch(str(request.job_name), request.asset_selection or (), tags)
        return len(requests)

    def retry_lost(self) -> list[dg.DagsterRun]:
        """End the runs whose process is gone, and launch them again; returns the lost ones."""
        before = {run.run_id for run in self.unfinished()}
        if not end_lost_runs(self._instance, self._project):
            return []
        lost = [run for run in map(self._instance.get_run_by_id, before) if run and run.is_failure]
        for run in lost:
            assert run.tags[event_tags.WILL_RETRY] == "true"
            self._launch(run.job_name, run.asset_selection or (), run.tags)
        return lost

    def _launch(self, job_name: str, assets: Iterable[dg.AssetKey], tags: Mapping[str, str]) -> None:
        job, selection = self._daemon.definitions.resolve_job_def(job_name), set(assets)
        run = self._instance.create_run_for_job(
            job.get_subset(asset_selection=selection),
            run_id=str(uuid.uuid4()),
            tags=tags,
            asset_selection=selection,
            job_code_origin=self._code.get_reconstructable_job(job_name).get_python_origin(),
        )
        self._instance.launch_run(run.run_id, None)
