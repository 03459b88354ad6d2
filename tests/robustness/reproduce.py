"""Computes the same tables in several ways, and says which bytes differ.

`python -m tests.robustness.reproduce` takes about ten minutes. It runs `zoo-dag` on the demo and on invented
data of all task types with other numbers of threads, other hash seeds, other numbers of processes, and other
orders of imports and of workflow versions, in another language, time zone and folder, as another user, and with
the interpreters of `--python`. All files of all tables have to have the same bytes, but for the time of the
import: it is in the table `imports`, on whose content the data versions of the row accounting depend.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tests.robustness.commands import THIS_ONE, Runner, zoo_dag
from tests.robustness.projects import demo_exports
from tests.robustness.stored import content, table_files

ROOT = Path(__file__).parents[2]
# The files that hold the time of the import, or whose data version depends on it.
OF_THIS_IMPORT = ("imports", "accounting", "quarantine")
_NOBODY = 65534


@dataclass(frozen=True)
class Way:
    """A way to compute the tables: the commands after `zoo-dag run`, the environment, and the settings.

    Commands with exports import them; with `--version` or `--workflow` they build a part, and the last one the
    rest. `folder` is the name of the data folder, and `runner` who runs the commands.
    """

    name: str
    commands: Sequence[Sequence[str | Path]]
    environment: Mapping[str, str] | None = None
    processes: int = 1
    folder: str = "data"
    runner: Runner = THIS_ONE


def ways(
    exports: Sequence[Path], versions: Sequence[tuple[str, str]], pythons: Sequence[str] = ()
) -> Iterator[Way]:
    """The ways for these exports; `versions` are those of the workflows in them, as workflow and version.

    The first one is what the others are compared with. `pythons` are other interpreters, with all dependencies.
    """
    at_once: list[list[str | Path]] = [[*exports]]
    of_classifications = [path for path in exports if _has_classifications(path)]
    others = [path for path in exports if path not in of_classifications]
    for threads in ("1", "2", "4"):
        yield Way(f"{threads} threads", at_once, {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": "0"})
    for seed in ("1", "4242"):
        yield Way(f"hash seed {seed}", at_once, {"PYTHONHASHSEED": seed})
    yield Way("two processes", at_once, processes=2)
    elsewhere = {"LC_ALL": "C", "LANG": "C", "TZ": "Pacific/Chatham", "POLARS_MAX_THREADS": "3"}
    yield Way("another language, time zone and folder", at_once, elsewhere, folder="another place, ü")
    # Only root may become somebody else.
    if os.name == "posix" and os.geteuid() == 0:
        yield Way("another user", at_once, {"HOME": "/nonexistent"}, runner=Runner(user=_NOBODY))
    for python in pythons:
        yield Way(f"with {python}", at_once, runner=Runner(python))
    # Subjects and workflows alone are refused.
    yield Way("exports one by one", [[each] for each in (*of_classifications, *others)])
    backwards = [[each] for each in (*reversed(of_classifications), *reversed(others))]
    yield Way("exports one by one, the last first", backwards)
    (first, *more) = [["--workflow", workflow, "--version", version] for workflow, version in reversed(versions)]
    yield Way("versions one by one, the last first", [[*exports, *first], *more, []])


def compute(way: Way, data: Path) -> dict[str, str | bytes]:
    """The files of all tables; of those that depend on the time of the import, the hash of all else."""
    data /= way.folder
    data.mkdir(parents=True)
    if way.runner.user is not None:
        os.chown(data, way.runner.user, way.runner.user)
    (data / "zoo_dag.toml").write_text(f"[running]\nprocesses = {way.processes}\nmemory_gib = 8\n")
    for arguments in way.commands:
        ran = zoo_dag("run", *arguments, "--data", data, more=way.environment, seconds=1200, runner=way.runner)
        if ran.returncode == 2 or "Traceback" in ran.stderr:
            raise RuntimeError(f"{way.name}: {ran.stdout}{ran.stderr}")
    return {
        name: _without_times(name, path) if name in OF_THIS_IMPORT else path.read_bytes()
        for name, path in table_files(data).items()
    }


def _without_times(name: str, path: Path) -> str:
    metadata = pl.read_parquet_metadata(path)
    stable = {key: value for key, value in metadata.items() if key != "data_version"}
    if name != "imports":
        return f"{content(path)} {stable}"
    # In the order of imports.
    return str(pl.read_parquet(path).drop("imported_at").sort("sha256").rows())


def differing(
    exports: Sequence[Path], folder: Path, chosen: Sequence[str] | None = None, pythons: Sequence[str] = ()
) -> Iterator[str]:
    """A sentence for each way, of those that are chosen, in which tables have other bytes."""
    expected: dict[str, str | bytes] = {}
    for number, way in enumerate(ways(exports, _versions(exports), pythons)):
        # The first one is what the others are compared with.
        if number and chosen and way.name not in chosen:
            continue
        try:
            found = compute(way, folder / f"way-{number}")
        except PermissionError as error:
            print(f"{way.name}: not tried, for they may not run {error.filename}", flush=True)
            continue
        expected = expected or found
        names = sorted(found.keys() | expected.keys())
        different = [name for name in names if found.get(name) != expected.get(name)]
        if different:
            yield f"{way.name}: {len(different)} of {len(names)} files differ: {', '.join(different[:10])}"
        else:
            print(f"{way.name}: all {len(names)} files are the same", flush=True)


def _versions(exports: Sequence[Path]) -> list[tuple[str, str]]:
    """The workflow versions that have classifications, in the order of their ids."""
    columns = ["workflow_id", "workflow_version"]
    paths = filter(_has_classifications, exports)
    rows = pl.concat(pl.read_csv(path, columns=columns, infer_schema=False) for path in paths)
    order = [pl.col("workflow_id").cast(int), *_numbers()]
    return rows.unique().sort(order).rows()


def _has_classifications(export: Path) -> bool:
    with export.open("rb") as file:
        return file.read(20).startswith(b"classification_id,")


def _numbers() -> list[pl.Expr]:
    parts = pl.col("workflow_version").str.split(".")
    return [parts.list.get(place).cast(int) for place in (0, 1)]


def generated_exports(folder: Path, count: int) -> list[Path]:
    """Invented classifications of all task types, in two files, and their workflows."""
    path = folder / "generated.csv"
    script = [sys.executable, str(ROOT / "benchmarks" / "generate.py"), str(count), str(path), "--kind", "mixed"]
    subprocess.run(script, check=True, capture_output=True)  # noqa: S603
    header, *rows = path.read_bytes().splitlines(keepends=True)
    halves = []
    for number, part in enumerate((rows[::2], rows[1::2])):
        halves.append(folder / f"generated-{number}.csv")
        halves[-1].write_bytes(header + b"".join(part))
    return [*halves, folder / "generated-workflows.csv"]


def main() -> None:
    """Compute in all ways, and exit with code 1 where bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="classifications to invent; default 3000")
    parser.add_argument("--ways", nargs="*", help="the names of the ways to try; by default all")
    parser.add_argument("--python", action="append", default=[], help="another interpreter, with all dependencies")
    options = parser.parse_args()
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # For another user.
        folder.chmod(0o755)
        projects = {
            "demo": demo_exports(folder / "demo-exports"),
            "generated": generated_exports(folder, options.count),
        }
        for name, exports in projects.items():
            print(f"{name}:", flush=True)
            (folder / name).mkdir()
            for problem in differing(exports, folder / name, options.ways, options.python):
                print(problem, flush=True)
                problems.append(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
