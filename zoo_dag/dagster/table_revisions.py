"""The revisions of Dagster's tables, read once.

Before Dagster creates or opens a file of its history it asks Alembic for the newest revision, several times. For
each answer Alembic reads ninety small files: most of what creating the three files of a history takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from alembic.config import Config
from alembic.script import ScriptDirectory

_lock = RLock()
# By the place of the revisions.
_known: dict[str | None, ScriptDirectory] = {}


@contextmanager
def read_once() -> Iterator[None]:
    """In this block Alembic reads revisions only where this process has not read them before."""
    # Alembic has no setting for it, and Dagster none for the revisions that it gives Alembic.
    with _lock:
        own, read = vars(ScriptDirectory)["from_config"], ScriptDirectory.from_config

        def known(config: Config) -> ScriptDirectory:
            place = config.get_main_option("script_location")
            if place not in _known:
                _known[place] = read(config)
            return _known[place]

        ScriptDirectory.from_config = known  # type: ignore[method-assign]
        try:
            yield
        finally:
            ScriptDirectory.from_config = own  # type: ignore[method-assign]
