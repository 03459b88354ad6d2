"""What the exporter itself made of stored annotations: the golden file beside the project."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import workflow_row
from tests.task_types.samples import flat


@pytest.fixture(scope="session")
def golden(shared_data: Path) -> dict[str, Any]:
    """Stored annotations and their exported form, by the exporter; its tests are skipped elsewhere."""
    file = shared_data.parent / "docs" / "formatter_golden.json"
    if not file.is_file():
        pytest.skip(f"no golden file at {file}")
    return dict(json.loads(file.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def golden_rows(golden: dict[str, Any]) -> Callable[..., dict[str, list[tuple[Any, ...]]]]:
    """Columns of the rows of each golden case of a task, by the name of the case.

    Cases for which the exporter fails cannot occur in an export, and are left out.
    """
    workflow = workflow_row(tasks=golden["tasks"], strings=golden["strings"])

    def golden_rows(table: str, task: str, *columns: str) -> dict[str, list[tuple[Any, ...]]]:
        return {
            case["name"]: flat([case["exported"]], workflows=[workflow]).tables[table].select(columns).rows()
            for case in golden["cases"]
            if case["stored"]["task"] == task and "exported" in case
        }

    return golden_rows
