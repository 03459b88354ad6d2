"""One history for one data folder: two that share `$DAGSTER_HOME` would mix their partitions and their runs."""

from pathlib import Path

from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder

_FILE = "data_folder"


def require_own_home(folder: DataFolder) -> None:
    """Record in Dagster's folder whose it is, where it lies outside of the data folder.

    Raises ZooDagError where it is that of another data folder. One that is not there any more was moved.
    """
    home, root = folder.dagster_home, folder.machine.resolve()
    if home.resolve().is_relative_to(root):
        return
    record = home / _FILE
    owner = Path(record.read_text(encoding="utf-8")) if record.is_file() else None
    if owner is not None and owner != root and owner.is_dir():
        raise ZooDagError(
            f"DAGSTER_HOME={home} holds the history of the data folder {owner}. Each data folder needs a history "
            f"of its own: unset DAGSTER_HOME, or set it to another folder, for {root}."
        )
    if owner != root:
        home.mkdir(parents=True, exist_ok=True)
        record.write_text(str(root), encoding="utf-8")
