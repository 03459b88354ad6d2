"""Which files a run may import that was started in the pages, where anybody may name them."""

from collections.abc import Iterable
from pathlib import Path

from zoo_dag.inbox.local import InboxError
from zoo_dag.settings.importing import Importing


def require_allowed(paths: Iterable[Path], data: Path, settings: Importing) -> None:
    """Raise InboxError where a path is not in the inbox of the data folder, nor in a folder of the settings.

    A link counts as what it points to. The file is not looked at: the sentence does not say whether it exists.
    """
    allowed = [(data / folder).resolve() for folder in (settings.inbox, *settings.folders)]
    for path in paths:
        if not any(path.resolve().is_relative_to(folder) for folder in allowed):
            raise InboxError(
                f"{path}: runs of the pages import files of the inbox, and of the folders that the setting "
                "importing.folders names. Add its folder there, copy the file into the inbox, or import it with "
                "zoo-dag run."
            )
