"""`dagster dev`, which ends with the process that started it, however that one ends.

Its standard input is a pipe of that process. The system closes the pipe when the process is gone, also when it was
killed: otherwise the daemon would go on without the lock that keeps it from being there twice.
"""

import os
import signal
import sys
from threading import Thread


def main() -> None:
    """Run the command of Dagster until it ends by itself, or standard input does."""
    Thread(target=_interrupt_at_the_end_of_input, daemon=True).start()
    from dagster._cli import main as dagster  # noqa: PLC0415  (the pipe may close while it is loaded)

    dagster()


def _interrupt_at_the_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    # To the process, as the terminal does: that also wakes it from a pause.
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
