"""Imports merge: newer rows win, nothing disappears, a file seen before is skipped."""

import gzip
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.builders import (
    CLASSIFICATION_COLUMNS,
    anonymous,
    classification_row,
    export_bytes,
    metadata,
    subject_row,
    workflow_row,
    write_classifications,
    write_export,
    write_subjects,
    write_workflows,
)
from tests.exports.raw_project import RawProject
from zoo_dag.errors import ExportError
from zoo_dag.exports import merged_versions
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES


def write(project: RawProject, name: str, *rows: dict[str, Any], **options: Any) -> Path:
    return write_classifications(project.root.parent / f"{name}.csv", rows, **options)


def ids(project: RawProject, key: str = "11-v3.10") -> list[str]:
    return project.raw(key)["classification_id"].to_list()


def counts(project: RawProject, key: str = "11-v3.10") -> tuple[int, int, int]:
    n_rows = int(project.files.metadata(TABLES["raw_classifications"], key)["n_rows"])
    reads = project.folder.reads()[key]
    return reads.n_read, n_rows, reads.n_merged


def content_version(project: RawProject, key: str = "11-v3.10") -> str:
    return project.files.metadata(TABLES["raw_classifications"], key)[DATA_VERSION]


def test_each_version_has_a_file_and_versions_sort_as_integers(project: RawProject) -> None:
    versions = ["3.9", "3.10", "3.2", "3.1", "12"]
    rows = [classification_row(number, workflow_version=text) for number, text in enumerate(versions, 1)]
    imported = project.add(write(project, "a", *rows))
    expected = ["11-v3.1", "11-v3.2", "11-v3.9", "11-v3.10", "11-v12.0"]
    assert list(imported.classifications) == expected
    assert project.versions() == expected
    assert [ids(project, key) for key in expected] == [["1004"], ["1003"], ["1001"], ["1002"], ["1005"]]


def test_a_version_is_stored_alike_whether_others_are_imported_with_it_or_not(
    project: RawProject, tmp_path: Path
) -> None:
    # Some rows are of before, one is there twice, and an older one is missing.
    old = [classification_row(n, workflow_version=f"3.{n % 4}") for n in range(1, 9)]
    new = [{**row, "user_ip": "b"} for row in old[:6]]
    new += [classification_row(n, workflow_version=f"3.{n % 5}", subject_ids="7") for n in (9, 9, 10)]
    _, imported = [project.add(write(project, name, *rows)) for name, rows in (("old", old), ("new", new))]
    assert list(imported.classifications) == [f"11-v3.{minor}" for minor in range(5)]
    for key, version in imported.classifications.items():
        alone = RawProject(tmp_path / key)
        of_key = [[row for row in rows if f"11-v{row['workflow_version']}" == key] for rows in (old, new)]
        files = [write(project, name, *rows) for name, rows in zip(("old", "new"), of_key, strict=True) if rows]
        other = [alone.add(file) for file in files][-1].classifications[key]
        assert (version.content_hash, version.shown_hash) == (other.content_hash, other.shown_hash)
        assert_frame_equal(version.shown_subjects.collect(), other.shown_subjects.collect())
        assert_frame_equal(project.raw(key).drop("source_row"), alone.raw(key).drop("source_row"))


def test_a_data_folder_may_have_a_name_that_is_a_pattern(tmp_path: Path) -> None:
    project = RawProject(tmp_path / "data*[1]")
    for name, numbers in (("old", range(1, 3)), ("new", range(2, 4))):
        rows = [classification_row(n, workflow_version=f"3.{n}", user_name=name) for n in numbers]
        project.add(write(project, name, *rows))
    names = [project.raw(f"11-v3.{n}")["user_name"].item() for n in range(1, 4)]
    assert names == ["old", "new", "new"]


def test_what_versions_say_about_their_subjects_waits_in_files(project: RawProject) -> None:
    rows = [classification_row(n, workflow_version=f"3.{n}", subject_ids=str(100 + n)) for n in (1, 2)]
    imported = project.add(write(project, "a", *rows))
    shown = [version.shown_subjects for version in imported.classifications.values()]
    assert [each.collect()["subject_id"].to_list() for each in shown] == [[101], [102]]
    # Of an import of many versions they need not fit in memory together.
    assert not any("DF [" in each.explain() for each in shown)


