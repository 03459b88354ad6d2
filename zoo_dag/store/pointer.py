"""The pointer of a project in an object store: which object is the content of which file of the data folder.

Objects are never replaced: new content is a new object, with the hash of the content in its name. The pointer is
the one object that is replaced, and only on the condition that nobody else has replaced it. So a reader who has it
knows a state of all files, and no listing is needed.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

import orjson

from zoo_dag.errors import OvertakenError, ZooDagError

POINTER = "pointer.json"
_FORMAT = 1


class Content(NamedTuple):
    """The content of a file: the object that it is in, and its size in bytes."""

    name: str
    n_bytes: int

    @property
    def sha256(self) -> str:
        """The hash of the content. The rest of the name is new for each object, so that no name is used again."""
        return self.name.partition("-")[0]


class Pointer(NamedTuple):
    """The files of a project, by their paths in the data folder.

    `generation` counts the saves, `n_forgotten` how often rows were forgotten.
    """

    files: Mapping[str, Content]
    generation: int = 0
    n_forgotten: int = 0

    def to_json(self) -> bytes:
        """The pointer as it is stored."""
        files = {path: [*content] for path, content in self.files.items()}
        stored = {
            "format": _FORMAT,
            "generation": self.generation,
            "n_forgotten": self.n_forgotten,
            "files": files,
        }
        return orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)

    @property
    def objects(self) -> set[str]:
        """The names of the objects that it names."""
        return {content.name for content in self.files.values()}


EMPTY = Pointer({})


def parse_pointer(stored: bytes, url: str) -> Pointer:
    """The pointer that was stored. Raises ZooDagError for anything else."""
    try:
        fields = orjson.loads(stored)
        is_known = fields["format"] == _FORMAT
        files = {path: Content(str(name), int(size)) for path, (name, size) in fields["files"].items()}
        pointer = Pointer(files, int(fields["generation"]), int(fields["n_forgotten"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ZooDagError(f"{url}: {POINTER} is damaged, or not of zoo_dag ({error}).") from error
    if not is_known:
        raise ZooDagError(f"{url}: {POINTER} was written by a later version of zoo_dag. Install that one.")
    for path, content in files.items():
        inside = PurePosixPath(path)
        if inside.is_absolute() or ".." in inside.parts or not content.name.replace("-", "").isalnum():
            raise ZooDagError(f"{url}: {POINTER} is damaged: it names the file {path!r}.")
    return pointer


def merged(base: Pointer, changed: Mapping[str, Content | None], theirs: Pointer, url: str) -> Pointer:
    """The newest pointer, `theirs`, with the files that were changed since `base`; None is a removed one.

    Raises OvertakenError where others changed one of these files since, or forgot rows.
    """
    overtaken = [path for path, mine in changed.items() if not _fits(base, path, mine, theirs)]
    if overtaken or base.n_forgotten != theirs.n_forgotten:
        more = f" and {len(overtaken) - 1} other files were" if len(overtaken) > 1 else " was"
        what = f"{min(overtaken)}{more} changed" if overtaken else "rows were forgotten"
        raise OvertakenError(
            f"{url}: {what} by another process meanwhile. What this one made of the earlier state is not saved. "
            "Run the command again."
        )
    files = {path: content for path, content in theirs.files.items() if path not in changed}
    # Others may have made the same.
    for path, mine in changed.items():
        there = theirs.files.get(path)
        content = there if there and mine and there.sha256 == mine.sha256 else mine
        if content:
            files[path] = content
    if files == theirs.files:
        return theirs
    return Pointer(files, theirs.generation + 1, theirs.n_forgotten)


def _fits(base: Pointer, path: str, mine: Content | None, theirs: Pointer) -> bool:
    before, there = base.files.get(path), theirs.files.get(path)
    return there == before or (there and there.sha256) == (mine and mine.sha256)
