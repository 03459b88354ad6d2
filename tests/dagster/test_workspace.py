"""The code location has the name of the data folder at the first start of the pages, and keeps it."""

import pytest
import yaml

from zoo_dag.dagster.pages.workspace import workspace_file
from zoo_dag.store.data_folder import DataFolder


def name_of(folder: DataFolder, *, is_first_start: bool) -> str:
    (location,) = yaml.safe_load(workspace_file(folder, is_first_start=is_first_start).read_text())["load_from"]
    assert location["python_module"]["module_name"] == "zoo_dag.dagster.definitions"
    return location["python_module"]["location_name"]


@pytest.fixture(autouse=True)
def own_home(monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("penguins", "penguins"), ("my birds @home", "my_birds_home"), ("1.0", "1.0"), ("é: #", "é_")],
)
def test_it_has_the_name_of_the_data_folder(tmp_path, name, expected):
    assert name_of(DataFolder(tmp_path / name), is_first_start=True) == expected


def test_it_keeps_its_name_where_the_folder_is_renamed(tmp_path):
    assert name_of(DataFolder(tmp_path / "penguins"), is_first_start=True) == "penguins"
    (tmp_path / "penguins").rename(tmp_path / "seals")
    assert name_of(DataFolder(tmp_path / "seals"), is_first_start=False) == "penguins"


def test_pages_that_were_opened_before_keep_the_name_under_which_their_sensors_are(tmp_path):
    assert name_of(DataFolder(tmp_path / "penguins"), is_first_start=False) == "zoo_dag"
