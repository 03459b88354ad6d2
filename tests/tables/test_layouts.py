"""Which export has a header, and what it must have."""

from collections.abc import Sequence

import polars as pl
import pytest

from tests.builders import CLASSIFICATION_COLUMNS, SUBJECT_COLUMNS, WORKFLOW_COLUMNS
from zoo_dag.errors import ExportError, NotAnExportError
from zoo_dag.tables.layouts import CLASSIFICATIONS, SUBJECTS, WORKFLOWS, kind_of

OLD_SUBJECTS = [
    *("subject_id", "project_id", "workflow_ids", "subject_set_ids", "metadata", "locations"),
    *("classifications_by_workflow", "retired_in_workflow"),
]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (CLASSIFICATION_COLUMNS, "classifications"),
        (CLASSIFICATION_COLUMNS[1:2] + CLASSIFICATION_COLUMNS[3:13], "classifications"),
        (("classification_id", "workflow_version", "created_at", "annotations", "subject_ids"), "classifications"),
        (SUBJECT_COLUMNS, "subjects"),
        (SUBJECT_COLUMNS[:9], "subjects"),
        (OLD_SUBJECTS, "subjects"),
        (WORKFLOW_COLUMNS, "workflows"),
        ((*WORKFLOW_COLUMNS[:14], "aggregation", *WORKFLOW_COLUMNS[14:]), "workflows"),
        (WORKFLOW_COLUMNS[:14], "workflows"),
    ],
)
def test_layouts_of_all_years_are_known(header: tuple[str, ...], kind: str) -> None:
    assert kind_of(list(header), "export.csv") == kind


def test_the_columns_of_today_are_those_that_zooniverse_writes() -> None:
    assert CLASSIFICATIONS.today == CLASSIFICATION_COLUMNS
    assert SUBJECTS.today == SUBJECT_COLUMNS
    assert WORKFLOWS.today == WORKFLOW_COLUMNS


def test_an_order_of_columns_says_nothing() -> None:
    assert kind_of(list(reversed(SUBJECT_COLUMNS)), "export.csv") == "subjects"


@pytest.mark.parametrize(
    ("header", "error", "message"),
    [
        (
            ["subject_ids", "count_yes"],
            NotAnExportError,
            "the header is not that of a Zooniverse export. Found the",
        ),
        ([], NotAnExportError, r"Found the columns \(none\)"),
        (WORKFLOW_COLUMNS[:3], NotAnExportError, "Found the columns workflow_id, display_name, version"),
        ([name for name in WORKFLOW_COLUMNS if name != "tasks"], ExportError, "workflows export lacks .* tasks"),
        (
            [name for name in SUBJECT_COLUMNS if name != "metadata"],
            ExportError,
            "subjects export lacks .* metadata",
        ),
        (["workflow_content_id", "strings"], NotAnExportError, "workflow contents export"),
    ],
)
def test_the_message_is_one_sentence_with_the_file(
    header: Sequence[str], error: type[ExportError], message: str
) -> None:
    with pytest.raises(ExportError, match=message) as raised:
        kind_of(list(header), "x.csv")
    assert type(raised.value) is error
    assert str(raised.value).startswith("x.csv: ")


def test_completing_adds_the_columns_that_a_file_lacks_as_null_text() -> None:
    frame = CLASSIFICATIONS.complete(pl.LazyFrame({"annotations": ["[]"], "extra": ["x"]})).collect()
    assert set(frame.columns) == {*CLASSIFICATION_COLUMNS, "extra"}
    assert frame["user_id"].to_list() == [None]
    assert frame["user_id"].dtype == pl.String
    assert "workflow_ids" in SUBJECTS.complete(frame.lazy()).collect_schema().names()


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (["id", "classification_id", "extractor_key", "workflow_id", "workflow_version", "subject_id"], "Caesar"),
        (["id", "reducer_key", "workflow_id", "subject_id", "data.0", "created_at", "updated_at"], "Caesar"),
        (
            ["classification_id", "user_name", "task", "created_at", "subject_id", "extractor"],
            "panoptes_aggregation",
        ),
        (["subject_id", "workflow_id", "task", "reducer", "data.no", "data.yes"], "panoptes_aggregation"),
    ],
)
def test_the_files_of_aggregation_are_named_for_what_they_are(header: list[str], what: str) -> None:
    with pytest.raises(NotAnExportError, match=rf"x\.csv: this is a table of .* {what} .*, not an export"):
        kind_of(header, "x.csv")


def test_a_column_of_aggregation_in_an_export_is_an_added_column() -> None:
    assert kind_of([*CLASSIFICATIONS.columns, "reducer"], "x.csv") == "classifications"
    assert kind_of([*SUBJECTS.today, "extractor"], "x.csv") == "subjects"
