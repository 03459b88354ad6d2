"""Pitfalls of Dagster and Polars that zoo_dag runs into by its nature."""

import shutil
import tomllib
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import yaml

from tests.builders import write_export
from tests.dagster_project import votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.partitions import registered
from zoo_dag.exports.files import find_exports
from zoo_dag.exports.splitting import split_classifications
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES

ROOT = Path(__file__).parents[2]


def explode(_: pl.DataFrame) -> pl.DataFrame:
    raise RuntimeError("the query fails after some rows")


def test_a_failing_query_keeps_the_previous_good_table(tmp_path):
    files, table = TableFiles(tmp_path), TABLES["accounting"]
    files.publish(table, table.empty().lazy(), {"data_version": "good"})
    good = files.path(table).read_bytes()
    with pytest.raises(Exception, match="the query fails"):
        files.publish(table, table.empty().lazy().map_batches(explode), {"data_version": "bad"})
    assert files.path(table).read_bytes() == good
    assert [path.name for path in tmp_path.iterdir()] == ["accounting.parquet"]


def test_a_version_with_many_row_groups_loses_no_row(tmp_path):
    rows = [row for start in range(0, 70_000, 7) for row in votes("3.2", ["Yes"] * 7, start)]
    export = tmp_path / "classifications.csv"
    write_export(export, rows)
    parts, _ = split_classifications(find_exports([export]).exports[0], tmp_path / "staging")
    assert pl.scan_parquet(parts["10-v3.2"]).select(pl.len()).collect().item() == 70_000


def test_a_task_type_that_nobody_used_has_an_empty_table_with_all_its_columns(built_projects):
    folder = built_projects.of_rows(votes("3.2", ["Yes"], 1)).folder
    stored = folder.tables.scan(TABLES["survey_annotations"], "10-v3.2").collect()
    assert stored.height == 0
    assert stored.schema == TABLES["survey_annotations"].dtypes


def test_stored_tables_have_a_fixed_order_and_versions_never_pass_through_a_float(import_rows, folder):
    rows = [row for number in range(200) for row in votes("1.10", ["No", "Yes"], 1 + 2 * number)]
    outcome = import_rows(rows + votes("1.1", ["No"], 500))
    assert outcome.versions == ["10-v1.1", "10-v1.10"]
    answers = folder.tables.scan(TABLES["question_annotations"], "10-v1.10").collect()
    assert answers["classification_id"].is_sorted()
    consensus = folder.tables.scan(TABLES["question_consensus"], "10-v1.10").collect()
    assert consensus.select("task", "subject_ids", "rank").rows() == sorted(
        consensus.select("task", "subject_ids", "rank").rows()
    )


def test_partitions_and_history_outlive_the_process(demo_by_command, tmp_path, monkeypatch):
    data = DataFolder(Path(shutil.copytree(demo_by_command, tmp_path / "data")))
    monkeypatch.setenv("DAGSTER_HOME", str(data.dagster_home))
    with dg.DagsterInstance.get() as instance:
        assert registered(instance) == data.versions()
        assert instance.get_materialized_partitions(dg.AssetKey("question_consensus")) == {*data.versions()}
    assert "enabled: false" in (data.dagster_home / "dagster.yaml").read_text()


def test_workspace_yaml_and_pyproject_name_the_same_code_location():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (location,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert location["python_module"] == {
        "module_name": project["code_location_target_module"],
        "location_name": project["code_location_name"],
    }


def test_all_partitioned_assets_of_the_graph_have_one_backfill_policy(built_projects):
    built = built_projects.of_rows(votes("3.2", ["Yes"], 1) + votes("3.9", ["No"], 2))
    assert built.outcome.failures == []
    folder = built.folder
    assert folder.tables.keys(TABLES["question_consensus"]) == ["10-v3.2", "10-v3.9"]
    graph = build_definitions(folder).resolve_asset_graph()
    built = [node for node in graph.asset_nodes if node.is_materializable and node.partitions_def]
    # Dagster runs assets together only where their policies are equal. A report is written in a run of its own.
    policies = {node.key.to_user_string(): node.backfill_policy for node in built}
    assert policies.pop("report") is None
    assert len(set(policies.values())) == 1