@pytest.mark.parametrize(("most_bytes", "n_queries"), [(1 << 20, 1), (1, 3)])
def test_only_versions_with_small_files_are_read_together(
    project: RawProject, monkeypatch: pytest.MonkeyPatch, most_bytes: int, n_queries: int
) -> None:
    monkeypatch.setattr(merged_versions, "_BYTES_TOGETHER", most_bytes)
    project.add(write(project, "a", *(classification_row(n, workflow_version=f"3.{n}") for n in range(1, 4))))
    assert project.versions() == ["11-v3.1", "11-v3.2", "11-v3.3"]
    # Each query writes what its versions say about their subjects to a file.
    assert len(list(project.root.rglob("shown-*"))) == n_queries


def test_a_row_without_a_readable_version_is_quarantined_with_all_cells(project: RawProject) -> None:
    bad = ["", "abc", "3.x", None]
    rows = [classification_row(number, workflow_version=text) for number, text in enumerate(bad, 1)]
    project.add(write(project, "a", *rows, classification_row(5), classification_row(6, workflow_id="birds")))
    assert ids(project) == ["1005"]
    quarantine = project.table("raw_quarantine").sort("source_row")
    assert quarantine["source_row"].to_list() == [1, 2, 3, 4, 6]
    assert quarantine["column"].to_list() == ["workflow_version"] * 4 + ["workflow_id"]
    assert quarantine["found"].to_list() == ["", "abc", "3.x", None, "birds"]
    assert quarantine["classification_id"].to_list() == [1001, 1002, 1003, 1004, 1006]
    assert '"user_name":"volunteer-2"' in quarantine["row"][1]
    assert project.table("imports").select("n_rows", "n_quarantined").rows() == [(6, 5)]


def test_a_malformed_row_is_quarantined_with_its_text(project: RawProject) -> None:
    path = write(project, "a", classification_row(1), classification_row(2))
    path.write_bytes(path.read_bytes().replace(b"volunteer-1,", b'"volunteer-1,'))
    project.add(path)
    assert ids(project) == ["1002"]
    row = project.table("raw_quarantine").row(0, named=True)
    assert (row["source_file"], row["source_row"], row["column"]) == ("a.csv", 1, "(row)")
    assert row["row"].startswith('1001,"volunteer-1,')


def test_of_overlapping_files_the_row_of_the_newer_one_stays(project: RawProject) -> None:
    old = write(project, "old", classification_row(1, user_ip="a"), classification_row(2, user_ip="a"))
    new = write(project, "new", classification_row(2, user_ip="b"), classification_row(3, user_ip="b"))
    project.add(old)
    imported = project.add(new)
    assert imported.skipped == ()
    frame = project.raw()
    assert frame["classification_id"].to_list() == ["1001", "1002", "1003"]
    assert frame["user_ip"].to_list() == ["a", "b", "b"]
    assert frame["source_file"].to_list() == ["old.csv", "new.csv", "new.csv"]
    assert counts(project) == (4, 3, 1)


def test_also_within_one_import_and_one_file(project: RawProject) -> None:
    old = write(project, "old", classification_row(1, user_ip="a"), classification_row(1, user_ip="b"))
    new = write(project, "new", classification_row(1, user_ip="c"))
    project.add(old, new)
    assert project.raw()["user_ip"].to_list() == ["c"]
    assert counts(project) == (3, 1, 2)


def test_what_changes_with_every_export_is_no_other_content(project: RawProject) -> None:
    state = {"workflow_id": 11, "retired_at": "2025-01-01T00:00:00.000Z", "classifications_count": 15}
    retired = {"101": {"retired": state, "name": "bird 101.jpg"}}
    other = {"user_ip": "ffff", "user_name": "not-logged-in-ffff"}
    project.add(write(project, "old", anonymous(1), anonymous(2)))
    before = content_version(project)
    project.add(write(project, "new", *(anonymous(n, **other, subject_data=retired) for n in (1, 2))))
    assert ids(project) == ["1001", "1002"]
    assert content_version(project) == before
    assert project.raw()["user_ip"].to_list() == ["ffff", "ffff"]


