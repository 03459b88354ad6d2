"""What Dagster's history, its configuration and the disk below them raise, as sentences that say what to do.

The tables do not need the history: where it is damaged, it can be put aside, and the next command creates another.
"""

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as db

from zoo_dag.errors import HistoryError

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_FULL = "SQLITE_FULL"
_CONFIG = "dagster.yaml"
_OF_WORKERS = ("dagster_celery", "dagster_postgres")
# SQLite needs this much for the files beside a database; less is as good as nothing.
_LEAST_FREE_BYTES = 1 << 18
_MOST_LETTERS = 300


def require_usable_path(home: Path) -> None:
    """Raise HistoryError where SQLite, which is opened by an address, would open another file than this one."""
    text = str(home)
    if "?" in text or unquote(text) != text:
        raise HistoryError(
            f"{home}: Dagster cannot keep its history in a folder whose path has a ?, or a % before two digits. "
            "Rename the folder, or let the variable DAGSTER_HOME name another one."
        )


@contextmanager
def explaining_history(home: Path) -> Iterator[None]:
    """Raise HistoryError where the history in Dagster's folder `home` cannot be read or written in the block."""
    try:
        yield
    except db.exc.DBAPIError as error:
        raise HistoryError(_of_database(home, error)) from error
    except Exception as error:
        if not _is_of_postgres(error):
            raise
        raise HistoryError(_of_server(home, error.__cause__ or error)) from error


@contextmanager
def explaining_configuration(home: Path) -> Iterator[None]:
    """Raise HistoryError where Dagster cannot use its `dagster.yaml`: it raises errors of many kinds."""
    try:
        yield
    except (OSError, db.exc.DBAPIError):
        raise
    except Exception as error:
        if _is_of_postgres(error):
            raise
        if package := _missing_package(error):
            raise HistoryError(
                f'{home / _CONFIG} needs the package {package}. Install it with: pip install "zoo_dag[workers]"'
            ) from error
        raise HistoryError(
            f"{home / _CONFIG}: Dagster cannot use this file ({_in_one_line(error)}). Correct it, or delete it: "
            "the next command writes it as it was at first."
        ) from error


def _is_of_postgres(error: BaseException) -> bool:
    """Whether Dagster gave up, because PostgreSQL did not answer. The class is of an extra."""
    return type(error).__module__.startswith("dagster_postgres.")


def _missing_package(error: BaseException | None) -> str | None:
    """The package of the extra `workers` that is not installed, if the error is about one."""
    while error is not None:
        package = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and package in _OF_WORKERS:
            return package.replace("_", "-")
        error = error.__cause__ or error.__context__
    return None


def _of_server(home: Path, error: BaseException) -> str:
    """The sentence for a server; the text of the error begins with that of the driver, in several lines."""
    cause = getattr(error, "orig", None) or error
    return (
        f"Dagster's history in PostgreSQL cannot be used ({_in_one_line(cause)}). Look at the server, and at its "
        f"address in {home / _CONFIG}, and run the command again. Stored tables are complete."
    )


def _of_database(home: Path, error: db.exc.DBAPIError) -> str:
    cause = error.orig
    if type(cause).__module__.startswith("psycopg2"):
        return _of_server(home, error)
    name = getattr(cause, "sqlite_errorname", "")
    where = f"{home}: Dagster's history"
    if name.startswith(_DAMAGED):
        move = shlex.join(["mv", str(home / "history"), str(home / "schedules"), "FOLDER"])
        return (
            f"{where} is damaged ({cause}). The tables do not need it. Stop the pages and other commands, and "
            f"move it into another folder: {move}. The next command creates it again."
        )
    if name == _FULL or _free_bytes(home) < _LEAST_FREE_BYTES:
        return f"{where} cannot be written: its disk is full ({cause}). Make room, and run the command again."
    return (
        f"{where} cannot be read or written ({cause}). Look at the permissions of the folder and its files, and "
        "whether their disk is there."
    )


def _free_bytes(home: Path) -> int:
    return shutil.disk_usage(home).free if home.is_dir() else _LEAST_FREE_BYTES


def _in_one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
