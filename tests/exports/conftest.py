"""What the tests of exports share."""

from pathlib import Path

import pytest

from tests.exports.raw_project import RawProject


@pytest.fixture
def project(tmp_path: Path) -> RawProject:
    """An empty project; exports can be written beside it, to `tmp_path`."""
    return RawProject(tmp_path / "data")
