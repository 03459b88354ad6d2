"""Where the data folder of a project is."""

import os
from pathlib import Path

DATA_VARIABLE = "ZOO_DAG_DATA"
DEFAULT_DATA = "zoo_data"


def find_root(data: str | os.PathLike[str] | None = None) -> Path:
    """The folder `data`, else `$ZOO_DAG_DATA`, else `./zoo_data`, without `..` in its path.

    For the URL of an object store it is the working copy of this process, as the store is now. Raises StoreError
    where the store cannot be used.
    """
    text = os.fspath(data or os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)
    if "://" in text:
        from zoo_dag.store.working_copy import open_copy  # noqa: PLC0415  (most data are on a disk)

        return open_copy(text).root
    path = Path(text).expanduser().absolute()
    # Only then: a folder that is a link keeps the name by which people know it.
    return path.resolve() if ".." in path.parts else path
