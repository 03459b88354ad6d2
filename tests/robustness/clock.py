"""Sets the clock of the pages back by a day while a file waits in the inbox, and says how long it waits then.

`python -m tests.robustness.clock` takes about two minutes. It needs the library of `faketime`, which gives the
pages a clock of their own; without it, it says so.
"""

import os
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
# The sensor is evaluated every half a minute, and the import takes its time.
_MOST_SECONDS = SETTLE_SECONDS + 240
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def find_library() -> Path | None:
    """The library of `faketime` for programs with threads."""
    return next((path for pattern in _LIBRARIES for path in Path("/").glob(pattern[1:])), None)


def seconds_after_a_jump(library: Path, folder: Path) -> float:
    """How long after the clock was set back by a day a file is imported that waited. Raises TimeoutError."""
    data, clock = DataFolder(folder / "data"), folder / "clock"
    data.root.mkdir()
    (data.root / "zoo_dag.toml").write_text(f"[importing]\nsettle_seconds = {SETTLE_SECONDS}\n")
    clock.write_text("+1d")
    faked = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    with Pages(data.root, more={**faked, "DONT_FAKE_MONOTONIC": "1"}) as pages:
        pages.wait_until_they_answer()
        export = write_export(folder / "classifications.csv", votes("3.2", ["Yes"], 1))
        os.replace(export, data.inbox / export.name)
        _wait(lambda: _waits(data), "the file is not seen")
        clock.write_text("+0")
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
    library = find_library()
    if library is None:
        print("No clock was set: the library of faketime is not installed.")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            seconds = seconds_after_a_jump(library, Path(folder))
        except TimeoutError as error:
            sys.exit(f"{error}.")
    print(f"Imported {seconds:.0f} s after the clock was set back by a day; settle_seconds = {SETTLE_SECONDS}.")


if __name__ == "__main__":
    main()
