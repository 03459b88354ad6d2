"""Lists for the command line: the stored tables, and the content of exports."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from rich.table import Table as RichTable

from zoo_dag.cli.terminal import Terminal
from zoo_dag.cli.whole_tables import print_whole
from zoo_dag.errors import TableError
from zoo_dag.exports.files import shown_names
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.wording.printable import printable
from zoo_dag.wording.sentences import counted

if TYPE_CHECKING:
    from zoo_dag.cli.inspection import Inspection

_SHOWN = 10
_FOUND = 60


class StoredTable(NamedTuple):
    """A stored table: its rows, its partitions (null where it has none), bytes, and when it was last written.

    `problems` name the files that cannot be read, with the reason; their rows are not counted.
    """

    stage: str
    name: str
    rows: int
    versions: int | None
    n_bytes: int
    written: datetime
    problems: list[str]


def list_tables(folder: DataFolder) -> Iterator[StoredTable]:
    """The stored tables, stage by stage."""
    folder.bring_all()
    files = folder.tables
    for table in TABLES.values():
        keys: list[str | None] = [*files.keys(table)] if table.partition else [None]
        stored = {key: files.path(table, key) for key in keys if files.exists(table, key)}
        if stored:
            problems = {key: files.problem(table, key) for key in stored}
            frames = [files.scan(table, key).select(pl.len()) for key in stored if not problems[key]]
            yield StoredTable(
                table.stage,
                table.name,
                sum(rows.item() for rows in pl.collect_all(frames)),
                len(stored) if table.partition else None,
                sum(path.stat().st_size for path in stored.values()),
                datetime.fromtimestamp(max(path.stat().st_mtime for path in stored.values()), UTC),
                [problem for problem in problems.values() if problem],
            )


def show_tables(folder: DataFolder, console: Terminal, messages: Terminal, *, everything: bool = False) -> None:
    """Print the stored tables that have rows, or with `everything` all of them.

    The files that cannot be read are reported on `messages`.

    Raises TableError where there are none: most often the name of the folder is another one.
    """
    stored = list(list_tables(folder))
    if not stored:
        raise TableError(
            f"{folder.address}: there are no tables yet. Name another data folder with --data, or import exports: "
            "zoo-dag run EXPORT…"
        )
    listing = RichTable(
        title=f"Tables in {folder.address}", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for name in ("stage", "table", "rows", "versions", "size", "written (UTC)"):
        listing.add_column(name, justify="right" if name in ("rows", "versions", "size") else "left")
    problems: list[str] = []
    empty = [entry for entry in stored if not (entry.rows or entry.problems)]
    for entry in stored if everything else [entry for entry in stored if entry not in empty]:
        more = f" ({len(entry.problems) - 1} more of {entry.name} like it.)" if len(entry.problems) > 1 else ""
        problems.extend(f"{problem}{more}" for problem in entry.problems[:1])
        listing.add_row(
            entry.stage,
            entry.name,
            f"{entry.rows:,}",
            "" if entry.versions is None else str(entry.versions),
            _size(entry.n_bytes),
            f"{entry.written:%Y-%m-%d %H:%M}",
        )
    print_whole(listing, console)
    if empty and not everything:
        none = f"{counted(len(empty), 'tables')} without rows:"
        messages.say(f"{none} zoo-dag tables --all --data {shlex.quote(folder.address)}")
    for problem in problems:
        messages.say(f"Note: {problem}")


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:,.1f} kB"


def inspection_as_json(inspection: "Inspection") -> dict[str, Any]:
    """The content of exports as plain values."""
    return {
        "files": inspection.imports.select(
            "source_file", "kind", "n_rows", "encoding", "n_quarantined"
        ).to_dicts(),
        "ignored": list(inspection.files.ignored),
        "versions": inspection.versions,
        "quarantine": _by_reason(inspection).to_dicts(),
        "events": list(inspection.events.settings) if inspection.events else [],
    }


def show_inspection(inspection: "Inspection", command: str, console: Terminal) -> None:
    """Print the content of exports, and the command that imports them, if there are any."""
    files = RichTable(title="Exports", title_justify="left")
    for name in ("file", "kind", "rows", "encoding", "unreadable"):
        files.add_column(name)
    names = shown_names(inspection.files.exports)
    for row in inspection.imports.iter_rows(named=True):
        name = names.get(row["sha256"], row["source_file"])
        numbers = f"{row['n_rows']:,}", row["encoding"], f"{row['n_quarantined']:,}"
        files.add_row(printable(name), row["kind"], *numbers)
    print_whole(files, console)
    for problem in inspection.files.ignored:
        console.say(f"Ignored: {problem}")
    if inspection.versions:
        counts = ", ".join(f"{key} ({counted(rows, 'rows')})" for key, rows in inspection.versions.items() if rows)
        console.say(f"Workflow versions: {counts}")
    _show_quarantine(inspection, console)
    _show_events(inspection, console)
    if inspection.files.exports:
        console.say(f"Import them: {command}")


def _show_events(inspection: "Inspection", console: Terminal) -> None:
    """Which fields look like a camera and a time, and the settings to paste."""
    if not inspection.events:
        return
    for sentence in inspection.events.fields:
        console.say(printable(sentence))
    lines = (f"  {printable(line)}" for line in inspection.events.settings)
    console.say_lines(
        "\n".join(("To make events of the pictures, paste into zoo_dag.toml of the data folder:", *lines)), ""
    )


def _show_quarantine(inspection: "Inspection", console: Terminal) -> None:
    if inspection.quarantine.is_empty():
        console.say("Nothing would be quarantined.")
        return
    what = "row or element" if inspection.quarantine.height == 1 else "rows or elements"
    console.say(f"{inspection.quarantine.height:,} {what} would be quarantined:")
    reasons = RichTable()
    for name in ("file", "column", "reason", "how many", "first row", "found"):
        reasons.add_column(name)
    for file, column, reason, count, row, text in _by_reason(inspection).head(_SHOWN).iter_rows():
        cells = (file or "", column, reason, f"{count:,}", row or "", _cut(text or ""))
        reasons.add_row(*map(printable, cells))
    print_whole(reasons, console)


def _cut(text: str) -> str:
    return text if len(text) <= _FOUND else f"{text[: _FOUND - 1]}…"


def _by_reason(inspection: "Inspection") -> pl.DataFrame:
    """What would be quarantined: how many of each reason, with the first row and what was found there."""
    return inspection.quarantine.group_by("source_file", "column", "reason", maintain_order=True).agg(
        pl.len().alias("count"), pl.col("source_row").min(), pl.col("found").first()
    )
