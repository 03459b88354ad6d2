"""The notebook runs on the demo, and shows what it has stored."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from docs.run_notebook import NOTEBOOK, run_notebook


def stored() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return notebook


def test_the_cells_show_on_the_demo_what_is_stored(
    demo_by_command: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "zoo_demo").symlink_to(demo_by_command)
    # What the notebook sets of Polars ends with this block.
    with pl.Config():
        ran = run_notebook(stored(), tmp_path)
    for before, now in zip(stored()["cells"], ran["cells"], strict=True):
        assert now == before, "run: python docs/run_notebook.py FOLDER"
    assert sum(bool(cell.get("outputs")) for cell in ran["cells"]) >= 10
