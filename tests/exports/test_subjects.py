"""Raw subjects to typed rows: one per subject, workflow and subject set."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.builders import SUBJECT_COLUMNS, json_text, subject_row, write_subjects
from tests.exports.raw_project import RawProject
from zoo_dag.exports.subjects import hidden_field, media_urls, metadata_fields, parse_subjects
from zoo_dag.settings.results import Subjects
from zoo_dag.tables import TABLES

OLD_COLUMNS = (
    *("subject_id", "project_id", "workflow_ids", "subject_set_ids", "metadata", "locations"),
    *("classifications_by_workflow", "retired_in_workflow"),
)


def typed(
    project: RawProject, *rows: dict[str, Any], columns: tuple[str, ...] = SUBJECT_COLUMNS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    project.add(write_subjects(project.root.parent / "subjects.csv", rows, columns))
    return project.subjects()


def old_row(**overrides: Any) -> dict[str, Any]:
    """A row of the layout from before 2017-02."""
    row = {
        "subject_id": 101,
        "project_id": 5,
        "workflow_ids": [11, 12],
        "subject_set_ids": [21],
        "metadata": {"name": "a.jpg"},
        "locations": {"0": "https://example.org/a.jpg"},
        "classifications_by_workflow": {"11": 15, "12": 3},
        "retired_in_workflow": {"11": "2016-12-27 01:24:22 UTC"},
    }
    return row | overrides


def test_every_column_is_typed(project: RawProject) -> None:
    row = subject_row(101, classifications_count=15, retired_at="2025-02-01 10:11:12 UTC")
    subjects, quarantine = typed(project, row | {"retirement_reason": "consensus"})
    assert subjects.schema == TABLES["subjects"].dtypes
    assert quarantine.schema == TABLES["quarantine"].dtypes
    assert subjects.row(0, named=True) == {
        "subject_id": 101,
        "project_id": 5,
        "workflow_id": 11,
        "subject_set_id": 21,
        "metadata": '{"name":"bird 101.jpg"}',
        "locations": ["https://example.org/101.jpg"],
        "n_frames": 1,
        "classifications_count": 15,
        "retired_at": datetime(2025, 2, 1, 10, 11, 12, tzinfo=UTC),
        "retirement_reason": "consensus",
        "created_at": datetime(2023, 1, 1, 10, tzinfo=UTC),
        "updated_at": datetime(2023, 1, 2, 10, tzinfo=UTC),
        "training": False,
        "is_current": True,
    }


def test_a_header_alone_gives_an_empty_table(project: RawProject) -> None:
    subjects, quarantine = typed(project)
    assert (subjects.height, quarantine.height) == (0, 0)
    assert subjects.schema == TABLES["subjects"].dtypes


def test_metadata_is_text_whatever_is_in_it(project: RawProject) -> None:
    fields: list[dict[str, Any]] = [{"x": 1}, {"x": "1", "#y": [1, None]}, {" lead": 1, "a.b": {"c": []}}, {}]
    rows = [subject_row(number, metadata=each) for number, each in enumerate(fields, 1)]
    assert typed(project, *rows)[0]["metadata"].to_list() == [json_text(each) for each in fields]


@pytest.mark.parametrize(
    ("name", "always", "while_classifying"),
    [
        ("#a", True, True),
        ("//b", True, True),
        ("!c", False, True),
        (" #d", True, True),
        ("e", False, False),
        ("f#", False, False),
    ],
)
def test_prefixes_hide_a_field(name: str, always: bool, while_classifying: bool) -> None:
    assert hidden_field(name) is always
    assert hidden_field(name, classifying=True) is while_classifying


def test_hidden_fields_are_in_the_table(project: RawProject) -> None:
    fields = {"#a": 1, "//b": 2, "!c": 3, " #d": 4}
    assert typed(project, subject_row(metadata=fields))[0]["metadata"].to_list() == [json_text(fields)]


def test_a_subject_has_a_row_for_each_set_and_workflow(project: RawProject) -> None:
    rows = [subject_row(101, workflow_id=w, subject_set_id=s) for w in (12, 11) for s in (22, 21)]
    subjects, _ = typed(project, *rows)
    assert subjects.select("workflow_id", "subject_set_id").rows() == [(11, 21), (11, 22), (12, 21), (12, 22)]


def test_the_count_stands_on_each_row_of_a_subject(project: RawProject) -> None:
    rows = [subject_row(101, subject_set_id=s, classifications_count=15) for s in (21, 22)]
    counts = (
        typed(project, *rows)[0].group_by("subject_id", "workflow_id").agg(pl.col("classifications_count").max())
    )
    assert counts.rows() == [(101, 11, 15)]


def test_a_set_without_a_workflow_keeps_its_subject(project: RawProject) -> None:
    subjects, quarantine = typed(project, subject_row(101, workflow_id=None), subject_row(102))
    assert subjects.select("subject_id", "workflow_id").rows() == [(101, None), (102, 11)]
    assert subjects.schema["workflow_id"] == pl.Int64
    assert quarantine.height == 0


def test_the_count_of_the_server_is_kept_as_it_is(project: RawProject) -> None:
    assert typed(project, subject_row(classifications_count=15))[0]["classifications_count"].to_list() == [15]


def test_retired_without_a_reason_and_with_unknown_ones(project: RawProject) -> None:
    reasons = [None, "nothing_here", "human", "because"]
    retired = {"retired_at": "2025-02-01 10:11:12 UTC"}
    subjects, _ = typed(
        project, *(subject_row(n, **retired, retirement_reason=text) for n, text in enumerate(reasons, 1))
    )
    assert subjects["retirement_reason"].to_list() == reasons
    assert subjects["retired_at"].null_count() == 0


def test_frames_are_in_the_order_of_their_numbers(project: RawProject) -> None:
    subjects, _ = typed(
        project, subject_row(locations={"0": "a", "10": "k", "2": "c"}), subject_row(102, locations={})
    )
    assert subjects["locations"].to_list() == [["a", "c", "k"], []]
    assert subjects["n_frames"].to_list() == [3, 0]


def test_media_urls_may_be_missing_but_not_nonsense() -> None:
    assert media_urls(None) is None
    with pytest.raises(ValueError, match="expected frame numbers as keys"):
        media_urls('{"x":"a"}')
    with pytest.raises(ValueError, match="expected a JSON object from frames to URLs, found str"):
        media_urls('"a"')
    with pytest.raises(ValueError, match="expected a URL, found 5"):
        media_urls("[5]")


def test_media_urls_may_be_a_list_as_in_the_api() -> None:
    assert media_urls('[{"image/jpeg":"a"},{"image/png":"b"}]') == ["a", "b"]
    assert media_urls('["a",null,"b"]') == ["a", None, "b"]
    assert media_urls("[]") == []


def test_a_frame_without_a_url_is_null_and_not_the_text_none(project: RawProject) -> None:
    subjects, quarantine = typed(project, subject_row(locations={"0": None, "1": "https://example.org/1.jpg"}))
    assert subjects["locations"].to_list() == [[None, "https://example.org/1.jpg"]]
    assert (subjects["n_frames"].to_list(), quarantine.height) == ([2], 0)


def test_metadata_that_php_wrote_as_an_empty_list_lose_no_row(project: RawProject) -> None:
    subjects, quarantine = typed(project, subject_row(101, metadata="[]", classifications_count=3))
    assert (subjects["classifications_count"].to_list(), quarantine.height) == ([3], 0)
    assert metadata_fields(subjects.lazy()) == []


@pytest.mark.parametrize("cell", [None, "NaN", "NA", "null", ""])
def test_empty_metadata_loses_no_row(project: RawProject, cell: str | None) -> None:
    subjects, quarantine = typed(project, subject_row(101, metadata=cell, locations=cell, classifications_count=3))
    assert subjects.select("subject_id", "classifications_count", "locations").rows() == [(101, 3, None)]
    assert quarantine.height == 0
    assert metadata_fields(subjects.lazy()) == []


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("subject_id", "x", "expected a whole number"),
        ("subject_id", None, "expected a whole number"),
        ("workflow_id", "birds", "expected a whole number or nothing"),
        ("classifications_count", "many", "expected a whole number or nothing"),
        ("retired_at", "soon", "expected a time such as"),
        ("metadata", '{"a":', "not JSON"),
        ("metadata", "[1]", "expected a JSON object, found list"),
        ("locations", '{"x":"a"}', "expected frame numbers as keys"),
        ("locations", '{"0":{"image":"a","video":"b"}}', "expected a URL"),
        ("locations", "[" * 300 + "]" * 300, "nested too deeply"),
    ],
)
def test_a_row_that_does_not_parse_is_quarantined(project: RawProject, name: str, cell: Any, reason: str) -> None:
    subjects, quarantine = typed(project, subject_row(101), subject_row(102, **{name: cell}))
    assert subjects["subject_id"].to_list() == [101]
    row = quarantine.row(0, named=True)
    assert (row["source_file"], row["source_row"], row["column"]) == ("subjects.csv", 2, name)
    assert row["reason"].startswith(reason)


def test_what_r_wrote_for_missing_is_missing(project: RawProject) -> None:
    row = subject_row(101, workflow_id="NA", retired_at="NA", classifications_count="15.0")
    subjects, quarantine = typed(project, row)
    assert subjects.select("workflow_id", "retired_at", "classifications_count").rows() == [(None, None, 15)]
    assert quarantine.height == 0


def test_the_layout_of_before_2018_has_no_times(project: RawProject) -> None:
    subjects, _ = typed(project, subject_row(101), columns=SUBJECT_COLUMNS[:9])
    assert subjects.select("created_at", "updated_at").row(0) == (None, None)


def test_the_layout_of_before_2017_becomes_one_row_for_each_link(project: RawProject) -> None:
    subjects, quarantine = typed(project, old_row(), columns=OLD_COLUMNS)
    assert quarantine.height == 0
    retired = datetime(2016, 12, 27, 1, 24, 22, tzinfo=UTC)
    assert subjects.select(
        "subject_id", "workflow_id", "subject_set_id", "classifications_count", "retired_at"
    ).rows() == [(101, 11, 21, 15, retired), (101, 12, 21, 3, None)]


@pytest.mark.parametrize(
    ("change", "links"),
    [
        ({"workflow_ids": [], "subject_set_ids": []}, [(None, None)]),
        ({"workflow_ids": [11], "subject_set_ids": [21, 22]}, [(11, 21), (11, 22)]),
        ({"workflow_ids": "11", "subject_set_ids": "21"}, [(11, 21)]),
        ({"workflow_ids": [11], "subject_set_ids": None}, [(11, None)]),
        ({"classifications_by_workflow": None, "retired_in_workflow": [11]}, [(11, 21), (12, 21)]),
    ],
)
def test_lists_of_the_old_layout_may_be_empty_or_single(
    project: RawProject, change: dict[str, Any], links: list[tuple[int | None, int | None]]
) -> None:
    subjects, quarantine = typed(project, old_row(**change), columns=OLD_COLUMNS)
    assert subjects.select("workflow_id", "subject_set_id").rows() == links
    assert quarantine.height == 0


def test_a_row_of_the_old_layout_that_does_not_parse_is_quarantined_once(project: RawProject) -> None:
    subjects, quarantine = typed(project, old_row(workflow_ids="[11,"), columns=OLD_COLUMNS)
    assert (subjects.height, quarantine["column"].to_list()) == (0, ["workflow_id"])


def test_old_and_new_layouts_may_be_mixed(project: RawProject) -> None:
    folder = project.root.parent
    project.add(
        write_subjects(folder / "old.csv", [old_row()], OLD_COLUMNS),
        write_subjects(folder / "new.csv", [subject_row(102)]),
    )
    subjects, _ = project.subjects()
    assert subjects.select("subject_id", "workflow_id").rows() == [(101, 11), (101, 12), (102, 11)]


def links(subjects: pl.DataFrame) -> list[tuple[Any, ...]]:
    return subjects.select("subject_id", "workflow_id", "subject_set_id", "classifications_count").rows()


def test_several_old_rows_of_a_subject_give_all_its_links_and_counts(project: RawProject) -> None:
    subjects, quarantine = typed(
        project,
        old_row(workflow_ids=[77], subject_set_ids=[5], classifications_by_workflow={"77": 5}),
        old_row(workflow_ids=[78], subject_set_ids=[6], classifications_by_workflow={"78": 2}),
        old_row(subject_id=102, workflow_ids=[77], subject_set_ids=[5], classifications_by_workflow={}),
        columns=OLD_COLUMNS,
    )
    assert links(subjects) == [(101, 77, 5, 5), (101, 78, 6, 2), (102, 77, 5, None)]
    assert quarantine.height == 0
    assert project.table("raw_subjects").height == 3


def test_old_rows_that_list_the_same_links_with_one_count_each_are_one_row_per_link(project: RawProject) -> None:
    both: dict[str, Any] = {"workflow_ids": [77, 78], "subject_set_ids": [5, 6], "retired_in_workflow": [77, 78]}
    rows = [
        old_row(**both, classifications_by_workflow={"77": 5}),
        old_row(**both, classifications_by_workflow={"78": 2}),
    ]
    subjects, _ = typed(project, *rows, columns=OLD_COLUMNS)
    assert links(subjects) == [(101, 77, 5, 5), (101, 77, 6, 5), (101, 78, 5, 2), (101, 78, 6, 2)]
    assert subjects["retired_at"].null_count() == 4
    # A newer export of the same layout replaces the count.
    project.add(
        write_subjects(
            project.root.parent / "later.csv",
            [old_row(**both, classifications_by_workflow={"78": 9})],
            OLD_COLUMNS,
        )
    )
    assert links(project.subjects()[0])[-1] == (101, 78, 6, 9)
    assert project.table("raw_subjects").height == 2


def test_a_list_of_workflows_beside_one_subject_set(project: RawProject) -> None:
    columns = tuple("subject_set_id" if name == "subject_set_ids" else name for name in OLD_COLUMNS)
    row = old_row(workflow_ids=[1], classifications_by_workflow={"1": 3}) | {"subject_set_id": 4262}
    subjects, quarantine = typed(project, row, columns=columns)
    assert links(subjects) == [(101, 1, 4262, 3)]
    assert quarantine.height == 0


def test_a_row_of_today_wins_over_the_old_row_of_the_same_link(project: RawProject) -> None:
    old = old_row(workflow_ids=[11, 12], subject_set_ids=[21], classifications_by_workflow={"11": 5, "12": 3})
    project.add(write_subjects(project.root.parent / "old.csv", [old], OLD_COLUMNS))
    subjects, _ = typed(project, subject_row(101, classifications_count=9))
    assert links(subjects) == [(101, 11, 21, 9), (101, 12, 21, 3)]
    assert subjects["retired_at"].to_list() == [None, None]


def test_subjects_for_training_are_marked_by_their_metadata(project: RawProject) -> None:
    cells = [
        {"#training_subject": "true"},
        {" #Training_Subject": True},
        {"#training_subject": "False"},
        {"#sim": 1},
        {},
    ]
    rows = [subject_row(number, metadata=cell) for number, cell in enumerate(cells)]
    project.add(write_subjects(project.root.parent / "s.csv", rows))
    raw = project.table("raw_subjects").lazy()

    def training(*keys: str) -> list[bool]:
        settings = Subjects(training_keys=keys) if keys else Subjects()
        return parse_subjects(raw, project.staging(), settings)[0].collect()["training"].to_list()

    assert training() == [True, True, False, False, False]
    assert training("#SIM") == [False, False, False, True, False]
