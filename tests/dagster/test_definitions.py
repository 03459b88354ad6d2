"""The code location: quick to load, and complete."""

import os
import subprocess
import sys

import dagster as dg

from zoo_dag.dagster.data_versions import name_of
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

_RARE = ("scipy", "sklearn", "panoptes_client", "zoo_dag.fetching.exports", "zoo_dag.inbox.remote", "xlsxwriter")


def test_loading_the_code_location_leaves_alone_what_is_seldom_needed(tmp_path):
    code = "import sys, zoo_dag.dagster.definitions; print(*sys.modules)"
    environment = os.environ | {"ZOO_DAG_DATA": str(tmp_path)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert set(_RARE) & set(done.stdout.split()) == set()


def test_loading_the_code_location_warns_of_nothing_and_writes_nothing(tmp_path):
    command = [sys.executable, "-W", "always", "-c", "import zoo_dag.dagster.definitions"]
    environment = os.environ | {"ZOO_DAG_DATA": str(tmp_path / "data")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert "zoo_dag" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_every_table_is_an_asset_with_a_group_an_owner_kinds_and_a_description(tmp_path):
    specs = {name_of(spec): spec for spec in build_definitions(DataFolder(tmp_path)).resolve_all_asset_specs()}
    # What was forgotten is written by a command, and by no asset.
    assert set(specs) == set(TABLES) - {"forgotten"}
    for name, spec in specs.items():
        assert spec.group_name == TABLES[name].stage
        assert spec.owners
        assert spec.kinds
        assert spec.description


def test_every_asset_that_is_made_from_others_is_automated(tmp_path):
    for spec in build_definitions(DataFolder(tmp_path)).resolve_all_asset_specs():
        assert (spec.automation_condition is None) == (spec.group_name == "raw"), spec.key


def test_the_definitions_are_loadable(tmp_path):
    dg.Definitions.validate_loadable(build_definitions(DataFolder(tmp_path)))


def test_a_schedule_is_there_when_the_settings_name_a_project_and_a_time(tmp_path):
    def schedules() -> list[str]:
        return [schedule.name for schedule in build_definitions(DataFolder(tmp_path)).schedules or ()]

    assert schedules() == []
    (tmp_path / "zoo_dag.toml").write_text('[fetching]\nproject = 1234\nschedule = "0 5 * * *"\n')
    assert schedules() == ["fetch_daily"]