@pytest.mark.parametrize(
    "change",
    [
        {"annotations": []},
        {"metadata": metadata(session="x")},
        {"subject_ids": "9"},
        {"user_id": 8},
        {"user_name": "renamed"},
        {"gold_standard": True},
        {"expert": "owner"},
        {"created_at": "2024-03-05 01:00:02 UTC"},
        {"workflow_name": "Renamed"},
        {"subject_data": {"101": {"retired": None, "name": "another.jpg"}}},
        {"subject_data": {"101": {"retired": "a field of the project", "name": "bird 101.jpg"}}},
    ],
)
def test_other_content_is_another_version_of_the_data(project: RawProject, change: dict[str, Any]) -> None:
    project.add(write(project, "old", classification_row(1)))
    before = content_version(project)
    project.add(write(project, "new", classification_row(1, **change)))
    assert content_version(project) != before


def test_rows_that_need_no_merging_are_not_written_again(project: RawProject) -> None:
    rows = [classification_row(number) for number in (1, 2, 3)]
    first = project.add(write(project, "a", *rows[:2])).classifications["11-v3.10"]
    assert first.part is not None
    # A longer export has all rows of the one before.
    longer = project.add(write(project, "b", *rows)).classifications["11-v3.10"]
    assert longer.part is not None
    assert pl.read_parquet(longer.part).equals(project.raw())
    assert counts(project) == (5, 3, 2)


@pytest.mark.parametrize(
    ("numbers", "columns"),
    [
        ((1, 3), CLASSIFICATION_COLUMNS),
        # Not ascending, the same twice, and in another order of the columns than the table has.
        ((3, 2, 1), CLASSIFICATION_COLUMNS),
        ((1, 2, 3, 3), CLASSIFICATION_COLUMNS),
        ((1, 2, 3), tuple(reversed(CLASSIFICATION_COLUMNS))),
    ],
)
def test_rows_that_need_merging_are_written_in_order(
    project: RawProject, numbers: tuple[int, ...], columns: tuple[str, ...]
) -> None:
    project.add(write(project, "a", classification_row(1), classification_row(2)))
    rows = [classification_row(number) for number in numbers]
    again = project.add(write(project, "b", *rows, columns=columns)).classifications["11-v3.10"]
    assert again.part is None
    assert ids(project) == ["1001", "1002", "1003"]
    assert project.raw().columns[:2] == ["classification_id", "user_name"]


def test_a_synthetic_id_is_the_same_in_every_export(project: RawProject) -> None:
    columns = [name for name in CLASSIFICATION_COLUMNS if name != "classification_id"]
    project.add(write(project, "old", classification_row(1), anonymous(2), columns=columns))
    changed = {"user_ip": "ffff", "workflow_name": "Renamed"}
    rows = [
        classification_row(1, **changed),
        anonymous(2, **changed, user_name="not-logged-in-ffff"),
        classification_row(3),
    ]
    project.add(write(project, "new", *rows, columns=columns))
    assert counts(project) == (5, 3, 2)


def test_a_file_that_was_imported_before_is_skipped(project: RawProject) -> None:
    path = write(project, "a", classification_row(1))
    project.add(path)
    copy = path.with_name("copy.csv")
    copy.write_bytes(path.read_bytes())
    imported = project.add(copy)
    assert imported.skipped == ("copy.csv",)
    assert imported.classifications == {}
    assert imported.imports is None
    assert counts(project) == (1, 1, 0)


def test_a_file_of_which_a_version_is_lost_brings_that_version_back(project: RawProject) -> None:
    path = write(project, "a", classification_row(1), classification_row(2, workflow_version="3.11"))
    project.add(path)
    project.files.remove(TABLES["raw_classifications"], "11-v3.11")
    imported = project.add(path)
    assert (imported.skipped, list(imported.classifications)) == ((), ["11-v3.11"])
    assert (counts(project), counts(project, "11-v3.11")) == ((1, 1, 0), (1, 1, 0))
    assert project.add(path).skipped == ("a.csv",)


