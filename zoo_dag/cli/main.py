"""The command line: `zoo-dag run`, `demo`, `ui`, `fetch`, `forget`, `tables`, `export`, `ask` and `check`.

A command imports what it needs when it is called: `--help` loads neither Polars nor Dagster, and only the commands
that run assets load Dagster.
"""

import atexit
import gc
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo_dag import __version__
from zoo_dag.cli import interrupts
from zoo_dag.cli.ask import ask
from zoo_dag.cli.export import export, report
from zoo_dag.cli.fetch import fetch
from zoo_dag.cli.options import data_option, json_option, prints_errors
from zoo_dag.cli.terminal import Terminal, as_json
from zoo_dag.errors import ZooDagError
from zoo_dag.wording.printable import printable

if TYPE_CHECKING:
    pass

_PATH = click.Path(path_type=Path)
_output = Terminal()
_messages = Terminal(stderr=True)


def _print_json(value: object) -> None:
    click.echo(as_json(value))


class _Commands(click.Group):
    """The commands; a shell may put any file name where an option is expected, which the error then quotes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command of the context."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise click.UsageError(printable(error.format_message()), error.ctx) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="zoo-dag")
def main() -> None:
    """Turn Zooniverse data exports into trustworthy science tables."""
    # Modules and tables are many objects that stay. Searching them for garbage as often as by default is a third
    # of the time that Dagster takes to load, and a tenth of a long run. At the end there is nothing to free.
    # Dagster is loaded before the first search: it is 400,000 objects.
    gc.set_threshold(500_000, 50, 50)
    atexit.register(gc.freeze)


@main.command(short_help="Import exports, and build every table that they change.")
@click.argument("exports", nargs=-1, type=_PATH)
@data_option
@click.option("--workflow", type=int, metavar="ID", help="Build only the tables of this workflow.")
@click.option("--version", metavar="MAJOR.MINOR", help="Build only the tables of this workflow version.")
@click.option("--replace", is_flag=True, help="Replace everything imported before for the workflows in the files.")
@click.option("--all", "everything", is_flag=True, help="Show all versions and messages, not only what changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@prints_errors
def run(
    exports: tuple[Path, ...],
    data: str | None,
    workflow: int | None,
    version: str | None,
    replace: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """Import EXPORTS, files or folders, and build every table that they change.

    Without EXPORTS, rebuild what is stale: after an upgrade, new settings, or damage to a file.
    """
    from zoo_dag.cli.running import run_request
    from zoo_dag.dagster.runs.requests import Request
    from zoo_dag.store.data_folder import DataFolder

    folder = DataFolder.find(data)
    request = Request(exports, workflow, version, replace)
    run_request(
        folder, request, _output, _messages, "json" if as_json else "everything" if everything else "changes"
    )


@main.command(short_help="Import a small generated project, and compare with its truth.")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@prints_errors
def demo(data: str | None, as_json: bool) -> None:
    """Import a small generated project, and compare the results with its known truth."""
    from zoo_dag.cli.preparing import prepared, require_disk
    from zoo_dag.cli.running import run_request
    from zoo_dag.dagster.runs.requests import Request
    from zoo_dag.demo import write_demo, write_settings
    from zoo_dag.demo.comparison import show_comparison
    from zoo_dag.store.data_folder import DataFolder

    folder = prepared(data, _messages)
    require_disk(folder, "demo")
    exports = folder.root / "demo_exports"
    exports.mkdir(parents=True, exist_ok=True)
    truth = write_demo(exports)
    write_settings(folder.root)
    # A folder reads its settings once, and did so before they were written.
    folder = DataFolder(folder.root)
    run_request(folder, Request((exports,)), _output, _messages, "json" if as_json else "changes")
    if not as_json:
        show_comparison(folder, truth, _output)


@main.command()
@data_option
@click.option("--port", default=3000, show_default=True, help="Port of the pages.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where the pages listen. Whoever reaches them can do everything: they have no login.",
)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A name under which they are opened, such as that of a web server in front of them; can be repeated.",
)
@prints_errors
def ui(data: str | None, port: int, host: str, names: tuple[str, ...]) -> None:
    """Open Dagster's pages on the same data: lineage, partitions, runs."""
    from zoo_dag.cli.pages import serve
    from zoo_dag.cli.preparing import prepared

    sys.exit(serve(prepared(data, _messages), host, port, names, _messages))


