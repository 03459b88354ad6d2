"""What is fetched obeys the limits of the settings, before it replaces an older export."""

from pathlib import Path

import pytest

from tests.builders import CLASSIFICATION_COLUMNS, classification_row, export_bytes
from zoo_dag.errors import FetchError
from zoo_dag.exports.limits import Limits
from zoo_dag.fetching.verification import verify_export
from zoo_dag.settings.importing import Importing


def test_an_export_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(export_bytes([classification_row(1, workflow_name="x" * 3_000_000)], CLASSIFICATION_COLUMNS))
    with pytest.raises(FetchError, match=r"a cell has 3,000,000 bytes; .* importing\.cell_mib, 2\."):
        verify_export(file, "classifications", Limits(Importing(cell_mib=2)))
    verify_export(file, "classifications", Limits(Importing(cell_mib=3)))
