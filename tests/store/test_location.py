"""The data folder is named as people name it."""

from pathlib import Path

import pytest

from zoo_dag.store.location import find_root


def test_a_path_is_absolute_and_has_no_steps_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    monkeypatch.chdir(tmp_path / "exports")
    assert find_root("../data") == tmp_path.resolve() / "data"
    assert find_root("data") == tmp_path / "exports" / "data"
    assert find_root(tmp_path / "link") == tmp_path / "link"
