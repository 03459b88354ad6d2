"""`zoo-dag export`: tables as files for other programs, those with columns of the project with a key of these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from zoo_dag.cli.interrupts import raising_interrupts
from zoo_dag.cli.shaping import Shape, shaped
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import ExportError, LimitError
from zoo_dag.exports.cells import EXCEL_LETTERS
from zoo_dag.exports.files import identify
from zoo_dag.formats.column_keys import OF_TASKS, SUMMARY, has_key, keys_of
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.exporting import FLAT, Written, write_tables
from zoo_dag.store.flat_tables import flat_lists
from zoo_dag.store.pseudonyms import Pseudonyms, read_key
from zoo_dag.store.scanning import Selection, explaining_damage
from zoo_dag.store.workbooks import MOST_EXACT, Change
from zoo_dag.tables import TABLES
from zoo_dag.task_types.summary_key import KEY
from zoo_dag.wording.sentences import counted, listed


@dataclass(frozen=True)
class Form:
    """How tables are written: texts that a spreadsheet would run as they are, volunteers under pseudonyms.

    `key` is the file with the key of the pseudonyms; one of the data folder where none is named.
    """

    verbatim: bool = False
    pseudonyms: bool = False
    key: Path | None = None
    shape: Shape = field(default_factory=Shape)


def export_tables(
    names: tuple[str, ...], selection: Selection, target: Path, messages: Terminal, form: Form = Form()
) -> None:
    """Write tables to a file, and say how many rows; and besides the key of columns that depend on the project.

    Raises ExportError where the file is an export of Zooniverse, and ZooDagError where the key of the pseudonyms
    cannot be read.
    """
    # A raw table has all of its cells, and looks like an export.
    if not all(name.startswith("raw_") for name in names):
        keep_exports(target)
    beside = target.with_name(f"{target.stem}_columns{target.suffix}")
    has_sheets = target.suffix.lower() == ".xlsx"
    if not has_sheets and has_key(names, as_json=form.shape.as_json):
        _keep_others(beside)
    with raising_interrupts(), messages.busy(f"Writing {target}"), explaining_damage(selection.data, names):
        frames = {name: selection.scan(name) for name in names}
        folder = DataFolder.find(selection.data)
        if form.pseudonyms:
            file = folder.pseudonyms_key(form.key)
            pseudonyms = Pseudonyms(read_key(file))
            say_pseudonyms(frames, file, messages)
            frames = {name: pseudonyms.replace(frame, TABLES[name]) for name, frame in frames.items()}
        tables, said = {}, []
        for name, frame in frames.items():
            is_flat = target.suffix.lower() in FLAT
            tables[name], sentences = shaped(name, frame, form.shape, folder.tables, is_flat=is_flat)
            said += sentences
        keys = {name: key.lazy() for name, key in keys_of(folder.tables, selection.workflow, tables).items()}
        frames = {name: table.frame for name, table in tables.items()}
        if has_sheets:
            _say(write_tables({**frames, **keys}, target), target, messages)
        else:
            _say(write_tables(frames, target, verbatim=form.verbatim), target, messages)
        for name, key in keys.items() if not has_sheets else ():
            _say(write_tables({name: key}, beside, verbatim=form.verbatim), beside, messages)
        for sentence in said:
            messages.say(sentence)
    of_tasks = any(name in OF_TASKS for name in names)
    workflows = folder.tables.select_keys(TABLES[SUMMARY], selection.workflow, None) if of_tasks else []
    if len(workflows) > 1:
        messages.say(
            f"Note: the columns of tasks, such as T0_…, are of other tasks in each of the workflows "
            f"{listed(workflows)}. For a file of one of them: --workflow {workflows[0]}"
        )


def export_answer(name: str, rows: pl.LazyFrame, target: Path, messages: Terminal) -> None:
    """Write rows that are no stored table to a file. Raises what `export_tables` raises."""
    keep_exports(target)
    written = flat_lists(rows) if target.suffix.lower() in FLAT else rows
    with raising_interrupts():
        _say(write_tables({name: written}, target), target, messages)


def say_pseudonyms(frames: Mapping[str, pl.LazyFrame], file: Path, messages: Terminal) -> None:
    """Say which columns of tables get pseudonyms, what is empty or as it was, and in which file their key is."""
    for name, frame in frames.items():
        table, columns = TABLES[name], frame.collect_schema().names()
        replaced = table.identifying(columns)
        quoted = [column for column, identity in replaced.items() if identity == "quoted"]
        named = [column for column in replaced if column not in quoted]
        messages.say(f"Pseudonyms in {name}: {', '.join(named)}." if named else f"No pseudonyms in {name}.")
        if quoted:
            messages.say(f"Empty in {name}, since names may be in it: {', '.join(quoted)} of classifications.")
        added = sorted(set(columns) - set(table.columns)) if table.layout else []
        if added:
            messages.say(f"Written as they are: columns that somebody added to the export: {listed(added)}.")
    messages.say(f"Their key is {file}: whoever has it can find out who is who.")


def keep_exports(target: Path) -> None:
    """Raises ExportError where the file is an export of Zooniverse.

    Whoever writes classifications.csv in the folder of their exports would lose it.
    """
    if not target.is_file():
        return
    try:
        identify(target)
    # One beyond the limits is an export too.
    except LimitError:
        pass
    except ExportError:
        return
    raise ExportError(f"{target}: this is an export of Zooniverse, and is not overwritten. Name another file.")


def _keep_others(beside: Path) -> None:
    """Raises ExportError where a file is in the place of the key that is no earlier key."""
    if beside.is_file() and not all(name.encode() in beside.read_bytes() for name in KEY.names()):
        raise ExportError(
            f"{beside}: the key of the columns would be written here, and there is another file. Move it, or name "
            "another file with --to."
        )


def _say(written: Mapping[str, Written], target: Path, messages: Terminal) -> None:
    for name, table in written.items():
        messages.say(f"{counted(table.n_rows, 'rows')} of {name} in {target}")
        for change in table.changes:
            messages.say(_changed(f"{name}.{change.column}", change))
        for column, n_cells in table.n_neutral.items():
            messages.say(
                f"Apostrophe in front: {counted(n_cells, 'cells')} of {name}.{column}, which a spreadsheet would "
                "run as formulas. --verbatim writes them as they are."
            )


def _changed(column: str, change: Change) -> str:
    """What was changed in a column for Excel, and why; the other formats hold it as it is."""
    number = counted(change.n_cells, "cells")
    cells = f"{number} of {column}"
    match change.how:
        case "cut":
            text = f"Cut: {cells} at {EXCEL_LETTERS:,} letters, since a cell of Excel holds no more."
            return f"{text} CSV, Parquet and NDJSON hold them whole."
        case "escaped":
            return (
                f"Escapes: {cells} with control characters such as carriage returns, which Excel writes as "
                "_x000D_; other programs may read these escapes otherwise."
            )
        case "not a number":
            return f"Empty: {cells} are infinite or no number, which Excel does not have."
        case "numbers as text":
            return f"As text: {column}, since Excel rounds numbers beyond {MOST_EXACT:,}: {number}."
        case "times as text":
            return f"As text: {column}, since Excel has no times before March 1900: {number}."
