"""The output of a fetch on the command line: a line for each step, progress bars, and at the end the files."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from zoo_dag.cli.progress_bars import Description
from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.whole_tables import print_whole
from zoo_dag.fetching.exports import Fetched
from zoo_dag.fetching.exports import Progress as Report
from zoo_dag.wording.printable import printable


@contextmanager
def fetch_bars(console: Terminal) -> Iterator[Report]:
    """A line for each step of each export, from its request to its file; yields the callback for `fetch_exports`.

    A terminal also has a progress bar for each export.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[export]}"),
        BarColumn(bar_width=None),
        Description(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        shown: dict[str, TaskID] = {}
        steps: dict[str, str] = {}

        def report(name: str, text: str, done: int, total: int | None) -> None:
            if name not in shown:
                shown[name] = bars.add_task("", total=None, export=name)
            description = f"{text} {_amount(done, total)}" if done else text
            if steps.get(name) != text:
                size = f" ({_amount(total, total)})" if total else ""
                console.say(f"{name}: {text}{size}")
                steps[name] = text
            bars.update(shown[name], description=description, completed=done, total=total)

        yield report


def show_fetched(fetched: Sequence[Fetched], data: str, console: Terminal) -> None:
    """Print the downloaded files with size and age, and the command that imports them."""
    files = Table(title="Exports", title_justify="left")
    for name in ("file", "size", "finished (UTC)", "age"):
        files.add_column(name, justify="right" if name == "size" else "left")
    now = datetime.now(UTC)
    for each in fetched:
        finished, age = f"{each.finished_at:%Y-%m-%d %H:%M}", _age(now - each.finished_at)
        files.add_row(printable(each.path.name), _amount(each.n_bytes, None), finished, age)
    print_whole(files, console)
    for each in fetched:
        if each.note:
            console.say(f"{each.export.name}: {each.note}")
    inbox = fetched[0].path.parent
    command = shlex.join(["zoo-dag", "run", str(inbox), "--data", data])
    console.say(f"Next: {command}")


def _amount(done: int, total: int | None) -> str:
    largest = total or done
    unit, size = next((each for each in (("GB", 10**9), ("MB", 10**6)) if largest >= each[1]), ("kB", 1000))
    of_all = f" of {total / size:,.1f}" if total is not None and total != done else ""
    return f"{done / size:,.1f}{of_all} {unit}"


def _age(age: timedelta) -> str:
    """A time span in the largest suitable unit: `3 hours`."""
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        # Below two of a unit, the smaller one is more precise.
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} seconds"