@pytest.mark.parametrize("table", ["raw_subjects", "raw_quarantine"])
def test_a_file_whose_rows_in_a_deleted_table_are_lost_brings_them_back(project: RawProject, table: str) -> None:
    path = write_subjects(project.root.parent / "subjects.csv", [subject_row(101), subject_row(102)])
    path.write_bytes(path.read_bytes() + b'103,"5\n')
    project.add(path)
    before = project.table(table)
    project.files.remove(TABLES[table])
    assert project.add(path).skipped == ()
    assert project.table(table).equals(before)
    reads = project.folder.reads()
    assert [(each.n_read, each.n_merged) for each in (reads["subjects"], reads["quarantine subjects"])] == [
        (2, 0),
        (1, 0),
    ]


def test_an_import_that_was_interrupted_before_its_record_counts_rows_once(project: RawProject) -> None:
    path = write(project, "a", classification_row(1), classification_row(2))
    project.add(path)
    project.files.remove(TABLES["imports"])
    assert project.add(path).skipped == ()
    assert counts(project) == (2, 2, 0)


def test_a_data_folder_without_records_of_rows_reads_each_file_once_more(project: RawProject) -> None:
    path = write(project, "a", classification_row(1), classification_row(2))
    project.add(path)
    raw, imports = TABLES["raw_classifications"], TABLES["imports"]
    stored = project.raw().lazy()
    project.files.publish(raw, stored, {"n_rows": "2", "n_read": "3", "n_merged": "1"}, "11-v3.10")
    project.files.publish(imports, project.table("imports").drop("rows_read").lazy(), {})
    assert counts(project) == (3, 2, 1)
    assert project.add(path).skipped == ()
    assert counts(project) == (5, 2, 3)
    assert project.add(path).skipped == ("a.csv",)


def test_two_files_of_one_content_are_read_once(project: RawProject) -> None:
    path = write(project, "a", classification_row(1))
    copy = path.with_name("copy.csv")
    copy.write_bytes(path.read_bytes())
    assert len(project.add(path, copy).skipped) == 1
    assert counts(project) == (1, 1, 0)


def test_no_row_disappears_because_a_file_did_not_contain_it(project: RawProject) -> None:
    project.add(write(project, "a", classification_row(1), classification_row(2, workflow_id=12)))
    project.add(write(project, "b", classification_row(3)))
    assert project.versions() == ["11-v3.10", "12-v3.10"]
    assert ids(project) == ["1001", "1003"]


def test_an_import_changes_the_versions_in_it_only(project: RawProject) -> None:
    project.add(write(project, "a", classification_row(1), classification_row(2, workflow_version="3.11")))
    imported = project.add(write(project, "b", classification_row(3, workflow_version="3.11")))
    assert list(imported.classifications) == ["11-v3.11"]


def test_a_row_that_moved_to_another_version_leaves_the_old_one(project: RawProject) -> None:
    project.add(write(project, "a", classification_row(1), classification_row(2)))
    project.add(write(project, "b", classification_row(2, workflow_version="3.11")))
    assert (ids(project), ids(project, "11-v3.11")) == (["1001"], ["1002"])
    assert counts(project) == (2, 1, 1)


def test_replace_removes_all_other_rows_of_the_workflows_in_the_files(project: RawProject) -> None:
    rows = [
        classification_row(1),
        classification_row(2),
        classification_row(3, workflow_version="2.1"),
        classification_row(4, workflow_id=12),
    ]
    project.add(write(project, "a", *rows))
    imported = project.add(write(project, "b", classification_row(2)), replace=True)
    assert imported.removed == ("11-v2.1",)
    assert project.versions() == ["11-v3.10", "12-v3.10"]
    assert (ids(project), ids(project, "12-v3.10")) == (["1002"], ["1004"])
    assert counts(project) == (1, 1, 0)


def test_replace_reads_a_file_again_that_was_imported_before(project: RawProject) -> None:
    first = write(project, "a", classification_row(1))
    project.add(first)
    project.add(write(project, "b", classification_row(2)))
    assert ids(project) == ["1001", "1002"]
    project.add(first, replace=True)
    assert ids(project) == ["1001"]


