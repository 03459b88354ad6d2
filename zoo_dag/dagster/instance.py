"""The Dagster instance of a data folder: its history of runs, and the folder that the history lies in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from filelock import FileLock

from zoo_dag.dagster.history_problems import explaining_configuration, explaining_history, require_usable_path
from zoo_dag.dagster.own_home import require_own_home
from zoo_dag.dagster.partitions import WORKFLOWS
from zoo_dag.dagster.postgres import keep_connections
from zoo_dag.store.data_folder import DataFolder

_DAGSTER_YAML = """\
# Written by zoo-dag once; change it as you like.
telemetry:
  enabled: false
# The first page asks nobody for an address.
nux:
  enabled: false
# The history in SQLite files. For PostgreSQL, write `storage.postgres` instead.
storage:
  custom:
    module: zoo_dag.dagster.history
    class: History
    config:
      base_dir:
        env: DAGSTER_HOME
concurrency:
  runs:
    max_concurrent_runs: 2
# A run that does not start, or cannot be terminated, is failed. A sensor ends runs whose process is gone.
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 180
# Retried once where the process of a run was lost; never where a step failed, which would fail again.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
# What sensors and schedules did at each evaluation. Runs are deleted as [history] in zoo_dag.toml says.
retention:
  sensor:
    purge_after_days:
      skipped: 1
      started: 30
      success: 30
      failure: 30
  schedule:
    purge_after_days: 30
"""
# Dagster captures what a run prints by four more processes. A command prints on its terminal, and nothing else.
_WITHOUT_CAPTURING = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    }
}


def prepare_home(folder: DataFolder) -> Path:
    """Create Dagster's folder where there is none, with its usage statistics switched off, and return it."""
    home = folder.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(_DAGSTER_YAML, encoding="utf-8")
    return home


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """An environment variable for a while: `dagster.yaml` names the folder by it, so that it can be moved."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def open_instance(
    folder: DataFolder, *, captures_output: bool = False, is_shared: bool = False
) -> Iterator[dg.DagsterInstance]:
    """The instance that `zoo-dag run` and the pages share; in the pages, what a run prints is captured.

    `is_shared` where Dagster's folder belongs to a platform with several projects: nothing is set up there.
    Two processes that create the history at the same time would damage it, so they open it one after the other.
    Raises HistoryError where the history, or its configuration, cannot be used, also from within the block, and
    ZooDagError where it is that of another data folder.
    """
    require_usable_path(folder.dagster_home)
    if not is_shared:
        require_own_home(folder)
        prepare_home(folder)
    home, lock = folder.dagster_home, folder.history_lock
    lock.parent.mkdir(exist_ok=True)
    overrides = None if captures_output else _WITHOUT_CAPTURING
    with explaining_history(home):
        with FileLock(lock), _environment("DAGSTER_HOME", str(home)), explaining_configuration(home):
            opened = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=overrides))
        with opened as instance:
            keep_connections(instance)
            # Its events are read at the first use, which may be in the middle of something.
            instance.get_dynamic_partitions(WORKFLOWS)
            yield instance
