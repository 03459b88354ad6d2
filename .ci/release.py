"""Try a release: `python .ci/release.py python3.11 python3.13`, with the oldest and the newest Python there is.

It builds the sdist and the wheel of HEAD into `dist`, and installs them in new environments of each Python: the
sdist without extras, and the wheel with each extra alone. In each it runs the demo, and a command for each extra,
which works where the extra is installed, and says what to install where it is not. It takes minutes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What works with an extra alone, as arguments of Python. The folder `optics` is the demo with another algorithm.
NEEDING = {
    "duckdb": ("-m", "zoo_dag", "export", "--format", "duckdb", "--data", "demo", "--to", "tables.duckdb"),
    "report": ("-m", "zoo_dag", "report", "--data", "demo", "--to", "report.html"),
    "cluster": ("-m", "zoo_dag", "run", "--data", "optics", "--workflow", "3592"),
    "api": ("-c", "from zoo_dag.fetching.api import _client_module; _client_module()"),
    "object-store": ("-c", "from zoo_dag.store.object_store import open_store; open_store('s3://bucket/birds')"),
    "workers": (
        "-c",
        "from pathlib import Path\n"
        "from zoo_dag.dagster.history_problems import explaining_configuration\n"
        "with explaining_configuration(Path()): import dagster_celery, dagster_postgres",
    ),
    "s3": ("-c", "from zoo_dag.inbox.remote import _store; _store('s3://bucket/exports')"),
}


def main(pythons: Sequence[str]) -> None:
    """Build the release, and try it with each Python; ends where something does not work."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sdist, wheel = build(folder)
        for python in pythons:
            for extra in ("", *NEEDING):
                own = folder / f"{Path(python).name}-{extra or 'alone'}"
                own.mkdir()
                attempt(python, f"{wheel}[{extra}]" if extra else str(sdist), extra, own)
                print(f"{python}, {f'wheel with {extra}' if extra else 'sdist alone'}: works", flush=True)


def build(folder: Path) -> tuple[Path, Path]:
    """The sdist and the wheel of HEAD."""
    run(folder, "git", "clone", "--quiet", str(ROOT), "source")
    run(folder, sys.executable, "-m", "venv", "tools")
    run(folder, "tools/bin/pip", "install", "--quiet", "build")
    run(folder, "tools/bin/python", "-m", "build", "--outdir", str(ROOT / "dist"), "source")
    name = f"zoo_dag-{version()}"
    return ROOT / "dist" / f"{name}.tar.gz", ROOT / "dist" / f"{name}-py3-none-any.whl"


def version() -> str:
    """The version that `pyproject.toml` says."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def attempt(python: str, package: str, extra: str, folder: Path) -> None:
    """Install a package with an extra in a new environment, and use it."""
    run(folder, python, "-m", "venv", "new")
    run(folder, "new/bin/pip", "install", "--quiet", package)
    said = run(folder, "new/bin/zoo-dag", "--version")
    expect(said.strip() == f"zoo-dag, version {version()}", said)
    run(folder, "new/bin/zoo-dag", "demo", "--data", "demo")
    shutil.copytree(folder / "demo", folder / "optics")
    with (folder / "optics" / "zoo_dag.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[drawings]\nalgorithm = "optics"\n')
    for needed, arguments in NEEDING.items():
        said = run(folder, "new/bin/python", *arguments, fails=needed != extra)
        expect((f"zoo_dag[{needed}]" in said) == (needed != extra), said)


def run(folder: Path, *command: str, fails: bool = False) -> str:
    """What a command says that is run in a folder, without what the environment says of another zoo_dag."""
    own = ("PYTHONPATH", "ZOO_DAG_DATA", "DAGSTER_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)  # noqa: S603
    said = done.stdout + done.stderr
    expect((done.returncode != 0) == fails, f"{' '.join(command)} ended with {done.returncode}\n{said}")
    return said


def expect(right: bool, said: str) -> None:
    """End with what was said where something is not right."""
    if not right:
        sys.exit(said)


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
