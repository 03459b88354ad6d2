"""What was imported."""

from datetime import UTC, datetime

from tests.plots.samples import rows
from zoo_dag.report.sections.imports import imports

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
FILE = {"source_file": "a.csv", "kind": "classifications", "n_rows": 1200, "n_quarantined": 3, "n_bytes": 2600}


def test_files_are_listed_with_their_rows_and_the_quarantine_by_reason():
    files = rows("imports", [{**FILE, "sha256": "0123456789abcdef", "imported_at": NOON}])
    held = [{"column": "annotations", "reason": "no JSON"}] * 2 + [{"column": "created_at", "reason": "no time"}]
    section = imports(files, rows("quarantine", held))
    table, reasons = section.parts
    assert table.rows.rows() == [("a.csv", "classifications", 1200, 3, 3, NOON, "0123456789ab…")]
    assert reasons.rows.rows() == [("annotations", "no JSON", 2), ("created_at", "no time", 1)]
    assert section.sentences == (
        "1 file with 1,200 rows were imported. 3 rows and elements of annotations fit no table and are in the "
        "quarantine, each with its file, row and reason.",
    )


def test_where_everything_fits_that_is_said():
    (sentence,) = imports(rows("imports", [FILE]), rows("quarantine", [])).sentences
    assert sentence.endswith("Every row, and every element of an annotation, fits a table.")
