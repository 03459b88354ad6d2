"""The code location: quick to load, and complete."""

import os
import subprocess
import sys
from datetime import timedelta

import dagster as dg

from tests.dagster_project import instance_of
from zoo_dag.dagster.assets.declaration import name_of
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.errors import SettingsError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

_RARE = (
    "altair",
    "vl_convert",
    "scipy",
    "sklearn",
    "panoptes_client",
    "zoo_dag.fetching.exports",
    "zoo_dag.inbox.remote",
    "xlsxwriter",
)


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
    # What was forgotten is written by a command, and by no asset. The report is no table.
    assert set(specs) == set(TABLES) - {"forgotten"} | {"report"}
    for name, spec in specs.items():
        assert spec.group_name == (TABLES[name].stage if name in TABLES else "report")
        assert spec.owners
        assert spec.kinds
        assert spec.description


def test_every_table_that_is_built_from_others_is_built_by_the_job_of_its_partitions(tmp_path):
    definitions = build_definitions(DataFolder(tmp_path))
    jobs = {
        None: ("import_exports", "row_accounting"),
        "workflow_version": ("one_version",),
        "workflow": ("pooled_only",),
    }
    for name, table in TABLES.items():
        if table.stage != "raw":
            building = [job for job in jobs[table.partition] if dg.AssetKey(name) in selected(definitions, job)]
            assert len(building) == 1, name


def test_the_report_is_built_by_no_job_so_that_nobody_needs_its_extra(tmp_path):
    definitions = build_definitions(DataFolder(tmp_path))
    jobs = [job.name for job in definitions.jobs or ()]
    assert jobs
    assert not [job for job in jobs if dg.AssetKey("report") in selected(definitions, job)]


def selected(definitions: dg.Definitions, job: str) -> set[dg.AssetKey]:
    return set(definitions.resolve_job_def(job).asset_layer.executable_asset_keys)


def test_a_typo_in_the_settings_is_shown_on_every_asset_and_fails_every_run_until_it_is_corrected(tmp_path):
    folder = DataFolder(tmp_path)
    (tmp_path / "zoo_dag.toml").write_text('[exclusion]\nrepeats = "all"\n')
    definitions = build_definitions(folder)
    for spec in definitions.resolve_all_asset_specs():
        assert "unknown setting exclusion.repeats; did you mean exclusion.repeat?" in spec.description
    with instance_of(folder) as instance:
        job = definitions.resolve_job_def("import_exports")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        (failure,) = step_failures(result.all_events)
        assert failure.error is SettingsError
        assert "did you mean exclusion.repeat?" in failure.sentence
        (tmp_path / "zoo_dag.toml").write_text('[exclusion]\nrepeat = "all"\n')
        assert job.execute_in_process(instance=instance, raise_on_error=False).success


def test_the_raw_classifications_are_stale_by_time_as_the_settings_say(tmp_path):
    def window() -> object:
        specs = build_definitions(DataFolder(tmp_path)).resolve_all_asset_specs()
        (spec,) = [spec for spec in specs if spec.key.path == ["raw_classifications"]]
        return spec.freshness_policy and spec.freshness_policy.fail_window.to_timedelta()

    assert window() == timedelta(days=30)
    (tmp_path / "zoo_dag.toml").write_text("[checks]\nstale_after_days = 2\n")
    assert window() == timedelta(days=2)
    (tmp_path / "zoo_dag.toml").write_text("[checks]\nstale_after_days = 0\n")
    assert window() is None


def test_partitions_that_are_selected_in_the_pages_share_runs_as_the_settings_say(tmp_path):
    (tmp_path / "zoo_dag.toml").write_text("[backfills]\npartitions_per_run = 7\n")
    policies = {
        name_of(node): node.backfill_policy
        for node in build_definitions(DataFolder(tmp_path)).resolve_asset_graph().asset_nodes
        if node.is_materializable and node.partitions_def
    }
    # A report is one file for people: each has a run, and a link.
    assert policies.pop("report") is None
    partitioned = {table.name for table in TABLES.values() if table.partition}
    assert policies.keys() <= partitioned
    assert {
        "classifications",
        "question_consensus",
        "pooled_question_consensus",
        "subject_summary",
    } <= policies.keys()
    assert set(policies.values()) == {dg.BackfillPolicy.multi_run(7)}


def test_the_definitions_are_loadable(tmp_path):
    dg.Definitions.validate_loadable(build_definitions(DataFolder(tmp_path)))


def test_a_schedule_is_there_when_the_settings_name_a_project_and_a_time(tmp_path):
    def schedules() -> list[str]:
        return [schedule.name for schedule in build_definitions(DataFolder(tmp_path)).schedules or ()]

    assert schedules() == []
    (tmp_path / "zoo_dag.toml").write_text('[fetching]\nproject = 1234\nschedule = "0 5 * * *"\n')
    assert schedules() == ["fetch_daily"]
