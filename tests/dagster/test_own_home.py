"""A history belongs to one data folder."""

import shutil

import pytest

from zoo_dag.dagster.instance import open_instance
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder


def opened(folder: DataFolder) -> None:
    with open_instance(folder):
        pass


def test_two_data_folders_do_not_share_a_history(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    first, second = DataFolder(tmp_path / "first"), DataFolder(tmp_path / "second")
    first.root.mkdir()
    opened(first)
    opened(first)
    with pytest.raises(
        ZooDagError, match=rf"holds the history of the data folder {first.root}\. Each data folder"
    ):
        opened(second)
    # A data folder that was moved keeps its history.
    shutil.move(first.root, second.root)
    opened(second)


def test_a_history_inside_of_the_data_folder_moves_with_it(tmp_path, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    opened(DataFolder(tmp_path / "first"))
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    opened(DataFolder(tmp_path / "second"))
