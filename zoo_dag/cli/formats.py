"""`zoo-dag export --format`: what was selected, in a format of other programs, as a whole file or folder."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo_dag.cli.exporting import Form, say_pseudonyms
from zoo_dag.cli.shaping import Shape
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import ZooDagError
from zoo_dag.formats.catalogue import CATALOGUE, Format
from zoo_dag.formats.source import Source
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.exporting import whole_file
from zoo_dag.store.pseudonyms import KEY_FILE, Pseudonyms, read_key
from zoo_dag.store.scanning import Selection, explaining_damage
from zoo_dag.store.table_files import table_named

_messages = Terminal(stderr=True)


def export_format(name: str, tables: tuple[str, ...], selection: Selection, target: Path, form: Form) -> None:
    """Write what was selected in a format, and say what was written.

    Raises ZooDagError for a target that does not fit the format, tables that it does not take, and what it needs.
    """
    chosen = CATALOGUE[name]
    _check(chosen, tables, target)
    if form.shape != Shape(as_json=form.shape.as_json):
        raise ZooDagError(f"--marks, --rows-of and --hidden-fields are for tables, not for the format {name}.")
    folder = DataFolder.find(selection.data)
    if not folder.tables.root.is_dir():
        raise ZooDagError(f"There are no tables yet in {folder.tables.root}. Run `zoo-dag run` first.")
    key = form.key or folder.root / KEY_FILE
    pseudonyms = Pseudonyms(read_key(key)) if form.pseudonyms else None
    named = tuple(table_named(table).name for table in tables)
    source = Source(selection, named, pseudonyms, form.verbatim, form.shape.as_json)
    whole = whole_file if chosen.suffixes else _whole_folder
    read = source.names if chosen.of_tables else ()
    with _messages.busy(f"Writing {target}"), explaining_damage(selection.data, read), whole(target) as part:
        if pseudonyms:
            say_pseudonyms({table: selection.scan(table) for table in read}, key, _messages)
        said = chosen.write(source, part)
    for sentence in said:
        _messages.say(sentence.replace(str(part), str(target)))


def _check(chosen: Format, tables: tuple[str, ...], target: Path) -> None:
    if tables and not chosen.of_tables:
        raise ZooDagError(f"The format {chosen.name} takes no tables: leave out {', '.join(tables)}.")
    if chosen.suffixes and target.suffix.lower() not in chosen.suffixes:
        raise ZooDagError(f"{target}: expected a name ending in {' or '.join(chosen.suffixes)}.")


@contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    """A hidden folder that becomes the target at the end, so that a folder of this name is always whole.

    Raises ZooDagError, before any of the work is done, where something is there already, or nothing can be.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        if target.is_dir() and any(target.iterdir()):
            raise ZooDagError(
                f"{target}: this folder is not empty, and nothing in it is overwritten. Remove it, or name "
                "another one with --to."
            )
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        raise ZooDagError(
            f"{target}: cannot be written ({error.strerror}). Name another folder with --to."
        ) from None
    try:
        yield part
        if target.is_dir():
            target.rmdir()
        os.replace(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
