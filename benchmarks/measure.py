"""What a command costs: CPU seconds and peak memory, its child processes included."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
SECONDS_BETWEEN_SAMPLES = 0.05
KIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command cost, and what it printed."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    processes: int
    output: str


class CommandFailedError(Exception):
    """A measured command ended with an exit code other than 0; its figures would mean nothing."""


class MemoryWatch(threading.Thread):
    """Follows the memory of a process and of all its descendants.

    Of every process that lives, the kernel's own high-water mark is taken, and the
    marks are added up. That is never below the true peak of the processes seen, so a
    spike between two samples is not missed; it is above it where processes reach their
    peaks at different times.
    """

    def __init__(self, root: int) -> None:
        """Watch the process with this id."""
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._family = {root}
        self._stopped = threading.Event()

    @property
    def processes(self) -> int:
        """How many processes were seen."""
        return len(self._family)

    def run(self) -> None:
        """Sample until stopped."""
        while not self._stopped.is_set():
            self._sample()
            self._stopped.wait(SECONDS_BETWEEN_SAMPLES)

    def stop(self) -> None:
        """Stop sampling."""
        self._stopped.set()
        self.join()

    def _sample(self) -> None:
        statuses = {int(entry.name): _status(entry) for entry in PROCESSES.iterdir() if entry.name.isdigit()}
        known = 0
        while known != len(self._family):
            known = len(self._family)
            self._family |= {pid for pid, (parent, _) in statuses.items() if parent in self._family}
        total = sum(peak for pid, (_, peak) in statuses.items() if pid in self._family)
        self.peak_bytes = max(self.peak_bytes, total)


def _status(process: Path) -> tuple[int, int]:
    """Parent and high-water mark in bytes; both 0 for a process that has just ended."""
    parent = peak = 0
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0, 0
    for line in lines:
        name, _, value = line.partition(":")
        if name == "PPid":
            parent = int(value)
        elif name == "VmHWM":
            peak = int(value.split()[0]) * KIB
    return parent, peak


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end and return its cost.

    CPU seconds are those of user and system of the process and of all children that it
    waited for, as the kernel adds them up.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    watch = MemoryWatch(process.pid)
    watch.start()
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    watch.stop()
    # Popen must not wait a second time for a process that is gone.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CommandFailedError(f"exit code {process.returncode}: {' '.join(command)}")
    # The kernel's figure is for the largest single process: a floor for very short commands.
    peak = max(watch.peak_bytes, usage.ru_maxrss * KIB)
    return Cost(usage.ru_utime + usage.ru_stime, wall, peak, watch.processes, output)
