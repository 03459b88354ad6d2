"""The output of `zoo-dag forget`: what is removed, and the consequences."""

from collections.abc import Iterator

from rich.table import Table as RichTable

from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.whole_tables import print_whole
from zoo_dag.dagster.runs.forgetting import Plan
from zoo_dag.inbox.local import list_files
from zoo_dag.store.data_folder import DataFolder


def show_plan(planned: Plan, folder: DataFolder, console: Terminal, *, is_shared: bool = False) -> None:
    """Print what will be removed, and that the next export brings it back.

    `is_shared` where the history is that of a platform, which has more in it.
    """
    listing = RichTable(title=f"Forgetting {planned.what}", title_justify="left")
    for name in ("table", "files", "rows", "size"):
        listing.add_column(name, justify="left" if name == "table" else "right")
    for going in planned.tables:
        size = f"{going.n_bytes / 1e6:,.2f} MB" if going.files else "some of one file"
        listing.add_row(going.table, str(going.files or ""), f"{going.rows:,}", size)
    print_whole(listing, console)
    for line in _consequences(planned, folder, is_shared=is_shared):
        console.say(line)


def _consequences(planned: Plan, folder: DataFolder, *, is_shared: bool) -> Iterator[str]:
    if planned.versions:
        yield f"Versions to be removed: {', '.join(planned.versions)}."
    if planned.workflow is not None:
        yield "Tables of all versions or workflows together are rebuilt without it."
    yield (
        "Export files are not touched. Exports are cumulative: the next import of one that holds these rows "
        "brings them back."
    )
    waiting = [entry.name for entry in list_files(folder.inbox)]
    if waiting:
        yield f"Exports in the inbox {folder.inbox} are read again with the next import: {', '.join(waiting)}."
    whole = f"stop Dagster and delete {folder.dagster_home}: the next run creates it again"
    single = "delete those runs in the pages of the platform"
    yield (
        "Dagster's records of other runs may still show some of the rows. To remove them too, "
        f"{single if is_shared else whole}."
    )
