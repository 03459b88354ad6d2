"""What the pages of Dagster call unsynced: exactly what is stale, after runs over ranges and single ones.

The pages are asked by their own interface, GraphQL, through Dagster's command.
"""

import json
import os
import shutil
import subprocess
import sysconfig

from tests.builders import write_export
from tests.dagster_project import votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.recipes import not_asked_for
from zoo_dag.store.data_folder import DataFolder

_QUERY = """{
    whole: assetNodes(assetKeys: [%s]) { assetKey { path } staleStatus }
    partitioned: assetNodes(assetKeys: [%s]) { assetKey { path } partitionKeys staleStatusByPartition }
}"""


def ask(folder: DataFolder, query: str) -> dict[str, list[dict]]:
    command = shutil.which("dagster-graphql", path=sysconfig.get_path("scripts")) or "dagster-graphql"
    environment = os.environ | {"ZOO_DAG_DATA": str(folder.root), "DAGSTER_HOME": str(folder.dagster_home)}
    arguments = [command, "-m", "zoo_dag.dagster.definitions", "-t", query]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    # One line is the answer, among those of the log.
    (answer,) = [line for line in done.stdout.splitlines() if line.startswith('{"data"')]
    return json.loads(answer)["data"]


def unsynced(folder: DataFolder) -> dict[str, set[str | None]]:
    """By asset the partitions that Dagster's pages mark, of those that runs build without being asked to."""
    on_request = {"report", *not_asked_for(folder.settings)}
    every = build_definitions(folder).resolve_all_asset_specs()
    specs = [spec for spec in every if spec.key.path[-1] not in on_request]
    keys = {
        is_partitioned: ", ".join(
            f'{{path: ["{spec.key.path[-1]}"]}}' for spec in specs if bool(spec.partitions_def) == is_partitioned
        )
        for is_partitioned in (False, True)
    }
    answer = ask(folder, _QUERY % (keys[False], keys[True]))
    marked: dict[str, set[str | None]] = {
        node["assetKey"]["path"][-1]: {None} for node in answer["whole"] if node["staleStatus"] != "FRESH"
    }
    for node in answer["partitioned"]:
        statuses = zip(node["partitionKeys"], node["staleStatusByPartition"], strict=True)
        stale = {key for key, status in statuses if status != "FRESH"}
        if stale:
            marked[node["assetKey"]["path"][-1]] = stale
    return marked


ROWS = votes("3.2", ["Yes"], 1) + votes("3.9", ["Yes"], 2) + votes("1.1", ["Yes"], 3, workflow=11)


def test_the_pages_mark_exactly_what_is_stale(history_on_disk, import_rows, folder):
    # A run over a range, and then one of a single version: neither is marked.
    import_rows(ROWS)
    import_rows(votes("3.9", ["No"], 9))
    # After an import, what follows from the changed version.
    folder.inbox.mkdir()
    write_export(folder.inbox / "more.csv", votes("3.2", ["No", "No"], 20))
    job = build_definitions(folder).resolve_job_def("import_exports")
    assert job.execute_in_process(instance=history_on_disk).success
    marked = unsynced(folder)
    assert marked.pop("accounting") == marked.pop("quarantine") == {None}
    assert marked == {name: {"10-v3.2"} for name in ("classifications", "parsed_quarantine", "version_accounting")}
    # After a changed setting, every table.
    (folder.root / "zoo_dag.toml").write_text('[exclusion]\nrepeat = "all"\n')
    marked = unsynced(folder)
    assert marked["question_consensus"] == {"10-v3.2", "10-v3.9", "11-v1.1"}
    assert marked["subject_summary"] == {"10", "11"}
    assert "raw_classifications" not in marked
