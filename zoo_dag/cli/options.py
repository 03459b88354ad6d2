"""Options that several commands have, and how a command ends that meets a problem."""

import errno
import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from zoo_dag.cli import interrupts
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import ZooDagError, disk_problem
from zoo_dag.store.location import DATA_VARIABLE

F = TypeVar("F", bound=Callable[..., Any])

# What somebody with rights or room can solve; everything else is a fault of ours.
_OF_THE_DISK = (errno.EACCES, errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS)
_messages = Terminal(stderr=True)


def data_option(command: F) -> F:
    """The option of every command for the data folder."""
    return click.option(
        "--data",
        metavar="DIR",
        help=f"Data folder, or s3://bucket/prefix; default ${DATA_VARIABLE}, else ./zoo_data.",
    )(command)


def json_option(command: F) -> F:
    """The option of every listing for programs that read it."""
    return click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")(command)


def prints_errors(command: F) -> F:
    """Print a problem that the user can solve as a sentence, and exit with code 2; after Ctrl+C with code 130."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        try:
            return command(*args, **options)
        except ZooDagError as error:
            _messages.say(f"Error: {error}")
            for line in error.lines:
                _messages.say(line)
            sys.exit(2)
        except OSError as error:
            if error.errno not in _OF_THE_DISK:
                raise
            where = f"{error.filename}: " if error.filename else ""
            problem = f"Error: {where}{error.strerror}. Look at the room on the disk and the permissions there."
            _messages.say(problem)
            sys.exit(2)
        # Polars has no classes for what the system says.
        except Exception as error:
            reason = disk_problem(str(error))
            if reason is None:
                raise
            _messages.say(f"Error: {reason}, and run the command again.")
            sys.exit(2)
        except KeyboardInterrupt:
            _messages.say(interrupts.sentence())
            sys.exit(interrupts.CODE)

    return wrapped  # type: ignore[return-value]
