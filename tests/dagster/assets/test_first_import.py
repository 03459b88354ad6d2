"""From an empty folder to consensus, and what is rebuilt when more exports come."""

from datetime import UTC, datetime

import dagster as dg
import polars as pl
import pytest

import zoo_dag
from tests.builders import write_export
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import instance_of, materializations, run_all, runs_of, votes
from zoo_dag.dagster import partitions
from zoo_dag.dagster.assets.consensus import parameters_metadata
from zoo_dag.dagster.data_versions import stale_tables
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.event_tags import range_tags
from zoo_dag.dagster.recipes import recipes
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.task_types.declaration import Aggregated

PARTITIONED = ["tasks", "classifications", *FLATTENED, "question_consensus", "version_accounting"]


SMALL = votes("3.2", ["Yes", "Yes", "No"], 1)
TWO_VERSIONS = votes("3.2", ["Yes"], 1) + votes("3.10", ["Yes"], 2)
# The versions not in their order.
THREE_WORKFLOWS = [
    *votes("3.10", ["No"] * 5, 20),
    *votes("3.9", ["Yes", "No", "No"], 10),
    *votes("3.2", ["Yes"], 1),
    *votes("1.1", ["No"], 50, workflow=9),
    *votes("1.1", ["No"], 60, workflow=100),
]


@pytest.fixture
def small(built_projects: BuiltProjects) -> BuiltProject:
    return built_projects.of_rows(SMALL)


@pytest.fixture
def two_versions(built_projects: BuiltProjects) -> BuiltProject:
    return built_projects.of_rows(TWO_VERSIONS)


@pytest.fixture
def three_workflows(built_projects: BuiltProjects) -> BuiltProject:
    return built_projects.of_rows(THREE_WORKFLOWS)


@pytest.fixture(scope="module")
def longer(built_projects: BuiltProjects, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, Outcome]:
    """Two versions, and then an export with more rows of one of them and with a version between them."""
    place = tmp_path_factory.mktemp("longer")
    folder = built_projects.of_rows(TWO_VERSIONS).copy(DataFolder(place / "data"))
    rows = TWO_VERSIONS + votes("3.10", ["No", "No"], 10) + votes("3.9", ["No"], 20)
    return folder, run_all(folder, Request((write_export(place / "longer.csv", rows),)))


def winners(folder, version: str) -> list[tuple]:
    consensus = zoo_dag.scan("question_consensus", folder.root, version=version)
    return consensus.select("answer", "votes", "rank").sort("rank").collect().rows()


def test_a_first_import_works_in_one_go_although_no_partition_exists_before_it(small):
    assert small.outcome.failures == []
    assert small.outcome.changed == ["10-v3.2"]
    assert winners(small.folder, "3.2") == [("Yes", 2, 1), ("No", 1, 2)]


def test_partitions_are_registered_in_the_order_of_integers(three_workflows):
    with instance_of(three_workflows.folder) as instance:
        expected = ["9-v1.1", "10-v3.2", "10-v3.9", "10-v3.10", "100-v1.1"]
        assert partitions.registered(instance) == expected


def test_a_version_between_known_ones_is_registered_between_them_and_keeps_their_history(longer):
    folder, _ = longer
    with instance_of(folder) as instance:
        assert partitions.registered(instance) == ["10-v3.2", "10-v3.9", "10-v3.10"]
        assert instance.get_materialized_partitions(dg.AssetKey("question_consensus")) == {
            "10-v3.2",
            "10-v3.9",
            "10-v3.10",
        }


def test_a_longer_export_runs_only_the_versions_that_changed(longer):
    folder, outcome = longer
    assert outcome.changed == ["10-v3.9", "10-v3.10"]
    assert winners(folder, "3.10") == [("No", 2, 1), ("Yes", 1, 2)]
    with instance_of(folder) as instance:
        for asset in PARTITIONED:
            assert len(runs_of(instance, asset, "10-v3.2")) == 1, asset
            assert len(runs_of(instance, asset, "10-v3.10")) == 2, asset


@pytest.mark.parametrize("change", ["delete a table", "change a setting"])
def test_a_missing_table_or_a_new_setting_makes_a_version_stale(small, folder, change):
    small.copy(folder)
    if change == "delete a table":
        folder.tables.remove(TABLES["question_consensus"], "10-v3.2")
    else:
        (folder.root / "zoo_dag.toml").write_text('[exclusion]\nrepeat = "all"\n')
        folder = type(folder)(folder.root)
    stale = stale_tables(recipes(folder.settings), folder, {"workflow_version": ["10-v3.2"]})
    assert "10-v3.2" in stale["question_consensus"]


def test_a_run_over_a_range_has_row_counts_and_data_versions_of_each_partition(three_workflows):
    """Dagster stamps one version and one count on all partitions of a range."""
    folder = three_workflows.folder
    expected = {"10-v3.2": 1, "10-v3.9": 3, "10-v3.10": 5}
    with instance_of(folder) as instance:
        for key, rows in expected.items():
            newest = materializations(instance, "classifications", key)[0]
            stored = folder.tables.metadata(TABLES["classifications"], key)[DATA_VERSION]
            assert newest.metadata["dagster/partition_row_count"].value == rows
            assert newest.tags["dagster/data_version"] == stored
        versions = {folder.tables.metadata(TABLES["classifications"], key)[DATA_VERSION] for key in expected}
        assert len(versions) == 3


