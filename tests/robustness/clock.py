"""Sets the clock of the pages back by a day while a file waits in the inbox, and says how long it waits then.

`python -m tests.robustness.clock` takes about two minutes. A small library in C, for which it needs `cc`, gives
the processes of the pages a time of day of their own; without it, it says so. (`faketime` does it too, but then
Python 3.11 cannot sleep.)
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.builders import write_export
from tests.dagster_project import votes
from tests.pages.served import Pages
from zoo_dag.dagster.instance import open_instance
from zoo_dag.inbox.local import InboxState
from zoo_dag.store.data_folder import DataFolder

SETTLE_SECONDS = 40
_DAY = 86_400
# The sensor is evaluated every half a minute, and the import takes its time.
_MOST_SECONDS = SETTLE_SECONDS + 240
# The seconds by which the time of day is ahead are read from a file, each time; other clocks go on as they are.
_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead(void) {
    char text[32] = {0};
    const char *name = getenv("CLOCK_AHEAD");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t n = read(file, text, sizeof text - 1);
    close(file);
    return n > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*original)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = original(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    int (*original)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int failed = original(now, zone);
    if (!failed) now->tv_sec += ahead();
    return failed;
}

time_t time(time_t *now) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now) *now = precise.tv_sec;
    return precise.tv_sec;
}
"""


def library_of_a_clock(folder: Path) -> Path | None:
    """The compiled library; None without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)  # noqa: S603
    return library


def seconds_after_a_jump(library: Path, folder: Path) -> float:
    """How long after the clock was set back by a day a file is imported that waited. Raises TimeoutError."""
    data, clock = DataFolder(folder / "data"), folder / "clock"
    data.root.mkdir()
    (data.root / "zoo_dag.toml").write_text(f"[importing]\nsettle_seconds = {SETTLE_SECONDS}\n")
    clock.write_text(str(_DAY))
    with Pages(data.root, more={"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(clock)}) as pages:
        pages.wait_until_they_answer()
        export = write_export(folder / "classifications.csv", votes("3.2", ["Yes"], 1))
        os.replace(export, data.inbox / export.name)
        _wait(lambda: _waits(data), "the file is not seen")
        clock.write_text("0")
        began = time.monotonic()
        _wait(lambda: data.versions() == ["10-v3.2"], "the file is not imported")
        return time.monotonic() - began


def _waits(data: DataFolder) -> bool:
    """Whether the sensor of the inbox has seen a file."""
    with open_instance(data) as instance:
        states = {state.name: state.instigator_data for state in instance.all_instigator_state()}
    cursor = getattr(states.get("inbox"), "cursor", None)
    return bool(InboxState.parse(cursor).waiting)


def _wait(done: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + _MOST_SECONDS
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{problem} within {_MOST_SECONDS} seconds")
        time.sleep(0.5)


def main() -> None:
    """Try, and exit with code 1 where the file waits for longer than it should."""
    with tempfile.TemporaryDirectory() as folder:
        library = library_of_a_clock(Path(folder))
        if library is None:
            print("No clock was set: there is no C compiler.")
            return
        try:
            seconds = seconds_after_a_jump(library, Path(folder))
        except TimeoutError as error:
            sys.exit(f"{error}.")
    print(f"Imported {seconds:.0f} s after the clock was set back by a day; settle_seconds = {SETTLE_SECONDS}.")


if __name__ == "__main__":
    main()