def test_replace_removes_the_other_subjects_and_definitions_of_the_workflows_in_the_files(
    project: RawProject,
) -> None:
    folder = project.root.parent
    subjects = [
        subject_row(101),
        subject_row(102),
        subject_row(103, workflow_id=12),
        subject_row(104, workflow_id=None),
    ]
    definitions = [workflow_row(3, 9), workflow_row(3, 10), workflow_row(1, 1, workflow_id=12)]
    project.add(write_subjects(folder / "s.csv", subjects), write_workflows(folder / "w.csv", definitions))
    fewer = (
        write_subjects(folder / "s2.csv", [subject_row(102)]),
        write_workflows(folder / "w2.csv", [workflow_row()]),
    )
    project.add(*fewer, replace=True)
    assert project.table("raw_subjects")["subject_id"].to_list() == ["102", "103", "104"]
    versions = project.table("raw_workflows").select("workflow_id", "version", "minor_version").rows()
    assert versions == [("11", "3", "10"), ("12", "1", "1")]
    forgotten = project.table("forgotten").select("workflow_id", "table", "n_rows").rows()
    assert forgotten == [(11, "raw_subjects", 2), (11, "raw_workflows", 2)]
    reads = project.folder.reads()
    assert [(reads[kind].n_read, reads[kind].n_merged) for kind in ("subjects", "workflows")] == [(3, 0), (2, 0)]
    # What was replaced comes back with its file, like what was forgotten.
    assert project.add(folder / "s.csv").skipped == ()
    assert project.table("raw_subjects").height == 4


def test_replace_removes_rejected_rows_of_the_workflows_in_the_files(project: RawProject) -> None:
    rejected = [
        classification_row(2, workflow_version="x"),
        classification_row(3, workflow_version="x", workflow_id=12),
    ]
    project.add(write(project, "a", classification_row(1), *rejected))
    project.add(write(project, "b", classification_row(1)), replace=True)
    assert project.table("raw_quarantine")["classification_id"].to_list() == [1003]


WITHOUT_WORKFLOW = [name for name in CLASSIFICATION_COLUMNS if name != "workflow_id"]
WITHOUT_METADATA = [name for name in CLASSIFICATION_COLUMNS if name != "metadata"]


@pytest.mark.parametrize("columns", [WITHOUT_WORKFLOW, WITHOUT_METADATA])
@pytest.mark.parametrize("first", ["full", "reduced", "together"])
def test_a_reduced_file_replaces_no_fuller_row_whatever_the_order(
    project: RawProject, columns: list[str], first: str
) -> None:
    full = write(project, "full", classification_row(1), classification_row(2))
    reduced = write(project, "reduced", classification_row(2), classification_row(3), columns=columns)
    orders = {"full": [[full], [reduced]], "reduced": [[reduced], [full]], "together": [[reduced, full]]}
    for files in orders[first]:
        project.add(*files)
    raw = project.raw()
    assert raw.filter(source_file="full.csv")["classification_id"].to_list() == ["1001", "1002"]
    others = pl.concat([project.raw(key) for key in project.versions()], how="diagonal")
    assert others.filter(source_file="reduced.csv")["classification_id"].to_list() == ["1003"]
    assert sum(reads.n_merged for reads in project.folder.reads().values()) == 1


def test_a_reduced_file_leaves_the_fuller_rows_of_a_mixed_version(project: RawProject) -> None:
    full = write(project, "full", classification_row(1))
    project.add(full)
    for number, last in enumerate(([classification_row(2)], [classification_row(1), classification_row(2)])):
        project.add(write(project, f"reduced-{number}", *last, columns=WITHOUT_METADATA))
    assert project.raw().select("classification_id", "source_file").rows() == [
        ("1001", "full.csv"),
        ("1002", "reduced-1.csv"),
    ]


