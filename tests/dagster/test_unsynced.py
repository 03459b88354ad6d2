"""What the pages of Dagster call unsynced: exactly what is out of date, after runs over ranges and single ones."""

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from tests.builders import write_export
from tests.dagster_project import votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.partitions import registered
from zoo_dag.store.data_folder import DataFolder


def unsynced(folder: DataFolder) -> dict[str, set[str | None]]:
    """By asset the partitions that Dagster's pages mark, as their own code finds them."""
    graph = build_definitions(DataFolder(folder.root)).resolve_asset_graph()
    found: dict[str, set[str | None]] = {}
    with dg.DagsterInstance.get() as instance:
        resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
        for key in graph.get_all_asset_keys():
            definition = graph.get(key).partitions_def
            for partition in registered(instance, definition.name) if definition else [None]:
                if resolver.get_status(key, partition) != StaleStatus.FRESH:
                    found.setdefault(key.to_user_string(), set()).add(partition)
    return found


ROWS = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11)


def test_nothing_is_unsynced_after_a_run_over_a_range_and_a_later_one_of_one_version(import_rows, folder):
    import_rows(ROWS)
    assert unsynced(folder) == {}
    import_rows(votes("3.9", ["No"], 9))
    assert unsynced(folder) == {}


def test_after_an_import_only_what_follows_from_the_changed_version_is_unsynced(import_rows, folder):
    import_rows(ROWS)
    folder.inbox.mkdir()
    write_export(folder.inbox / "more.csv", votes("3.9", ["No"], 9))
    with dg.DagsterInstance.get() as instance:
        job = build_definitions(folder).resolve_job_def("import_exports")
        assert job.execute_in_process(instance=instance).success
    expected = {"classifications", "parsed_quarantine", "version_accounting"}
    found = unsynced(folder)
    assert found.pop("accounting") == found.pop("quarantine") == {None}
    assert found == {name: {"10-v3.9"} for name in expected}


def test_a_changed_setting_makes_every_table_unsynced(import_rows, folder):
    import_rows(ROWS)
    (folder.root / "zoo_dag.toml").write_text('[exclusion]\nrepeat = "all"\n')
    found = unsynced(folder)
    assert found["question_consensus"] == {"10-v3.2", "10-v3.9", "11-v1.1"}
    assert found["subject_summary"] == {"10", "11"}
    assert "raw_classifications" not in found
