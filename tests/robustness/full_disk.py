"""Disks without room, read-only disks, two runs at once and jumps of the clock: what breaks a promise.

`python -m tests.robustness.full_disk --points 20` takes about five minutes. It mounts a disk in memory, which
needs the permission to mount; without it, it says so and leaves those cases out.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.robustness.commands import command, environment, zoo_dag
from tests.robustness.stored import contents
from tests.robustness.undisturbed import Import, undisturbed

_ROOMY = 200 << 20
_YEAR = 365 * 86_400


class MountingError(Exception):
    """This process may mount no disk."""


@contextmanager
def disk(place: Path) -> Iterator[Path]:
    """A roomy disk in memory. Raises MountingError."""
    place.mkdir()
    mount(place, f"size={_ROOMY}", "-t", "tmpfs", "tmpfs")
    try:
        yield place
    finally:
        umount = [shutil.which("umount") or "umount", str(place)]
        subprocess.run(umount, capture_output=True, check=False)  # noqa: S603


def mount(place: Path, options: str, *more: str) -> None:
    """Mount, or mount again with other options. Raises MountingError."""
    program = shutil.which("mount")
    arguments = [program or "mount", *more, "-o", options, str(place)]
    if program is None or subprocess.run(arguments, capture_output=True, check=False).returncode:  # noqa: S603
        raise MountingError("this process may mount no disk")


class Tried(NamedTuple):
    """What became of an import without room: its exit code, and the promises broken then and after it."""

    exit_code: int
    broken: list[str]


def at_full_disk(work: Import, place: Path, room: int) -> Tried:
    """Import with so many bytes of room, then again with enough."""
    with disk(place) as mounted:
        data = work.into(mounted / "data")
        used = _ROOMY - _free(mounted)
        mount(mounted, f"remount,size={used + room}")
        ran = zoo_dag("run", *work.exports, "--data", data)
        broken = list(_without_room(work, data, ran))
        mount(mounted, f"remount,size={_ROOMY}")
        broken += _next_run(work, data)
    return Tried(ran.returncode, [f"{room >> 10} kB of room: {each}" for each in broken])


def _free(place: Path) -> int:
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


def _without_room(work: Import, data: Path, ran: subprocess.CompletedProcess[str]) -> Iterator[str]:
    said = ran.stdout + ran.stderr
    if ran.returncode not in (0, 1, 2):
        yield f"exits with {ran.returncode}: {said[-1000:]}"
    if "Traceback" in said:
        yield f"a traceback: {said[-2000:]}"
    if ran.returncode and "All sums match." in said and "Error" in said:
        yield f"an error beside sums that match: {said[-2000:]}"
    if ran.returncode and not any(line.startswith("Error: ") for line in said.splitlines()):
        yield f"no sentence: {said[-1000:]}"
    wrong = [name for name, each in contents(data).items() if each not in work.known(name)]
    if wrong:
        yield f"neither the tables from before nor those from after: {', '.join(wrong)}"


def _next_run(work: Import, data: Path) -> Iterator[str]:
    yield from work.broken(data, zoo_dag("run", *work.exports, "--data", data))


def on_read_only_disk(work: Import, place: Path) -> list[str]:
    """A run on a disk that cannot be written: a sentence and exit code 2, and the tables can be read."""
    with disk(place) as mounted:
        data = work.into(mounted / "data")
        mount(mounted, "remount,ro")
        ran, listed = zoo_dag("run", *work.exports, "--data", data), zoo_dag("tables", "--data", data)
    broken = []
    said = ran.stdout + ran.stderr
    if ran.returncode != 2 or "Traceback" in said or "Error: " not in said:
        broken.append(f"run exits with {ran.returncode}: {said[-1000:]}")
    if listed.returncode:
        broken.append(f"tables exits with {listed.returncode}: {listed.stderr[-1000:]}")
    return broken


def at_once(work: Import, data: Path) -> list[str]:
    """Two runs of the same export at the same time: both succeed, and the rows count once."""
    work.into(data)
    both = [
        subprocess.Popen(  # noqa: S603
            command("run", *work.exports, "--data", data),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[0] for process in both]
    codes = [process.returncode for process in both]
    broken = [f"exits with {code}: {text[-1000:]}" for code, text in zip(codes, said, strict=True) if code]
    return broken + list(_next_run(work, data))


def after_a_jump(work: Import, data: Path, seconds: float) -> list[str]:
    """An import after the clock was set, by so many seconds as seen from the files of the data folder."""
    work.into(data)
    moment = time.time() + seconds
    for path in (data, *data.rglob("*")):
        os.utime(path, (moment, moment))
    return list(_next_run(work, data))


def main() -> None:
    """Try everything, and exit with code 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=20, help="at how many sizes of the disk; default 20")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _, work = undisturbed(folder)
        broken: list[str] = []
        codes: Counter[int] = Counter()
        try:
            for number in range(options.points):
                # More than what stays: working files and journals of the history are there at the same time.
                room = 4 * work.n_bytes * number // options.points
                tried = at_full_disk(work, folder / f"disk-{number}", room)
                codes[tried.exit_code] += 1
                broken += tried.broken
            broken += [f"read-only: {each}" for each in on_read_only_disk(work, folder / "read-only")]
            print(
                f"{options.points} disks with up to {room >> 10} kB of room; how often each exit code:",
                dict(codes),
            )
        except MountingError as error:
            print(f"No full and no read-only disk was tried: {error}.")
        broken += [f"two at once: {each}" for each in at_once(work, folder / "at-once")]
        for name, seconds in {"back": _YEAR, "forward": -50 * _YEAR}.items():
            jumped = after_a_jump(work, folder / name, seconds)
            broken += [f"the clock was set {name}: {each}" for each in jumped]
    print(*broken or ["No promise was broken."], sep="\n")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