def test_imports_say_where_the_data_came_from(project: RawProject) -> None:
    rows = [classification_row(1), classification_row(2, workflow_name="Vögel")]
    path = project.root.parent / "export.csv"
    data = export_bytes(rows, CLASSIFICATION_COLUMNS).decode().encode("cp1252")
    path.write_bytes(gzip.compress(data))
    project.add(path)
    row = project.table("imports").row(0, named=True)
    assert len(row["sha256"]) == 64
    assert row["n_bytes"] == path.stat().st_size
    assert (row["source_file"], row["kind"], row["container"]) == ("export.csv", "classifications", "gzip")
    assert (row["encoding"], row["n_columns"], row["n_rows"], row["n_quarantined"]) == ("cp1252", 14, 2, 0)
    assert row["imported_at"].tzinfo is not None


def test_unknown_columns_are_kept_in_raw(project: RawProject) -> None:
    columns = [*CLASSIFICATION_COLUMNS, "nickname"]
    project.add(write(project, "a", {**classification_row(1), "nickname": "x"}, columns=columns))
    project.add(write(project, "b", classification_row(2)))
    assert project.raw()["nickname"].to_list() == ["x", None]
    assert project.parsed()[0].height == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_raw_columns_are_in_one_order_whatever_was_imported_first(
    project: RawProject, order: tuple[int, ...]
) -> None:
    headers = (
        ["zone", *CLASSIFICATION_COLUMNS],
        [*CLASSIFICATION_COLUMNS[::-1], "age"],
        ["Zoo", *CLASSIFICATION_COLUMNS],
    )
    for number in order:
        row = {**dict.fromkeys(headers[number]), **classification_row(number)}
        project.add(write(project, str(number), row, columns=headers[number]))
        subjects = [{**subject_row(number), f"added {number}": "x"}]
        project.add(write_export(project.root.parent / f"subjects-{number}.csv", subjects))
    source = ["source_file", "source_row"]
    assert project.raw().columns == [*CLASSIFICATION_COLUMNS, "Zoo", "age", "zone", *source]
    assert project.table("raw_subjects").columns[-6:] == ["added 0", "added 1", "added 2", "is_current", *source]


def test_an_archive_that_breaks_after_its_header_was_read_is_an_export_error(project: RawProject) -> None:
    path = project.root.parent / "a.csv.gz"
    path.write_bytes(gzip.compress(export_bytes([classification_row(1)], CLASSIFICATION_COLUMNS))[:-12])
    with pytest.raises(ExportError, match="the archive is broken"):
        project.add(path)
    assert project.versions() == []


def test_of_a_subject_row_in_two_files_the_newer_stays(project: RawProject) -> None:
    folder = project.root.parent
    project.add(write_subjects(folder / "old.csv", [subject_row(101, classifications_count=3), subject_row(102)]))
    project.add(write_subjects(folder / "new.csv", [subject_row(101, classifications_count=15)]))
    raw = project.table("raw_subjects")
    assert raw.select("subject_id", "classifications_count").rows() == [("101", "15"), ("102", "0")]


def test_of_two_rows_of_a_workflow_version_the_last_stays(project: RawProject) -> None:
    rows = [workflow_row(3, 10, first_task="T1"), workflow_row(3, 10, first_task="T2"), workflow_row(3, 9)]
    project.add(write_workflows(project.root.parent / "workflows.csv", rows))
    raw = project.table("raw_workflows")
    assert raw.select("minor_version", "first_task").rows() == [("9", "T0"), ("10", "T2")]


def test_ids_that_another_program_wrote_as_fractions_are_the_same_ids(project: RawProject) -> None:
    folder = project.root.parent
    project.add(write_subjects(folder / "s1.csv", [subject_row(), subject_row(102, workflow_id=None)]))
    rewritten = {"subject_set_id": "21.0", "classifications_count": 5}
    rows = [
        subject_row(workflow_id="11.0", **rewritten),
        subject_row(subject_id="102.0", workflow_id="NaN", **rewritten),
    ]
    project.add(write_subjects(folder / "s2.csv", rows))
    subjects = project.subjects()[0].select("subject_id", "workflow_id", "classifications_count").rows()
    assert subjects == [(101, 11, 5), (102, None, 5)]
    project.add(write_workflows(folder / "w1.csv", [workflow_row(minor_version="10.0", display_name="old")]))
    project.add(write_workflows(folder / "w2.csv", [workflow_row(display_name="new")]))
    assert project.workflow_versions()["display_name"].to_list() == ["new"]


