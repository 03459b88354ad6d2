"""Building workflow versions side by side, in processes that are started once for a command.

Only `zoo-dag run` does so: runs that Dagster starts are several at a time already. The processes only write files
into the staging folder of a step. The step puts them in place in the same order as without processes, so that the
tables are the same, byte for byte.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar

import polars as pl

from zoo_dag.dagster.version_builds import Build, Files
from zoo_dag.errors import ZooDagError
from zoo_dag.settings.running import Running
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.memory import available_memory
from zoo_dag.tables import TABLES

# What a process needs for a version, whatever its size: what it loads, batches, row groups.
_GIB_OF_A_PROCESS = 1.0
# A process needs half a second to start. About three seconds of work are done sooner without.
_ROWS_WORTH_STARTING = 150_000
# A version of few rows takes as long as so many rows of a large one.
_ROWS_OF_A_VERSION = 1500
# Windows has no way to leave Ctrl+C to this process.
_CAN_BLOCK_SIGNALS = hasattr(signal, "pthread_sigmask")


class Workers:
    """The processes of a command. They are started when they are first needed.

    `cpu_seconds` is what builds took in them.
    """

    def __init__(self, processes: int, rows_worth_starting: int = _ROWS_WORTH_STARTING) -> None:
        """Use so many processes, with 1 none; for less work than so many rows none either."""
        self.cpu_seconds = 0.0
        self._processes = processes
        self._rows_worth_starting = rows_worth_starting
        self._executor: ProcessPoolExecutor | None = None

    def are_worth_it(self, folder: DataFolder, keys: set[str]) -> bool:
        """Whether these versions are done sooner with processes."""
        # A version that fails together with others is built alone afterwards, in this process.
        if self._processes < 2 or len(keys) < 2:
            return False
        raw = TABLES["raw_classifications"]
        rows = sum(int(folder.tables.metadata(raw, key).get("n_rows", 0)) for key in keys)
        return rows + _ROWS_OF_A_VERSION * len(keys) >= self._rows_worth_starting

    @contextmanager
    def results(self, builds: Sequence[Build]) -> Iterator[Iterator[Files]]:
        """The results of builds, in their order. None of them runs any more when the block ends."""
        futures: list[Future[tuple[Files, float]]] = []
        try:
            # Its queues start a process of Python's own, after which Ctrl+C is not blocked any more.
            executor = self._started()
            with _for_new_processes(self._processes):
                futures += [executor.submit(_timed, build) for build in builds]
            yield map(self._result, futures)
        except BaseException as error:
            if not isinstance(error, Exception) or isinstance(error.__cause__, BrokenProcessPool):
                self.stop()
            raise
        finally:
            # What was not begun is not waited for: after a cancellation nobody would report its end.
            wait([future for future in futures if not future.cancel()])

    def stop(self) -> None:
        """End the processes, whatever they do, and start no others."""
        self._processes = 1
        if self._executor is not None:
            # Public from Python 3.14 on; None once a process was lost.
            for process in list((self._executor._processes or {}).values()):
                process.terminate()
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            # A fork of a process in which Polars has threads would wait for ever.
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._processes, context, _end_with_parent)
        return self._executor

    def _result(self, future: Future[tuple[Files, float]]) -> Files:
        try:
            files, seconds = future.result()
        except BrokenProcessPool as error:
            raise ZooDagError("A process that built versions was ended. Perhaps memory was short.") from error
        except Exception as error:
            # The cause would be the traceback of the other process.
            raise error from None
        self.cpu_seconds += seconds
        return files


_workers: ContextVar[Workers | None] = ContextVar("_workers", default=None)


@contextmanager
def workers_of(folder: DataFolder) -> Iterator[Workers]:
    """Let the steps that run in this block build versions side by side, as the settings and the machine allow."""
    settings = folder.settings.running
    processes = (
        number_of_processes(settings, pl.thread_pool_size(), available_memory()) if _CAN_BLOCK_SIGNALS else 1
    )
    workers = Workers(processes) if settings.processes is None else Workers(processes, 0)
    token = _workers.set(workers)
    try:
        yield workers
    finally:
        _workers.reset(token)
        workers.stop()


def number_of_processes(settings: Running, cores: int, available_bytes: int) -> int:
    """How many processes build versions, as far as there is memory for them; at least one.

    One for every two cores, unless the settings name a number: Polars uses several cores in one process.
    """
    memory = available_bytes / 2**30 / 2 if settings.memory_gib is None else settings.memory_gib
    wanted = cores // 2 if settings.processes is None else settings.processes
    return max(1, min(wanted, int(memory / _GIB_OF_A_PROCESS)))


@contextmanager
def built(folder: DataFolder, builds: Sequence[Build]) -> Iterator[Iterator[Files]]:
    """The results of builds, in their order: side by side where that pays, else each when it is asked for."""
    workers = _workers.get()
    if workers is None or not workers.are_worth_it(folder, {key for build in builds for key in build.keys}):
        yield map(Build.run, builds)
        return
    with workers.results(builds) as results:
        yield results


def _timed(build: Build) -> tuple[Files, float]:
    before = time.process_time()
    # Rows would be copied from one process to another.
    files = {
        key: {name: file._replace(rows=None) for name, file in tables.items()}
        for key, tables in build.run().items()
    }
    return files, time.process_time() - before


@contextmanager
def _for_new_processes(processes: int) -> Iterator[None]:
    """Processes started in this block share the cores, and leave Ctrl+C to this process, for which it waits."""
    variable, waiting = "POLARS_MAX_THREADS", list[int]()
    threads = os.environ.get(variable)
    os.environ[variable] = str(max(1, pl.thread_pool_size() // processes))
    # Half a process says so on the terminal. What is blocked here is blocked in the new processes.
    handler = signal.signal(signal.SIGINT, lambda number, _: waiting.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, handler)
        if threads is None:
            del os.environ[variable]
        else:
            os.environ[variable] = threads
    if waiting:
        signal.raise_signal(signal.SIGINT)


def _end_with_parent() -> None:
    """End this process when the one that started it ends, however it ends."""

    def wait_for_parent() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_for_parent, daemon=True).start()
