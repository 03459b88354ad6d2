"""Reads damaged exports, of which each seed is another one, and says what breaks a promise.

`python -m tests.robustness.fuzz --count 10000` takes about half an hour; `--first 4711 --count 1` tries one.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from tests.builders import export_bytes
from tests.robustness.damage import COLUMNS, Damaged, damaged_export, rows_of
from tests.robustness.outcome import Outcome, read_export
from zoo_dag.cli.main import main
from zoo_dag.errors import ExportError
from zoo_dag.tables.layouts import Kind

MOST_SECONDS = 20.0
MOST_BYTES = 1 << 30
# `zoo-dag` exits with one of these: done; done, with a warning or an error in a check; refused.
EXIT_CODES = (0, 1, 2)


class Result(NamedTuple):
    """What became of one damaged export: `refused`, `read`, or the promises that it broke."""

    seed: int
    damages: list[str]
    refused: bool
    broken: list[str]
    seconds: float
    memory: int


@cache
def undamaged() -> dict[int, str]:
    """What becomes of the classifications of the sound export."""
    with tempfile.TemporaryDirectory() as folder:
        path = _write_sound(Path(folder), "classifications")
        return read_export([path, _write_sound(Path(folder), "workflows")], _staging(Path(folder))).rows


def try_export(seed: int) -> Result:
    """Read the damaged export of a seed, and compare what comes out with what was promised."""
    export = damaged_export(seed)
    # What else the machine does does not count.
    began = time.process_time()
    refused, broken = False, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / export.name
        path.write_bytes(export.content)
        try:
            beside = [_write_sound(Path(folder), "workflows")] if export.kind == "classifications" else []
            broken = _broken(export, read_export([path, *beside], _staging(Path(folder))))
        except ExportError as error:
            refused = True
            broken = _of_a_refusal(str(error), path)
        except Exception:
            broken = [traceback.format_exc()]
    seconds = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if seconds > MOST_SECONDS:
        broken.append(f"took {seconds:.1f} s of a processor")
    return Result(seed, export.damages, refused, broken, seconds, memory)


def try_commands(seed: int) -> Result:
    """`zoo-dag check` and `zoo-dag run` on the damaged export of a seed: codes, and the same quarantine."""
    export, broken = damaged_export(seed), []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / export.name
        path.write_bytes(export.content)
        data = f"{folder}/data"
        checked = _command("check", str(path), "--json", "--data", data)
        ran = _command("run", str(path), "--json", "--data", data)
        for name, (code, said) in {"check": checked, "run": ran}.items():
            if code not in EXIT_CODES or "Traceback" in said:
                broken.append(f"{name} exits with {code}: {said[-2000:]}")
        # Subjects or workflows alone are no reason to build anything, so `run` refuses what `check` reads.
        if export.kind == "classifications" and (checked[0] == 2) != (ran[0] == 2):
            broken.append(f"check exits with {checked[0]}, run with {ran[0]}: {ran[1][-500:]}")
        if not broken and checked[0] != 2 and ran[0] != 2:
            broken.extend(_differences(checked[1], data))
    return Result(seed, export.damages, ran[0] == 2, broken, time.monotonic() - began, 0)


def _write_sound(folder: Path, kind: Kind) -> Path:
    path = folder / f"sound-{kind}.csv"
    path.write_bytes(export_bytes(rows_of(kind), COLUMNS[kind]))
    return path


def _staging(folder: Path) -> Path:
    staging = folder / "staging"
    staging.mkdir()
    return staging


def _broken(export: Damaged, outcome: Outcome) -> list[str]:
    broken = list(outcome.problems)
    if export.kind == "classifications" and export.sound is not None:
        before = undamaged()
        broken.extend(
            f"classification {identifier} is another one now"
            for identifier in sorted(export.sound)
            if outcome.rows.get(identifier) != before[identifier]
        )
    return broken


def _of_a_refusal(sentence: str, path: Path) -> list[str]:
    names_the_file = str(path) in sentence or path.name in sentence
    return (
        [] if names_the_file and len(sentence) < 3000 else [f"refused without naming the file: {sentence[:500]}"]
    )


def _command(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        return done.exit_code, "".join(traceback.format_exception(done.exception))
    said = done.stdout if done.exit_code != 2 and "--json" in arguments else ""
    return done.exit_code, said or done.output


def _differences(checked: str, data: str) -> Iterator[str]:
    import zoo_dag

    found = Counter(zoo_dag.scan("quarantine", data).collect()["reason"])
    with suppress(json.JSONDecodeError):
        foreseen = Counter[str]()
        for row in json.loads(checked).get("quarantine", []):
            foreseen[row["reason"]] += row["count"]
        if found != foreseen:
            yield f"check foresees {foreseen}, run has {found}"


def try_all() -> None:
    """Try as many exports as are asked for, and exit with code 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many damaged exports; default 10000")
    parser.add_argument("--first", type=int, default=0, help="the first seed; default 0")
    parser.add_argument("--processes", type=int, default=2, help="how many at a time; default 2")
    parser.add_argument("--commands", type=int, default=0, help="of how many to run the commands too; default 0")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    n_refused, n_broken, slowest, memory = 0, 0, 0.0, 0
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=500) as pool:
        for number, tried in enumerate(
            _all(pool, seeds, range(options.first, options.first + options.commands)), 1
        ):
            # A process of the tests has done other things before.
            if tried.memory > MOST_BYTES:
                tried.broken.append(f"took {tried.memory >> 20} MB")
            n_refused += tried.refused
            slowest, memory = max(slowest, tried.seconds), max(memory, tried.memory)
            if tried.broken:
                n_broken += 1
                print(f"seed {tried.seed}, {'; '.join(tried.damages)}:")
                print(*(f"  {each}" for each in tried.broken), sep="\n", flush=True)
            if number % 1000 == 0:
                print(f"{number} tried, {n_broken} broke a promise", flush=True)
    total = options.count + options.commands
    n_read = total - n_refused - n_broken
    print(f"{total} exports: {n_read} read, {n_refused} refused with a sentence, {n_broken} broke a promise;")
    print(f"at most {slowest:.1f} s and {memory >> 20} MB each.")
    sys.exit(1 if n_broken else 0)


def _all(pool: "multiprocessing.pool.Pool", seeds: range, commanded: range) -> Iterator[Result]:
    yield from pool.imap_unordered(try_export, seeds, chunksize=20)
    yield from pool.imap_unordered(try_commands, commanded)


if __name__ == "__main__":
    try_all()
