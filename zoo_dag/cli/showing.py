"""The summary of a run on the terminal: what changed, or that nothing did, and what still stands."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.measure import Measurement
from rich.table import Table as RichTable

from zoo_dag.cli.summary import Summary, VersionSummary, left_out_by_workflow
from zoo_dag.cli.terminal import Terminal
from zoo_dag.wording.printable import printable
from zoo_dag.wording.sentences import counted, percent, ratio

# All lines of a run that changed nothing; the messages of one that did.
_LINES = 12
_MESSAGES = 24
# The letters of a message that are read before something is done about it.
_LONGEST = 640
# What is kept of what was found, however long the advice is.
_SHORTEST = 200
_COLUMNS = ("version", "read", "new", "quarantined", "left out", "counted")
_Line = tuple[str, str]


def show(summary: Summary, console: Terminal, *, everything: bool = False) -> None:
    """Print a summary for people: the versions that changed, or with `everything` all, and all messages."""
    shown = [version for version in summary.versions if everything or version.is_changed]
    if shown:
        _show_table([_row(version) for version in shown] + _sums_of(shown, summary.versions), console)
    lines = [*_what_changed(summary, shown), *_what_to_do(summary)]
    failures = [(f"Failed: {printable(failure)}", "red") for failure in summary.failures]
    notes = [(f"Note: {note}", "") for note in summary.notes]
    messages = [
        *_warnings(summary, whole=everything),
        *(notes if everything else [_cut(*note, summary) for note in notes]),
    ]
    room = _MESSAGES if shown else _LINES - len(lines) - len(failures)
    kept = messages if everything else _fitting(messages, room, summary)
    for text, style in [*lines, *kept, *failures]:
        # A terminal breaks a line where it must; a line break of ours would end up in what is pasted.
        console.say_lines(text, style)


def _row(version: VersionSummary) -> list[str]:
    return _cells(version.key, [version])


def _sums_of(shown: Sequence[VersionSummary], versions: Sequence[VersionSummary]) -> list[list[str]]:
    """The rows below those of the versions: the unchanged ones together, and the total."""
    keys = {version.key for version in shown}
    others = [version for version in versions if version.key not in keys]
    unchanged = [_cells(f"{len(others):,} unchanged", others)] if others else []
    return [*unchanged, _cells("total", versions)] if len(versions) > 1 else unchanged


def _cells(name: str, versions: Sequence[VersionSummary]) -> list[str]:
    quarantined, left_out, counts = (
        sum(getattr(version, column) for version in versions) for column in ("quarantined", "left_out", "counted")
    )
    return [
        name,
        f"{sum(version.read_in_run for version in versions):,}",
        f"{sum(version.new_rows for version in versions):,}",
        f"{quarantined:,}",
        _with_share(left_out, left_out + counts),
        f"{counts:,}",
    ]


def _with_share(part: int, total: int) -> str:
    return f"{part:,} ({percent(ratio(part, total))})" if part else "0"


def _show_table(rows: list[list[str]], console: Terminal) -> None:
    """The rows as a table; where the terminal is too narrow for it, each as a line. No name is cut."""
    table = RichTable(
        title="Classifications by workflow version",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "version" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    if len(rows) > 1 and rows[-1][0] == "total":
        table.rows[-2].end_section = True
    wide = console.options.update(max_width=10_000)
    width = Measurement.get(console, wide, table).maximum
    if not console.is_terminal:
        # The lines of a file may be of any length.
        console = Terminal(file=console.file, width=max(width, console.width))
    if width <= console.width:
        console.print(table)
        return
    console.say(table.title)
    for name, *cells in rows:
        numbers = ", ".join(f"{column} {cell}" for column, cell in zip(_COLUMNS[1:], cells, strict=True))
        console.say(f"  {name}: {numbers}")


def _what_changed(summary: Summary, shown: Sequence[VersionSummary]) -> Iterator[_Line]:
    versions = summary.versions
    read = [f"{printable(file['file'])} ({counted(file['rows'], 'rows')})" for file in summary.files_read]
    removed = [f"{key} ({counted(rows, 'rows')})" for key, rows in summary.removed.items()]
    if removed or any(version.is_changed for version in versions):
        rebuilt = sum(version.recomputed for version in versions)
        yield f"{counted(rebuilt, 'versions')} rebuilt, {len(versions) - rebuilt:,} unchanged.", ""
    elif versions:
        _, _, _, *numbers = _cells("", versions)
        columns = ("quarantined", "left out", "counted")
        standing = ", ".join(f"{number} {column}" for number, column in zip(numbers, columns, strict=True))
        yield f"Nothing changed in {counted(len(versions), 'versions')}: {standing}.", ""
        if "pooled" in summary.stages:
            yield "Tables of whole workflows were rebuilt: settings or other exports have changed.", ""
    if removed:
        yield f"Removed: {', '.join(removed)}.", ""
    if read:
        yield f"Read: {', '.join(read)}.", ""
    if shown:
        workflows = {version.workflow_id for version in shown}
        for workflow, reasons in left_out_by_workflow(versions).items():
            if workflow in workflows:
                yield f"Left out of workflow {workflow}: {_reasons(workflow, reasons, versions)}", ""


def _reasons(workflow: int, reasons: dict[str, int], versions: Sequence[VersionSummary]) -> str:
    total = sum(each.left_out + each.counted for each in versions if each.workflow_id == workflow)
    return ", ".join(
        f"{number:,} {reason} ({percent(ratio(number, total))})" for reason, number in reasons.items()
    )


def _what_to_do(summary: Summary) -> Iterator[_Line]:
    if summary.rows_without_version:
        rows = counted(summary.rows_without_version, "rows")
        yield f"{rows} without a readable workflow or version: quarantined.", ""
    elements = sum(version.elements_quarantined for version in summary.versions)
    if elements:
        yield f"{counted(elements, 'elements')} of annotations quarantined.", ""
    # Tables of an earlier run may be stored, or none.
    done = "Not everything could be built: see below." if summary.failures else "All sums match."
    yield (done, "") if summary.balanced else ("The sums do not match.", "red")
    if summary.versions:
        yield f"Where each row went: {summary.command('export accounting quarantine')} --to accounting.xlsx", ""
    yield f"Tables: {summary.data}/tables", ""
    yield f"Inspect them: {summary.command('ui')}", ""


def _warnings(summary: Summary, *, whole: bool) -> Iterator[_Line]:
    standing = {(check.asset, check.check) for check in summary.standing}
    others = [check for check in summary.warnings if (check.asset, check.check) not in standing]
    for warning in [*(check for check in summary.standing if not check.is_error), *others]:
        text = f"Warning: {printable(warning)}"
        yield (text, "yellow") if whole else _cut(text, "yellow", summary, printable(warning.advice))


def _fitting(messages: Sequence[_Line], room: int, summary: Summary) -> list[_Line]:
    """The first messages, and how to see the others, on so many lines."""
    if sum(_height(text) for text, _ in messages) <= room:
        return list(messages)
    kept: list[_Line] = []
    for text, style in messages:
        # Two lines for how to see the others.
        if sum(_height(each) for each, _ in kept) + _height(text) > room - 2:
            break
        kept.append((text, style))
    more = counted(len(messages) - len(kept), "more warnings and notes")
    return [*kept, (f"{more}:\n  {summary.command('run --all')}", "")]


def _cut(text: str, style: str, summary: Summary, end: str = "") -> _Line:
    """A message, a long one without what stands between its beginning and its end, and how to see the rest.

    The `end` says what to do, and is kept whole.
    """
    # What is to be pasted stands on lines of its own.
    if "\n" in text or len(text) <= _LONGEST:
        return text, style
    found = text.removesuffix(end).rstrip()
    room = max(_LONGEST - len(end), _SHORTEST)
    if len(found) > room:
        found = f"{found[:room].rpartition(' ')[0].rstrip(',;:')} …"
        end = f"{end}\nAll of it: {summary.command('run --all')}"
    return f"{found} {end}".replace(" \n", "\n"), style


def _height(text: str) -> int:
    return text.count("\n") + 1
