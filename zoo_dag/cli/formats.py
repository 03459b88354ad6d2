"""`zoo-dag export --format`: what was selected, in a format of other programs, as a whole file or folder."""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from zoo_dag.cli.exporting import Form, keep_exports, say_pseudonyms
from zoo_dag.cli.interrupts import raising_interrupts
from zoo_dag.cli.shaping import Shape
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import ZooDagError, explaining_full_disk
from zoo_dag.formats.catalogue import CATALOGUE, Format
from zoo_dag.formats.source import Source
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.exporting import part_beside, whole_file
from zoo_dag.store.pseudonyms import Pseudonyms, read_key
from zoo_dag.store.scanning import Selection, explaining_damage
from zoo_dag.store.table_files import table_named

_messages = Terminal(stderr=True)


def export_format(name: str, tables: tuple[str, ...], selection: Selection, target: Path, form: Form) -> None:
    """Write what was selected in a format, and say what was written.

    Raises ZooDagError for a target that does not fit the format, tables that it does not take, and what it needs,
    and ExportError where the target is an export of Zooniverse.
    """
    chosen = CATALOGUE[name]
    _check(chosen, tables, target)
    keep_exports(target)
    if form.shape != Shape(as_json=form.shape.as_json):
        raise ZooDagError(f"--marks, --rows-of and --hidden-fields are for tables, not for the format {name}.")
    folder = DataFolder.find(selection.data)
    if not folder.tables.root.is_dir():
        raise ZooDagError(f"There are no tables yet in {folder.tables.name}. Run `zoo-dag run` first.")
    key = folder.pseudonyms_key(form.key) if form.pseudonyms else None
    pseudonyms = Pseudonyms(read_key(key)) if key else None
    named = tuple(table_named(table).name for table in tables)
    source = Source(selection, named, pseudonyms, form.verbatim, form.shape.as_json)
    whole = whole_file if chosen.suffixes else whole_folder
    read = source.names if chosen.of_tables else ()
    with (
        raising_interrupts(),
        _messages.busy(f"Writing {target}"),
        explaining_damage(selection.data, read),
        whole(target) as part,
    ):
        if key:
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
def whole_folder(target: Path) -> Iterator[Path]:
    """A hidden folder that becomes the target at the end, so that a folder of this name is always whole.

    Raises ZooDagError, before any of the work is done, where something is there already, or nothing can be, and
    at the end where somebody else has put something there in the meantime.
    """
    with ExitStack() as stack:
        try:
            _require_place(target)
            part = stack.enter_context(part_beside(target))
            part.mkdir()
        except OSError as error:
            raise _not_written(target, error) from None
        with explaining_full_disk(target.parent, f"{target}: ", ", or name another folder with --to."):
            yield part
            try:
                if target.is_dir():
                    target.rmdir()
                os.replace(part, target)
            except OSError as error:
                raise _not_written(target, error) from None


def _require_place(target: Path) -> None:
    """Raises where the target is neither new nor an empty folder that another one can take the place of."""
    place = Path(os.path.realpath(target))
    if place in (here := Path.cwd(), *here.parents):
        raise ZooDagError(f"{target}: this is the folder that you are in, or above it. Name a new one with --to.")
    if target.is_dir() and any(target.iterdir()):
        raise ZooDagError(
            f"{target}: this folder is not empty, and nothing in it is overwritten. Remove it, or name another "
            "one with --to."
        )
    if place.is_mount():
        raise ZooDagError(f"{target}: here another disk begins. Name a new folder in it with --to.")
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _not_written(target: Path, error: OSError) -> ZooDagError:
    return ZooDagError(f"{target}: cannot be written ({error.strerror}). Name another folder with --to.")