@main.command()
@data_option
@click.option("--all", "everything", is_flag=True, help="Also tables without rows.")
@json_option
@prints_errors
def tables(data: str | None, everything: bool, as_json: bool) -> None:
    """List the stored tables that have rows: rows, partitions, size, time."""
    from zoo_dag.cli.listing import list_tables, show_tables
    from zoo_dag.store.data_folder import DataFolder

    folder = DataFolder.find(data)
    if as_json:
        _print_json([entry._asdict() for entry in list_tables(folder)])
    else:
        show_tables(folder, _output, _messages, everything=everything)


for _command in (ask, export, fetch, report):
    main.add_command(_command)


@main.command(short_help="Inspect exports without importing them.")
@click.argument("exports", nargs=-1, required=True, type=_PATH)
@data_option
@json_option
@prints_errors
def check(exports: tuple[Path, ...], data: str | None, as_json: bool) -> None:
    """Inspect EXPORTS without importing them: what they contain, and what would be quarantined."""
    from zoo_dag.cli.inspection import inspect_exports
    from zoo_dag.cli.listing import inspection_as_json, show_inspection
    from zoo_dag.store.data_folder import DataFolder

    folder = DataFolder.find(data)
    with interrupts.raising_interrupts(), _messages.busy("Reading exports"):
        inspection = inspect_exports(exports, folder.settings)
    if as_json:
        _print_json(inspection_as_json(inspection))
    else:
        command = shlex.join(["zoo-dag", "run", *map(str, exports), "--data", folder.address])
        show_inspection(inspection, command, _output)


@main.command(short_help="Remove a workflow or a version from the tables.")
@click.argument("workflow", type=int, required=False)
@data_option
@click.option("--version", metavar="MAJOR.MINOR", help="Only this version of the workflow.")
@click.option("--all", "everything", is_flag=True, help="Forget all workflows, and all records of imports.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option(
    "--name",
    default="",
    help="What the project is called on the Dagster of a platform, in whose history it is forgotten too: that in "
    "DAGSTER_HOME.",
)
@prints_errors
def forget(
    workflow: int | None,
    data: str | None,
    version: str | None,
    everything: bool,
    dry_run: bool,
    yes: bool,
    name: str,
) -> None:
    """Remove everything of WORKFLOW from the tables: its versions, subjects, definitions and quarantined rows.

    Export files stay as they are. Exports are cumulative: importing one that holds the rows, the next one of the
    project or the same one again, brings them back.
    """
    from zoo_dag.cli.forgetting import show_plan
    from zoo_dag.cli.running import deployment_of, progress
    from zoo_dag.dagster.runs.forgetting import forget, plan
    from zoo_dag.store.data_folder import DataFolder
    from zoo_dag.store.scanning import wanted_version

    if everything == (workflow is not None) or (everything and version):
        raise click.UsageError("Name one workflow, optionally with --version, or use --all.")
    folder = DataFolder.find(data)
    folder.bring_all()
    planned = plan(folder, workflow, wanted_version(version))
    show_plan(planned, folder, _output, is_shared=bool(name))
    if dry_run:
        return
    if not yes:
        if not sys.stdin.isatty():
            raise ZooDagError("Nothing was forgotten: there is no terminal to confirm on. Use --yes to forget it.")
        click.confirm("Forget this?", abort=True, err=True)
    with progress(_messages) as show_progress, deployment_of(folder, name) as deployment:
        outcome = forget(deployment, planned, show_progress)
        folder.forget_what_was()
    _output.say(f"Forgotten: {planned.what}.")
    for failure in outcome.failures:
        _output.say(f"Failed: {failure}", "red")
    if outcome.failures:
        sys.exit(1)
