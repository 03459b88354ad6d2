"""Steps that save in an object store what they write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.object_stores import Store
from zoo_dag.dagster import build_definitions
from zoo_dag.dagster.metadata import describe
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.resources import saved
from zoo_dag.errors import SettingsError
from zoo_dag.store import object_store as object_stores
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.object_store import open_store
from zoo_dag.store.working_copy import WorkingCopy, close_copies, open_copy
from zoo_dag.tables import TABLES


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


def test_sensors_follow_the_settings_in_the_store_and_the_files_that_given_ones_name(
    object_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_DAG_CACHE", str(tmp_path / "here"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    # The waits between the tries take seconds.
    monkeypatch.setitem(object_stores._RETRIES, "max_retries", 0)
    url = object_store.new_url()
    store = open_store(url)
    store.put("zoo_dag.toml", b"[exclusion]\nrepeats = 1\n")
    found = []
    try:
        definitions = build_definitions(url, "penguins")
        problem = f"{url}/zoo_dag.toml: unknown setting exclusion.repeats"
        assert f"**Nothing can be built: {problem}" in (definitions.resolve_all_asset_specs()[0].description or "")
        with dg.DagsterInstance.ephemeral() as instance:
            for settings in (None, b"[exclusion]\nrepeat = 'last'\n"):
                if settings:
                    store.put("zoo_dag.toml", settings)
                context = dg.build_sensor_context(instance, definitions=definitions)
                evaluated: Any = definitions.resolve_sensor_def("penguins__automation")(context)
                found.append(evaluated.skip_reason.skip_message)
            with object_store.spoiled(lambda _: 503):
                context = dg.build_sensor_context(instance, definitions=definitions)
                assert definitions.resolve_sensor_def("penguins__old_runs")(context) is not None
        assert found[0].startswith(problem)
        assert found[1] == "Nothing is stale."

        store.put("comments.csv", b"comment_id")
        given = build_definitions(url, "penguins", {"talk": {"comments": "comments.csv"}})
        opened = given.resources["penguins__project"](dg.build_init_resource_context()).folder
        assert (opened.root / "comments.csv").read_bytes() == b"comment_id"
        # The file of the working copy is gone when this process ends.
        table = TABLES["imports"]
        opened.tables.publish(table, table.empty().lazy(), {})
        assert "path" not in describe(opened.tables, table, None)
        with pytest.raises(SettingsError, match=rf"^{url}/zoo_dag\.toml: the definitions"):
            _ = opened.settings
    finally:
        close_copies()
