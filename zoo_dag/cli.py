"""The command line: `zoo-dag run`, `demo`, `ui`, `tables`, `export` and `check`."""

import functools
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from zoo_dag import __version__
from zoo_dag.data_folder import DATA_VARIABLE, DataFolder
from zoo_dag.errors import ZooDagError

F = TypeVar("F", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)
_output = Console()
_messages = Console(stderr=True)


def data_option(command: F) -> F:
    """The option that every command has: where the data are."""
    return click.option(
        "--data",
        metavar="DIR",
        help=f"Data folder; default ${DATA_VARIABLE}, else ./zoo_data.",
    )(command)


def tells_errors(command: F) -> F:
    """Print a problem that the user can solve as a sentence, and exit with code 2."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except ZooDagError as error:
            _messages.print(f"Error: {error}", markup=False, highlight=False, soft_wrap=True)
            sys.exit(2)

    return wrapped  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zoo-dag")
def main() -> None:
    """Turn Zooniverse data exports into trustworthy science tables."""


@main.command()
@click.argument("exports", nargs=-1, required=True, type=_PATH)
@data_option
@click.option("--workflow", type=int, metavar="ID", help="Make only the tables of this workflow.")
@click.option("--version", metavar="MAJOR.MINOR", help="Make only the tables of this workflow version.")
@click.option("--replace", is_flag=True, help="The files are the whole truth for the workflows in them.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@tells_errors
def run(
    exports: tuple[Path, ...],
    data: str | None,
    workflow: int | None,
    version: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Import EXPORTS, files or folders, and make every table that they change."""
    from zoo_dag.pipeline import Request  # noqa: PLC0415  (Dagster takes its time to load)

    folder = DataFolder.find(data)
    _run(folder, Request(exports, workflow, version, replace), as_json=as_json)


@main.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@tells_errors
def demo(data: str | None, as_json: bool) -> None:
    """Import a small generated project whose truth is known, and compare."""
    from zoo_dag.demo import write_demo  # noqa: PLC0415
    from zoo_dag.demo.comparison import show_comparison  # noqa: PLC0415
    from zoo_dag.pipeline import Request  # noqa: PLC0415

    folder = DataFolder.find(data)
    exports = folder.root / "demo_exports"
    exports.mkdir(parents=True, exist_ok=True)
    truth = write_demo(exports)
    _run(folder, Request((exports,)), as_json=as_json)
    if not as_json:
        show_comparison(folder, truth, _output)


@main.command()
@data_option
@click.option("--port", default=3000, show_default=True, help="Port of the page.")
@tells_errors
def ui(data: str | None, port: int) -> None:
    """Open Dagster's pages on the same data: lineage, partitions, runs."""
    folder = DataFolder.find(data)
    os.environ["DAGSTER_HOME"] = str(folder.prepare_dagster_home())
    os.environ[DATA_VARIABLE] = str(folder.root)
    # Files of the current folder must not stand in for Dagster's own modules.
    os.environ["PYTHONSAFEPATH"] = "1"
    dagster = shutil.which("dagster", path=sysconfig.get_path("scripts")) or "dagster"
    _messages.print(f"Dagster's pages: http://127.0.0.1:{port} (stop with Ctrl+C)", highlight=False)
    os.execv(dagster, [dagster, "dev", "-w", str(workspace_file()), "-p", str(port), "-h", "127.0.0.1"])


def workspace_file() -> Path:
    """The workspace.yaml that names the code location: of the source tree, else the installed copy."""
    source = Path(__file__).parents[1] / "workspace.yaml"
    return source if source.is_file() else Path(sysconfig.get_path("data")) / "share/zoo_dag/workspace.yaml"


@main.command()
@data_option
@tells_errors
def tables(data: str | None) -> None:
    """List the tables that are there: rows, partitions, size, when."""
    from zoo_dag.listing import list_tables  # noqa: PLC0415

    listing = RichTable(title=f"Tables in {DataFolder.find(data).root}", title_justify="left")
    for name in ("stage", "table", "rows", "versions", "size", "made"):
        listing.add_column(name, justify="right" if name in ("rows", "versions", "size") else "left")
    for entry in list_tables(DataFolder.find(data)):
        listing.add_row(
            entry.stage,
            entry.name,
            f"{entry.rows:,}",
            "" if entry.versions is None else str(entry.versions),
            f"{entry.n_bytes / 1e6:,.2f} MB",
            datetime.fromtimestamp(entry.made, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        )
    _output.print(listing)


@main.command()
@click.argument("tables", nargs=-1, required=True, metavar="TABLE…")
@data_option
@click.option("--workflow", type=int, metavar="ID", help="Only this workflow.")
@click.option("--version", metavar="MAJOR.MINOR", help="Only this workflow version.")
@click.option("--to", "target", required=True, type=_PATH, help="File ending in .csv, .parquet, .xlsx or .ndjson.")
@tells_errors
def export(
    tables: tuple[str, ...], data: str | None, workflow: int | None, version: str | None, target: Path
) -> None:
    """Write TABLE to a file that other programs open; several tables to the sheets of an Excel file."""
    from zoo_dag.exporting import write_tables  # noqa: PLC0415
    from zoo_dag.reading import scan_table  # noqa: PLC0415

    with _messages.status(f"Writing {target}"):
        rows = write_tables({name: scan_table(name, data, workflow, version) for name in tables}, target)
    for name, count in rows.items():
        _messages.print(f"{count:,} rows of {name} in {target}", highlight=False, soft_wrap=True)


@main.command()
@click.argument("exports", nargs=-1, required=True, type=_PATH)
@data_option
@tells_errors
def check(exports: tuple[Path, ...], data: str | None) -> None:
    """Look at EXPORTS without importing them: what is in them, what would be quarantined."""
    from zoo_dag.inspection import inspect_exports  # noqa: PLC0415
    from zoo_dag.listing import show_inspection  # noqa: PLC0415

    with _messages.status("Reading exports"):
        found = inspect_exports(exports, DataFolder.find(data).settings)
    show_inspection(found, _output)


def _run(folder: DataFolder, request: Any, *, as_json: bool) -> None:
    from zoo_dag import pipeline  # noqa: PLC0415
    from zoo_dag.summary import show, summarise  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_messages, transient=True) as bar:
        shown = bar.add_task("Starting", total=None)
        outcome = pipeline.run(
            folder,
            request,
            lambda text, done, steps: bar.update(shown, description=text, completed=done, total=steps),
        )
    summary = summarise(folder, outcome)
    if as_json:
        sys.stdout.write(orjson.dumps(summary.to_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        show(summary, _output)
    if outcome.failures or not summary.balanced:
        sys.exit(1)
