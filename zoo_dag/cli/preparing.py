"""Preparing a data folder for a command that writes into it."""

from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import ZooDagError
from zoo_dag.inbox.local import InboxError, make_inbox
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.working_files import remove_left_over_temporary


def prepare(folder: DataFolder) -> list[str]:
    """Create the data folder and its inbox where there are none; returns what the user should know.

    What killed processes left there, and in the folder for temporary files, is removed.
    Without an inbox a command goes on: only files that are copied there would not be imported. Raises ZooDagError
    where the folder cannot be written, and SettingsError where the settings have a problem.
    """
    inbox = folder.inbox
    folder.prepare()
    folder.remove_left_over()
    folder.bring_all()
    remove_left_over_temporary()
    try:
        make_inbox(inbox)
    except InboxError as error:
        return [str(error)]
    return []


def prepared(data: str | None, messages: Terminal) -> DataFolder:
    """The data folder of a command, ready to be written; what the user should know is printed as notes."""
    folder = DataFolder.find(data)
    for note in prepare(folder):
        messages.say(f"Note: {note}")
    return folder


def require_disk(folder: DataFolder, command: str) -> None:
    """Raise ZooDagError for a command that cannot work on a project in an object store."""
    if folder.copy:
        raise ZooDagError(
            f"{folder.address}: zoo-dag {command} needs a data folder on a disk, not an object store."
        )
