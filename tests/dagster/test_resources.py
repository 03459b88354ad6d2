"""What somebody who can start a run in the pages can choose by its config: no data folder, and few files."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.builders import write_export
from tests.dagster_project import instance_of, votes
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.run_events import step_failures
from zoo_dag.store.data_folder import DataFolder


def launched(data: DataFolder, config: dict[str, Any], job: str = "import_exports") -> dg.ExecuteInProcessResult:
    """A run as the pages start it."""
    with instance_of(data) as instance:
        job_def = build_definitions(data).resolve_job_def(job)
        return job_def.execute_in_process(run_config=config, instance=instance, raise_on_error=False)


def importing(*paths: Path) -> dict[str, Any]:
    return {"ops": {"read_exports": {"config": {"exports": [str(path) for path in paths]}}}}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """An export in a folder that no setting names."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    return write_export(place / "classifications.csv", votes("3.2", ["Yes", "No"], 1))


@pytest.mark.parametrize(
    "resources",
    [
        {"project": {"config": {"data": "/nowhere"}}},
        {"project": {"config": {"root": "/nowhere"}}},
    ],
)
def test_the_data_folder_is_no_run_config(folder, resources):
    with pytest.raises(dg.DagsterInvalidConfigError):
        launched(folder, {"resources": resources}, "full_refresh")
    assert not (folder.root / "rebuilds.json").exists()


def test_no_run_writes_values_of_steps_into_a_folder(folder, tmp_path):
    place = tmp_path / "values"
    launched(folder, {"resources": {"io_manager": {"config": {"base_dir": str(place)}}}}, "full_refresh")
    assert not place.exists()


def one_version() -> dg.JobDefinition:
    """The job of the data folder that the environment names, as another process loads it."""
    return build_definitions().resolve_job_def("one_version")


def test_a_run_can_be_resumed_after_the_steps_that_succeeded(folder, outside, monkeypatch):
    monkeypatch.setenv("ZOO_DAG_DATA", str(folder.root))
    (folder.root / "inbox").mkdir(parents=True)
    outside.rename(folder.root / "inbox" / outside.name)
    assert launched(folder, {}).success
    # A file in the place of a folder: the tables of this step cannot be stored.
    in_the_way = folder.tables.root / "question_annotations"
    in_the_way.touch()
    job, partition = dg.reconstructable(one_version), {"dagster/partition": "10-v3.2"}
    with instance_of(folder) as instance:
        failed = dg.execute_job(job, instance, tags=partition, raise_on_error=False)
        assert not failed.success
        in_the_way.unlink()
        resumed = dg.ReexecutionOptions.from_failure(failed.run_id, instance)
        with dg.execute_job(job, instance, tags=partition, reexecution_options=resumed) as result:
            again = {event.step_key for event in result.all_events if event.is_step_start}
            assert result.success
    assert "parse_classifications" not in again
    assert {"flatten", "make_consensus"} <= again


def sentence(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = step_failures(result.all_events)
    return failure.sentence


def test_a_file_elsewhere_is_not_imported(folder, outside):
    result = launched(folder, importing(outside))
    assert not result.success
    assert sentence(result).startswith(
        f"{outside}: runs of the pages import files of the inbox, and of the folders"
    )
    assert folder.versions() == []


def test_nobody_learns_whether_a_file_exists(folder, outside, tmp_path):
    missing = tmp_path / "missing.csv"
    found, not_found = (sentence(launched(folder, importing(path))) for path in (outside, missing))
    assert found.removeprefix(str(outside)) == not_found.removeprefix(str(missing))


@pytest.mark.parametrize("way", ["../../elsewhere/classifications.csv", "link.csv", "linked/classifications.csv"])
def test_no_way_leads_out_of_the_inbox(folder, outside, way):
    inbox = folder.root / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "link.csv").symlink_to(outside)
    (inbox / "linked").symlink_to(outside.parent)
    result = launched(folder, importing(inbox / way))
    assert "runs of the pages import files of the inbox" in sentence(result)


def test_a_file_of_the_inbox_is_imported_by_its_path(folder):
    inbox = folder.root / "inbox"
    inbox.mkdir(parents=True)
    export = write_export(inbox / "classifications.csv", votes("3.2", ["Yes", "No"], 1))
    assert launched(folder, importing(export)).success
    assert folder.versions() == ["10-v3.2"]


@pytest.mark.parametrize("named", ["{outside}", "../elsewhere"])
def test_a_folder_of_the_settings_is_imported_from(folder, outside, named):
    folder.root.mkdir()
    place = named.format(outside=outside.parent)
    (folder.root / "zoo_dag.toml").write_text(f'[importing]\nfolders = ["{place}"]\n')
    assert launched(folder, importing(outside)).success
    assert launched(folder, importing(outside.parent)).success
    assert folder.versions() == ["10-v3.2"]
