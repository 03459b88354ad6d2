"""Whether the settings changed since the definitions were loaded from them."""

import os
from collections.abc import Callable
from pathlib import Path


class SettingsWatch:
    """Loads the definitions again where the settings file was written, replaced or removed."""

    def __init__(self, file: Path, reload: Callable[[], None]) -> None:
        """Watch this file, which need not exist; the definitions are loaded after this."""
        self._file, self._reload = file, reload
        self._loaded = self._state()

    def look(self) -> None:
        """Look at the file once."""
        state = self._state()
        if state != self._loaded:
            # Before loading: what is written in the meantime is loaded the next time.
            self._loaded = state
            self._reload()

    def _state(self) -> tuple[int, ...] | None:
        try:
            stat = os.stat(self._file)
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
