"""How many files this process may have open: a query of many partitions keeps each of them open."""

import functools
import importlib
import os
from pathlib import Path

MOST_FILES = 10_000
_OPEN_FILES = Path("/dev/fd")


@functools.cache
def allow_many_files() -> int:
    """Let this process keep more files open than most shells allow: a query keeps one for each partition.

    Returns how many may be open.
    """
    # Windows has no such limit.
    if os.name != "posix":
        return MOST_FILES
    resource = importlib.import_module("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return MOST_FILES if soft == resource.RLIM_INFINITY else int(soft)


def most_kept_open() -> int:
    """How many files the next query may keep open: a fourth of those that this process may still open.

    Each is open twice while the query is made, and other queries need some, too.
    """
    limit = allow_many_files()
    try:
        n_open = len(os.listdir(_OPEN_FILES))
    except OSError:
        # Where the folder is not there, or there is no room to open it.
        n_open = limit if os.name == "posix" and _OPEN_FILES.exists() else 0
    return max(0, limit - n_open) // 4
