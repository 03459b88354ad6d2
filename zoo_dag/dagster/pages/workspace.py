"""The code location of a data folder, named like the folder: it distinguishes several tabs of a browser.

Dagster keeps the cursors and switches of sensors and schedules under this name. So it is given once, at the first
start of the pages, and stays when the folder is renamed. Pages that were opened before keep the name they had.
"""

import json
import re
from pathlib import Path

from zoo_dag.store.data_folder import DataFolder

_FILE = "workspace.yaml"
_EARLIER_NAME = "zoo_dag"
# Dagster's addresses join names with @ and /.
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def workspace_file(folder: DataFolder, *, is_first_start: bool) -> Path:
    """The file in Dagster's folder that names the code location, written where there is none.

    `is_first_start` says whether the pages of this history were never opened before.
    """
    file = folder.dagster_home / _FILE
    if not file.is_file():
        name = _NOT_IN_NAMES.sub("_", Path(folder.address).resolve().name) if is_first_start else _EARLIER_NAME
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_content(name or _EARLIER_NAME), encoding="utf-8")
    return file


def _content(name: str) -> str:
    # A text of JSON is one of YAML.
    return (
        "load_from:\n"
        "  - python_module:\n"
        "      module_name: zoo_dag.dagster.definitions\n"
        f"      location_name: {json.dumps(name)}\n"
    )
