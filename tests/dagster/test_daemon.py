"""Three days of a team in simulated time: a schedule fetches, the inbox imports, automation rebuilds."""

import datetime
from datetime import UTC

import dagster as dg

import zoo_dag
from tests.builders import export_bytes
from tests.dagster.daemon import Daemon, daemon
from tests.dagster_project import votes
from tests.fetching.conftest import server as panoptes_server
from tests.fetching.panoptes_server import PROJECT, PanoptesServer, Stored
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.recipes import not_asked_for
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables.versions import parse_key

server = panoptes_server

SETTINGS = f"""
[importing]
settle_seconds = 0
[fetching]
project = {PROJECT}
schedule = "0 5 * * *"
poll_seconds = 0.01
slowest_poll_seconds = 0.02
pause_seconds = 0.01
"""
DAY = datetime.timedelta(days=1)


def publish(server: PanoptesServer, rows: list[dict]) -> None:
    """What the server puts into the next export; the last one is from the day before."""
    for kind in server.contents:
        if kind in server.exports:
            server.put(kind, hours_ago=25, content=server.contents[kind].content)
            server.jobs.pop(kind, None)
    server.contents["classifications"] = Stored(export_bytes(rows, list(rows[0])), datetime.datetime.now(UTC))


def built(daemon: Daemon, asset: str, runs: set[str]) -> list[str | None]:
    """Which partitions of an asset were built in these runs, in the order of their versions."""
    records = daemon.instance.fetch_materializations(dg.AssetKey(asset), limit=1000, ascending=True).records
    keys = {record.partition_key for record in records if record.run_id in runs}
    return sorted(keys, key=parse_key)


def checks_without_result(daemon: Daemon, folder: DataFolder) -> list[dg.AssetCheckKey]:
    """The asset checks that no run has evaluated, of tables that the settings ask for."""
    storage, unasked = daemon.instance.event_log_storage, not_asked_for(folder.settings)
    checks = build_definitions(folder).resolve_asset_graph().asset_check_keys
    wanted = [key for key in checks if key.asset_key.path[-1] not in unasked]
    return [key for key in wanted if not storage.get_asset_check_execution_history(key, limit=1)]


def test_three_days_of_cumulative_exports_build_each_day_what_changed(folder, server):
    folder.root.mkdir(parents=True)
    (folder.root / "zoo_dag.toml").write_text(SETTINGS)
    first = votes("3.2", ["Yes", "No"], 1) + votes("3.9", ["Yes"], 10)
    second = first + votes("3.9", ["No", "No"], 20) + votes("4.11", ["Yes"], 30)
    days = [first, second, second]
    expected = [["10-v3.2", "10-v3.9"], ["10-v3.9", "10-v4.11"], []]
    with daemon(folder, datetime.datetime(2026, 3, 1, 4, 0, tzinfo=UTC)) as team:
        assert team.come_to_rest() == []
        for number, (rows, versions) in enumerate(zip(days, expected, strict=True)):
            publish(server, rows)
            team.now = datetime.datetime(2026, 3, 1, 4, 59, tzinfo=UTC) + number * DAY
            results = team.come_to_rest()
            jobs = [result.dagster_run.job_name for result in results]
            assert jobs.count("fetch_exports") == 1, f"day {number}"
            assert all(result.success for result in results), f"day {number}"
            runs = {result.run_id for result in results}
            for asset in ("classifications", "question_annotations", "question_consensus", "version_accounting"):
                assert built(team, asset, runs) == versions, f"day {number}, {asset}"
            # The versions are neighbours and small, so they share a run.
            assert jobs.count("one_version") == jobs.count("pooled_only") == bool(versions), f"day {number}"
        assert checks_without_result(team, folder) == []
    winners = zoo_dag.scan("question_consensus", folder.root, version="3.9").sort("rank").collect()
    assert winners.select("answer", "votes").rows() == [("No", 2), ("Yes", 1)]
    accounting = zoo_dag.scan("accounting", folder.root).collect()
    assert accounting["balanced"].all()
    assert accounting.filter(workflow_version="3.2", stage="raw")["rows_in"].to_list() == [4]