def test_the_quarantine_of_a_row_that_comes_again_is_not_doubled(project: RawProject) -> None:
    bad = classification_row(1, workflow_version="x")
    project.add(write(project, "a", bad))
    project.add(write(project, "b", bad, classification_row(2)))
    assert project.table("raw_quarantine").select("source_file").rows() == [("b.csv",)]


def test_rows_of_subjects_say_whether_the_newest_import_has_them(project: RawProject, tmp_path: Path) -> None:
    both = [subject_row(101), subject_row(101, subject_set_id=22), subject_row(102), subject_row(103)]
    project.add(write_subjects(tmp_path / "a.csv", both))
    moved = [subject_row(101, subject_set_id=22), subject_row(102, subject_set_id=9), subject_row(104)]
    project.add(write_subjects(tmp_path / "b.csv", moved))
    found = project.subjects()[0].select("subject_id", "subject_set_id", "is_current").rows()
    assert found == [
        (101, 21, False),
        (101, 22, True),
        (102, 9, True),
        (102, 21, False),
        # A file need not have all subjects.
        (103, 21, True),
        (104, 21, True),
    ]
    back = [subject_row(102, classifications_count=7)]
    project.add(write_subjects(tmp_path / "c.csv", back))
    found = project.subjects()[0].filter(subject_id=102).select("subject_set_id", "is_current").rows()
    assert found == [(9, False), (21, True)]


def test_of_two_files_of_one_import_the_later_one_is_the_newest(project: RawProject, tmp_path: Path) -> None:
    first = write_subjects(tmp_path / "z.csv", [subject_row(101), subject_row(102)])
    second = write_subjects(tmp_path / "a.csv", [subject_row("101.0", workflow_id="11.0", subject_set_id=30)])
    for number, path in enumerate((first, second)):
        os.utime(path, ns=(number, number))
    project.add(second, first)
    found = project.subjects()[0].select("subject_id", "subject_set_id", "is_current").rows()
    assert found == [(101, 21, False), (101, 30, True), (102, 21, True)]


WITHOUT_WORKFLOW = tuple(name for name in CLASSIFICATION_COLUMNS if name != "workflow_id")


def test_workflows_that_only_their_names_tell_apart_are_refused(project: RawProject) -> None:
    rows = [classification_row(1), classification_row(2, workflow_name="Bees"), classification_row(3)]
    with pytest.raises(
        ExportError, match=r"a\.csv: the file has no column workflow_id.* workflows: Bees, Birds\."
    ):
        project.add(write(project, "a", *rows, columns=WITHOUT_WORKFLOW))
    rows[1]["workflow_name"] = "B" * 60_000
    with pytest.raises(ExportError, match=r"workflows: B{100}…, Birds\."):
        project.add(write(project, "a", *rows, columns=WITHOUT_WORKFLOW))
    assert project.versions() == []


def test_workflows_of_two_files_are_not_mixed_either(project: RawProject) -> None:
    project.add(write(project, "a", rows := classification_row(1), columns=WITHOUT_WORKFLOW))
    project.add(write(project, "b", rows, classification_row(2), columns=WITHOUT_WORKFLOW))
    assert project.versions() == ["0-v3.10"]
    bees = write(project, "c", classification_row(3, workflow_name="Bees"), columns=WITHOUT_WORKFLOW)
    with pytest.raises(ExportError, match=r"workflows: Bees, Birds\."):
        project.add(bees)
    assert ids(project, "0-v3.10") == ["1001", "1002"]
    project.add(bees, replace=True)
    assert ids(project, "0-v3.10") == ["1003"]


def test_without_names_nothing_tells_workflows_apart(project: RawProject) -> None:
    columns = tuple(name for name in WITHOUT_WORKFLOW if name != "workflow_name")
    project.add(write(project, "a", classification_row(1), classification_row(2), columns=columns))
    assert ids(project, "0-v3.10") == ["1001", "1002"]
