"""Steps that save in an object store what they write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.object_stores import Store
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.resources import saved
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.working_copy import WorkingCopy, close_copies, open_copy


def write(copy: WorkingCopy, text: str) -> None:
    file = copy.root / "reports" / "11.html"
    file.parent.mkdir(exist_ok=True)
    # It may be a link.
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_step_that_others_overtook_is_repeated_with_what_they_saved(
    object_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_DAG_CACHE", str(tmp_path / "here"))
    url, found = object_store.new_url(), list[list[str]]()
    here, there = open_copy(url), WorkingCopy(url, tmp_path / "there")

    @saved
    def step(context: dg.AssetExecutionContext, project: Project) -> Iterator[Any]:
        found.append([path.read_text(encoding="utf-8") for path in project.folder.reports.glob("*")])
        write(here, f"try {len(found)}")
        if len(found) == 1:
            write(there, "of another machine")
            there.save()
        yield dg.MaterializeResult("report")

    try:
        assets = dg.multi_asset(specs=[dg.AssetSpec("report")])(Project(DataFolder(here.root)).given_to(step))
        assert dg.materialize([assets]).success
        there.update()
        assert found == [[], ["of another machine"]]
        assert (there.root / "reports" / "11.html").read_text(encoding="utf-8") == "try 2"
    finally:
        there.close()
        close_copies()