def test_workflows_that_are_pooled_together_have_metadata_of_their_own(three_workflows, folder):
    three_workflows.copy(folder)
    folder.tables.remove(TABLES["version_accounting"], "9-v1.1")
    with instance_of(folder) as instance:
        job = build_definitions(folder).resolve_job_def("pooled_only")
        tags, table = range_tags(["9", "100"]), dg.AssetKey("pooled_question_consensus")
        assert job.execute_in_process(instance=instance, tags=tags, asset_selection=[table]).success
        newest = {key: materializations(instance, table.path[-1], key)[0] for key in ("9", "10", "100")}
    not_pooled = {key: event.metadata["versions not pooled"].value for key, event in newest.items()}
    assert not_pooled == {"9": "9-v1.1", "10": "none", "100": "none"}
    no_rows, weights = pl.LazyFrame(), [{"weight": 1.5}]
    used = parameters_metadata({"9": Aggregated(no_rows, weights), "10": Aggregated(no_rows)})
    assert {key: each["parameters"].value for key, each in used.items()} == {"9": {"9": weights}}


def test_every_materialization_has_rows_a_preview_and_the_time_span(small):
    with instance_of(small.folder) as instance:
        (event,) = materializations(instance, "classifications", "10-v3.2")
    assert event.metadata["dagster/partition_row_count"].value == 3
    assert event.metadata["first"].value == str(datetime(2024, 3, 5, 1, 0, 1, tzinfo=UTC))
    assert "`user:7001`" not in event.metadata["preview"].value
    # Longer Markdown hides behind a click in Dagster's pages.
    assert len(event.metadata["preview"].value) < 1000


def test_only_the_wanted_workflow_and_version_are_made(import_rows, folder):
    rows = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("3.2", ["Yes"], 3, workflow=11)
    outcome = import_rows(rows, workflow=10, version="3.9")
    assert outcome.changed == ["10-v3.9"]
    assert folder.tables.keys(TABLES["question_consensus"]) == ["10-v3.9"]
    assert folder.tables.keys(TABLES["raw_classifications"]) == ["10-v3.2", "10-v3.9", "11-v3.2"]


def test_replace_removes_all_other_rows_of_the_workflows_in_the_file(three_workflows, import_rows, folder):
    three_workflows.copy(folder)
    outcome = import_rows(votes("3.9", ["No"], 4), replace=True)
    assert outcome.versions == ["9-v1.1", "10-v3.9", "100-v1.1"]
    assert winners(folder, "3.9") == [("No", 1, 1)]
    assert folder.tables.keys(TABLES["question_consensus"]) == ["9-v1.1", "10-v3.9", "100-v1.1"]
    accounting = zoo_dag.scan("accounting", folder.root).collect()
    assert accounting["balanced"].all()
    assert accounting.filter(pl.col("workflow_version") == "3.2").is_empty()


def test_the_same_exports_give_the_same_bytes_and_one_partition_the_same_data_version(
    three_workflows, import_rows, folder
):
    three_workflows.copy(folder)
    paths = {
        (name, key): folder.tables.path(TABLES[name], key)
        for name in PARTITIONED
        for key in ("10-v3.2", "10-v3.9")
    }
    before = {place: path.read_bytes() for place, path in paths.items()}
    import_rows(THREE_WORKFLOWS, replace=True)
    with instance_of(folder) as instance:
        job = build_definitions(folder).resolve_job_def("one_version")
        assert job.execute_in_process(instance=instance, partition_key="10-v3.2").success
        newest = materializations(instance, "question_consensus", "10-v3.2")[0]
    # As a run over a range has stamped it.
    stored = three_workflows.folder.tables.metadata(TABLES["question_consensus"], "10-v3.2")[DATA_VERSION]
    assert newest.tags["dagster/data_version"] == stored
    assert {place: path.read_bytes() for place, path in paths.items()} == before


def test_the_inbox_is_imported_and_an_empty_one_changes_nothing(small, folder):
    small.copy(folder)
    before = folder.tables.scan_all(TABLES["raw_versions"]).collect()
    definitions = build_definitions(folder)
    with instance_of(folder) as instance:
        job = definitions.resolve_job_def("import_exports")
        assert job.execute_in_process(instance=instance).success
        assert folder.tables.scan_all(TABLES["raw_versions"]).collect().equals(before)
        folder.inbox.mkdir()
        write_export(folder.inbox / "new.csv", votes("3.9", ["No"], 9))
        assert job.execute_in_process(instance=instance).success
        assert partitions.registered(instance) == ["10-v3.2", "10-v3.9"]
        assert partitions.registered(instance, partitions.WORKFLOWS) == ["10"]


def test_a_version_whose_rows_all_moved_to_another_leaves_no_table_behind(folder, import_rows):
    """A table re-saved by a spreadsheet says 3.1; the export itself, which comes later, says 3.10."""
    import_rows(votes("3.1", ["Yes", "No"], 1, workflow=12))
    import_rows(votes("3.10", ["Yes", "No"], 1))
    with instance_of(folder) as instance:
        assert partitions.registered(instance) == ["10-v3.10"]
    for name in (*PARTITIONED, "pooled_question_consensus", "subject_summary"):
        keys = folder.tables.keys(TABLES[name])
        assert keys == ["10" if TABLES[name].partition == "workflow" else "10-v3.10"], name
    accounting = zoo_dag.scan("accounting", folder.root).filter(pl.col("workflow_version") == "3.1").collect()
    assert accounting.select("stage", "rows_in", "rows_out", "merged", "balanced").rows() == [
        ("raw", 2, 0, 2, True)
    ]


def test_an_import_lists_the_files_that_it_read_and_not_those_of_earlier_imports(longer):
    folder, _ = longer
    with instance_of(folder) as instance:
        newest, *_ = materializations(instance, "raw_classifications")
    (record,) = newest.metadata["imported"].records
    assert (record.data["source_file"], record.data["n_rows"]) == ("longer.csv", 5)
