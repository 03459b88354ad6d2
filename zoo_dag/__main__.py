"""The command `zoo-dag`, which `python -m zoo_dag` is too."""

import sys
from io import TextIOWrapper

from zoo_dag.cli.interrupts import end_at_interrupt
from zoo_dag.cli.permissions import restrict_new_files


def start() -> None:
    """Run a command. Ctrl+C ends it with a sentence and code 130, also while its libraries are loaded."""
    end_at_interrupt()
    restrict_new_files()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows few letters gets escapes for the others, not an error.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    from zoo_dag.cli.main import main  # noqa: PLC0415  (an interrupt may come while it is loaded)

    main(prog_name="zoo-dag")


if __name__ == "__main__":
    start()
