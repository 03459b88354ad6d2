"""The commands that write files for people and other programs: `zoo-dag export` and `zoo-dag report`."""

from pathlib import Path

import click

from zoo_dag.cli import interrupts
from zoo_dag.cli.options import data_option, prints_errors
from zoo_dag.cli.terminal import Terminal
from zoo_dag.formats.catalogue import CATALOGUE, help_lines

_PATH = click.Path(path_type=Path)
_messages = Terminal(stderr=True)


@click.command(
    short_help="Write tables to a file for other programs.",
    epilog=f"\b\nFormats (docs/formats.md):\n{help_lines()}",
)
@click.argument("tables", nargs=-1, metavar="[TABLE…]")
@data_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(CATALOGUE)),
    metavar="NAME",
    help="Format of other programs, see below; without it the suffix of the file says the format.",
)
@click.option("--workflow", type=int, metavar="ID", help="Only this workflow.")
@click.option("--version", metavar="MAJOR.MINOR", help="Only this workflow version.")
@click.option("--subject-set", type=int, metavar="ID", help="Only subjects of this set.")
@click.option(
    "--to",
    "target",
    required=True,
    type=_PATH,
    help="File ending in .csv, .parquet, .xlsx or .ndjson; with --format the file or folder of the format.",
)
@click.option(
    "--verbatim", is_flag=True, help="Put no apostrophe before texts in a CSV that a spreadsheet would run."
)
@click.option(
    "--pseudonymise",
    is_flag=True,
    help="Replace names, ids, IP tokens and sessions of volunteers by pseudonyms, the same in every export.",
)
@click.option(
    "--pseudonym-key",
    type=_PATH,
    metavar="FILE",
    help="File with the key of the pseudonyms, made where there is none; default is one in the data folder.",
)
@click.option(
    "--marks",
    type=click.Choice(["pixels", "fractions"]),
    default="pixels",
    show_default=True,
    help="Places and sizes of marks in pixels of the picture, or as fractions of it.",
)
@click.option("--rows-of", metavar="COLUMN", help="A row for each element of this list, such as details.")
@click.option("--hidden-fields", is_flag=True, help="Also fields of the metadata that Zooniverse hides.")
@click.option("--with-json", is_flag=True, help="Metadata, and lists in CSV and Excel, as JSON text in cells.")
@prints_errors
def export(
    tables: tuple[str, ...],
    data: str | None,
    format_name: str | None,
    workflow: int | None,
    version: str | None,
    subject_set: int | None,
    target: Path,
    verbatim: bool,
    pseudonymise: bool,
    pseudonym_key: Path | None,
    marks: str,
    rows_of: str | None,
    hidden_fields: bool,
    with_json: bool,
) -> None:
    """Write TABLE to a file for other programs; several tables to the sheets of an Excel file."""
    from zoo_dag.cli.exporting import Form, export_tables
    from zoo_dag.cli.shaping import Shape
    from zoo_dag.store.scanning import Selection

    if pseudonym_key and not pseudonymise:
        raise click.UsageError("--pseudonym-key needs --pseudonymise.")
    shape = Shape(with_json, hidden_fields, marks == "fractions", rows_of)
    form = Form(verbatim, pseudonymise, pseudonym_key, shape)
    selection = Selection(data, workflow, version, subject_set)
    if format_name:
        from zoo_dag.cli.formats import export_format

        export_format(format_name, tables, selection, target, form)
        return
    if not tables:
        raise click.UsageError("Name a table, or a --format. `zoo-dag tables` lists the tables.")
    export_tables(tables, selection, target, _messages, form)


@click.command(short_help="Write what the tables say as one HTML file with charts.")
@data_option
@click.option("--workflow", type=int, metavar="ID", help="Only this workflow.")
@click.option("--to", "target", required=True, type=_PATH, help="File ending in .html.")
@click.option("--pictures", is_flag=True, help="Show pictures of subjects, not only links; they need the network.")
@prints_errors
def report(data: str | None, workflow: int | None, target: Path, pictures: bool) -> None:
    """Write what the tables say as one HTML file with charts: what came in, who did it, how far they agree.

    The file needs no network and runs nothing, and names no volunteer (docs/report.md).
    """
    from zoo_dag.report.writing import write_report
    from zoo_dag.store.data_folder import DataFolder
    from zoo_dag.store.scanning import explaining_damage
    from zoo_dag.tables import TABLES

    folder = DataFolder.find(data)
    with interrupts.raising_interrupts(), _messages.busy(f"Writing {target}"), explaining_damage(data, TABLES):
        problems = write_report(folder, target, workflow, pictures=pictures)
    for problem in problems:
        _messages.say(f"Note: {problem}")
    _messages.say(f"The report is in {target}")
