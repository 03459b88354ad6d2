"""Kills `zoo-dag run` and the pages with -9 at random moments, and says what breaks a promise.

`python -m tests.robustness.kills --count 100` takes about half an hour; `--pages 0` leaves the pages out.

All the while another thread reads every table: each of its files has to be whole, and either that from before or
that from after the import. The next run has to succeed, with the tables of a run that nothing disturbed, row
accounting that balances, and nothing left over.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple, Self

import polars as pl

import zoo_dag as interface
from tests.pages.served import Pages
from tests.robustness.commands import command, environment, zoo_dag
from tests.robustness.stored import content, contents, differences, table_files
from tests.robustness.undisturbed import Import, undisturbed
from zoo_dag.errors import TableError
from zoo_dag.tables import TABLES

_SETTINGS = "[importing]\nsettle_seconds = 0\n"
_IMPORT_SECONDS = 120
# Reading all tables takes about as long.
_PAUSE_SECONDS = 0.3
# Before this share of its time a run only loads what it needs; one kill in ten may fall there.
_LOADING = 0.25
# An import in the pages and the builds after it, of which the first begins at the next evaluation of a sensor.
_PAGES_SECONDS = 8.0


class Killed(NamedTuple):
    """What became of one kill: the promises that it broke, and whether it fell between old and new tables."""

    what: str
    broken: list[str]
    is_between: bool


class Reader:
    """Reads all tables again and again, inside a `with`; `torn` says what it should not have seen."""

    def __init__(self, data: Path, work: Import) -> None:
        """Each file of the tables has to have one of the contents that the import knows."""
        self.torn: list[str] = []
        self._data, self._work, self._ended = data, work, Event()
        self._thread = Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._ended.wait(_PAUSE_SECONDS):
            self.look()

    def look(self) -> None:
        """Read all tables once."""
        for name, path in table_files(self._data).items():
            try:
                if content(path) not in self._work.known(name):
                    self.torn.append(f"{name} is neither the table from before nor that from after")
            except FileNotFoundError:
                continue
            except (pl.exceptions.PolarsError, OSError) as error:
                self.torn.append(f"{name} cannot be read: {error}")
        self._scan()

    def _scan(self) -> None:
        for name in TABLES:
            if problem := self._problem(name):
                self.torn.append(f"{name} cannot be scanned: {problem}")

    def _problem(self, name: str) -> str:
        try:
            interface.scan(name, self._data).collect()
        except TableError as error:
            return "" if "does not exist" in str(error) else str(error)
        except (pl.exceptions.PolarsError, OSError) as error:
            return str(error)
        return ""


def kill_run(work: Import, seed: int, folder: Path) -> Killed:
    """Kill `zoo-dag run` with all its processes at a random moment, and run it again."""
    chance = random.Random(seed)  # noqa: S311  (not for security)
    loading = _LOADING if chance.random() > 0.1 else 0.0
    data, seconds = _copy(work, folder / f"run-{seed}"), chance.uniform(loading, 1) * work.seconds
    what = f"kill {seed} of {'a later' if work.data else 'the first'} run, after {seconds:.2f} s"
    with Reader(data, work) as reader:
        process = subprocess.Popen(  # noqa: S603
            command("run", *work.exports, "--data", data),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        # One that ended before has no group any more.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return _next_run(work, what, data, work.exports, reader)


def kill_pages(work: Import, seed: int, folder: Path) -> Killed:
    """Kill the pages and their daemon at a random moment of an import from the inbox, and import again."""
    chance = random.Random(seed)  # noqa: S311  (not for security)
    data, seconds = _copy(work, folder / f"pages-{seed}"), chance.uniform(0, _PAGES_SECONDS)
    what = f"kill {seed} of the pages, {seconds:.2f} s after the import began"
    with Reader(data, work) as reader:
        with Pages(data) as pages:
            pages.wait_until_they_answer()
            brought = [Path(shutil.copy(export, data / "inbox")) for export in work.exports]
            _wait_for_an_import(data)
            time.sleep(seconds)
        return _next_run(work, what, data, brought, reader)


def _copy(work: Import, data: Path) -> Path:
    work.into(data)
    (data / "inbox").mkdir(parents=True, exist_ok=True)
    (data / "zoo_dag.toml").write_text(_SETTINGS)
    return data


def _wait_for_an_import(data: Path) -> None:
    """Wait until a step works in the staging folder. Raises TimeoutError."""
    end = time.monotonic() + _IMPORT_SECONDS
    while not any((data / "staging").glob("*")):
        if time.monotonic() > end:
            raise TimeoutError(f"no import began within {_IMPORT_SECONDS} s")
        time.sleep(0.01)


def _next_run(work: Import, what: str, data: Path, exports: list[Path], reader: Reader) -> Killed:
    found = contents(data)
    is_between = bool(differences(found, work.before) and differences(found, work.after))
    again = zoo_dag("run", *exports, "--data", data)
    broken = [*reader.torn[:5], *work.broken(data, again)]
    if not broken:
        shutil.rmtree(data)
    return Killed(what, broken, is_between)


def main() -> None:
    """Kill as often as asked for, and exit with code 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="how many kills; default 100")
    parser.add_argument("--first", type=int, default=0, help="the first seed; default 0")
    parser.add_argument("--pages", type=int, default=10, help="how many of them of the pages; default 10")
    options = parser.parse_args()
    n_broken = n_between = 0
    with tempfile.TemporaryDirectory() as folder:
        imports = undisturbed(Path(folder))
        for number in range(options.count):
            seed = options.first + number
            if number < options.pages:
                killed = kill_pages(imports[1], seed, Path(folder))
            else:
                killed = kill_run(imports[seed % 2], seed, Path(folder))
            n_between += killed.is_between
            if killed.broken:
                n_broken += 1
                print(f"{killed.what}:", *(f"  {each}" for each in killed.broken), sep="\n", flush=True)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, {n_between} between old and new tables", flush=True)
    print(
        f"{options.count} kills, {options.pages} of them of the pages: {n_between} fell between the old and the "
        f"new tables, {n_broken} broke a promise."
    )
    sys.exit(1 if n_broken else 0)


if __name__ == "__main__":
    main()
