"""`zoo-dag fetch`: what the command takes. What it prints is in `zoo_dag.cli.fetching`."""

from typing import TYPE_CHECKING

import click

from zoo_dag.cli import interrupts
from zoo_dag.cli.options import data_option, prints_errors
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import FetchError

if TYPE_CHECKING:
    from zoo_dag.tables.layouts import Kind

# Those of `zoo_dag.tables.layouts`, which loads Polars.
KINDS = ("classifications", "subjects", "workflows")
_output = Terminal()
_messages = Terminal(stderr=True)


@click.command()
@click.argument("project", required=False)
@data_option
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Only this export; can be repeated.",
)
@click.option(
    "--workflow",
    "workflows",
    type=click.IntRange(1),
    multiple=True,
    metavar="ID",
    help="Classifications of this workflow, not of the whole project; can be repeated.",
)
@click.option(
    "--subject-set",
    "subject_sets",
    type=click.IntRange(1),
    multiple=True,
    metavar="ID",
    help="Classifications of this subject set, not of the whole project; can be repeated.",
)
@click.option("--no-wait", is_flag=True, help="Download the exports that exist; request none and wait for none.")
@click.option("--texts", is_flag=True, help="Save the texts that volunteers were given, of the imported subjects.")
@prints_errors
def fetch(
    project: str | None,
    data: str | None,
    kinds: "tuple[Kind, ...]",
    workflows: tuple[int, ...],
    subject_sets: tuple[int, ...],
    no_wait: bool,
    texts: bool,
) -> None:
    """Download the exports of PROJECT from Zooniverse into the inbox.

    PROJECT is the id, the name owner/name or the address of the project; default is what the section [fetching]
    says. The login is read from PANOPTES_USERNAME and PANOPTES_PASSWORD. A fetch that was stopped goes on where it
    was when it is called again.
    """
    from zoo_dag.cli.fetching import fetch_bars, show_fetched
    from zoo_dag.cli.preparing import prepared, require_disk
    from zoo_dag.fetching.exports import KINDS as ALL_KINDS
    from zoo_dag.fetching.exports import FetchRequest, fetch_exports
    from zoo_dag.fetching.resources import parts_of_project

    if texts and (kinds or workflows or subject_sets or no_wait):
        raise click.UsageError("--texts saves the texts of all imported subjects, and takes no option but --data.")
    folder = prepared(data, _messages)
    options = folder.settings.fetching
    if texts:
        require_disk(folder, "fetch --texts")
        from zoo_dag.cli.fetching_texts import save_texts

        save_texts(folder, _messages, _output)
        return
    wanted = project or options.project
    if wanted is None:
        raise FetchError("No project. Name one, such as zoo-dag fetch 1234, or set `project` in [fetching].")
    parts = parts_of_project(workflows, subject_sets)
    if parts and kinds and "classifications" not in kinds:
        raise click.UsageError("--workflow and --subject-set choose classifications: add --kind classifications.")
    if not (project or parts):
        parts = parts_of_project(options.workflows, options.subject_sets)
    _messages.say(f"Project {wanted}: signing in to Zooniverse")
    with interrupts.raising_interrupts(), fetch_bars(_messages) as report:
        request = FetchRequest(
            wanted,
            folder.inbox,
            folder.downloads,
            kinds or ALL_KINDS,
            parts,
            ask=not no_wait,
            limits=folder.limits,
        )
        fetched = fetch_exports(request, options, report)
    show_fetched(fetched, folder.address, _output)
