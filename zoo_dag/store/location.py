"""Where the data folder of a project is."""

import os
from pathlib import Path

from zoo_dag.errors import ZooDagError

DATA_VARIABLE = "ZOO_DAG_DATA"
DEFAULT_DATA = "zoo_data"


def find_root(data: str | os.PathLike[str] | None = None) -> Path:
    """The folder `data`, else `$ZOO_DAG_DATA`, else `./zoo_data`, without `..` in its path.

    Raises ZooDagError for a remote URL.
    """
    text = os.fspath(data or os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)
    if "://" in text:
        raise ZooDagError(f"{text}: object stores are not supported yet. Name a folder with --data.")
    path = Path(text).expanduser().absolute()
    # Only then: a folder that is a link keeps the name by which people know it.
    return path.resolve() if ".." in path.parts else path
