"""The output of `zoo-dag fetch --texts`: what was saved, and of which subjects there is no text."""

import shlex

import polars as pl
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import FetchError
from zoo_dag.fetching.texts import fetch_texts, text_addresses
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import FOLDER
from zoo_dag.tables import TABLES
from zoo_dag.wording.printable import printable
from zoo_dag.wording.sentences import counted

_MOST_PROBLEMS = 5


def save_texts(folder: DataFolder, messages: Terminal, output: Terminal) -> None:
    """Save the texts that the imported subjects were shown with, and say what is next.

    Raises FetchError where no subject has a text, and where a host cannot be reached.
    """
    table = TABLES["subjects"]
    if not folder.tables.is_current(table):
        raise FetchError("No subjects. Import the subjects export first: it has the addresses of the texts.")
    rows = folder.tables.scan(table).select("subject_id", "locations").drop_nulls()
    addresses = text_addresses(rows.unique("subject_id", keep="last", maintain_order=True).collect().iter_rows())
    if not addresses:
        n = folder.tables.scan(table).select(pl.col("subject_id").n_unique()).collect().item()
        raise FetchError(
            f"None of {counted(n, 'subjects')} has a text among its media (an address that ends in .txt)."
        )
    columns = (TextColumn("texts"), BarColumn(bar_width=None), MofNCompleteColumn())
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as bar:
        shown = bar.add_task("", total=len(addresses))
        fetched = fetch_texts(
            addresses,
            folder.root / FOLDER,
            folder.settings.fetching,
            lambda done, total: bar.update(shown, completed=done, total=total),
        )
    output.say(f"Saved {counted(fetched.n_saved, 'texts')}; {fetched.n_present:,} were there before.")
    for problem in fetched.problems[:_MOST_PROBLEMS]:
        output.say(printable(problem))
    if len(fetched.problems) > _MOST_PROBLEMS:
        output.say(f"And {len(fetched.problems) - _MOST_PROBLEMS:,} more without a text.")
    output.say(f"Next: {shlex.join(['zoo-dag', 'run', '--data', str(folder.root)])}")
