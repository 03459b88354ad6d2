"""What is said of a stored file that cannot be read: which one it is, and how to restore its table."""

import errno
import shlex
from pathlib import Path
from typing import NamedTuple

from zoo_dag.errors import AccessError, TableError, system_numbers
from zoo_dag.store.open_files import MOST_FILES, allow_many_files
from zoo_dag.store.working_copy import address
from zoo_dag.tables import Table
from zoo_dag.tables.versions import parse_key

_TOO_MANY = (errno.EMFILE, errno.ENFILE)
_FORBIDDEN = (errno.EACCES, errno.EPERM)


class StoredFile(NamedTuple):
    """The file of a table, or of a partition of it; `data` is the data folder."""

    table: Table
    key: str | None
    path: Path
    data: Path

    @property
    def name(self) -> str:
        """The table and its partition, for messages."""
        return f"{self.table.name} of {self.key}" if self.key else self.table.name


def reading_error(stored: StoredFile, error: Exception) -> TableError:
    """The error for a file that cannot be read: which one, and what to do.

    It is an AccessError where the file may be as it should be, and this process cannot open it.
    """
    numbers = system_numbers(str(error))
    if any(number in _TOO_MANY for number in numbers):
        return AccessError(
            f"{stored.path} cannot be opened: too many files are open. This process may open "
            f"{allow_many_files():,}. Raise that limit, in a shell with `ulimit -n {MOST_FILES}`, and try again."
        )
    if any(number in _FORBIDDEN for number in numbers):
        return AccessError(
            f"{stored.path} may not be read by the user who runs this. Change the permissions of the file, or of "
            "the folders that it is in: `ls -l` shows who may read them."
        )
    return damage_error(stored, error)


def damage_error(stored: StoredFile, error: Exception) -> TableError:
    """The error for a damaged file: which one, and how to restore its table."""
    reason = " ".join(str(error).split())[:120]
    return TableError(f"{stored.path} is damaged and cannot be read ({reason}). {_remedy(stored)}")


def _remedy(stored: StoredFile) -> str:
    table = stored.table
    if table.stage != "raw":
        return f"Delete it, and rebuild it: {zoo_dag_command(stored, 'run')}"
    if stored.key and table.layout:
        version = parse_key(stored.key)
        forget = f"forget {version.workflow_id} --version {version.version}"
        return f"Forget the version, then import the exports again: {zoo_dag_command(stored, forget)}"
    if table.layout:
        again = zoo_dag_command(stored, f"run {table.layout.kind}.csv")
        return f"Delete it, and import the {table.layout.kind} export again: {again}"
    return "Delete it, and import the exports again."


def zoo_dag_command(stored: StoredFile, command: str) -> str:
    """The command line for the project of the file."""
    return f"zoo-dag {command} --data {shlex.quote(address(stored.data))}"
