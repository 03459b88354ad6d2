"""The numbers that Dagster draws over the partitions."""

import math

import pytest

from tests.plots.samples import rows, votes_at
from zoo_dag.plots.numbers import NUMBERS, aggregations
from zoo_dag.tables import TABLES
from zoo_dag.task_types.pages import pages

# The numbers of all tables, by table.
NUMBERS_OF = {**NUMBERS, **{name: page.numbers for name, page in pages().items()}}


def told(table: str, found: list[dict]) -> dict:
    return rows(table, found).select(aggregations(NUMBERS_OF[table])).collect().row(0, named=True)


@pytest.mark.parametrize("table", NUMBERS_OF)
def test_the_numbers_of_an_empty_table_are_nothing_or_null(table):
    found = told(table, [])
    assert set(found) == set(NUMBERS_OF[table])
    assert all(value is None or value == 0 or math.isnan(value) for value in found.values())


def test_every_partitioned_table_has_numbers_but_the_raw_ones_and_the_quarantine():
    without = {name for name, table in TABLES.items() if table.partition and name not in NUMBERS_OF}
    assert {name for name in without if TABLES[name].stage != "raw"} == {
        "parsed_quarantine",
        "flattened_quarantine",
    }


def test_classifications_have_the_numbers_of_people_subjects_and_exclusions():
    found = [
        *(row | {"user_key": "user:1", "duration_s": 10.0} for row in votes_at(1, 2, subject="1")),
        *(row | {"user_key": "user:2", "duration_s": 20.0} for row in votes_at(3, subject="2", excluded="repeat")),
    ]
    assert told("classifications", found) == {
        "subjects": 2,
        "volunteers": 2,
        "counted": 2,
        "share_left_out": 0.3333,
        "median_seconds": 10.0,
    }


def test_annotations_have_the_numbers_of_blank_and_unreadable_answers():
    statuses = ("answered", "blank", "unknown_label", "malformed")
    found = [
        {"classification_id": n, "subject_ids": "1", "user_key": "user:1", "status": status}
        for n, status in enumerate(statuses)
    ]
    found[0]["excluded"] = "left_branch"
    assert told("question_annotations", found) == {
        "subjects": 1,
        "classifications": 4,
        "volunteers": 1,
        "on_a_left_branch": 1,
        "share_blank": 0.25,
        "share_not_understood": 0.5,
    }


def test_a_subject_and_task_count_once_whatever_its_answers():
    first = {"subject_ids": "1", "rank": 1, "tied": True, "agreement": 0.5, "n_blank": 2, "n_classifications": 10}
    nobody = {
        "subject_ids": "2",
        "rank": None,
        "tied": None,
        "agreement": None,
        "n_blank": 10,
        "n_classifications": 10,
    }
    assert told("question_consensus", [first, first | {"rank": 2}, nobody]) == {
        "subjects": 2,
        "share_tied": 1.0,
        "share_blank": 0.6,
        "mean_agreement": 0.5,
    }


def test_drawings_have_the_numbers_of_clusters_and_of_subjects_with_any():
    found = [
        {"subject_ids": "1", "cluster_index": 0, "n_marks": 5, "detection": 0.5, "is_candidate": False},
        {"subject_ids": "2", "cluster_index": 0, "n_marks": 1, "detection": 0.1, "is_candidate": True},
        {"subject_ids": "1", "cluster_index": None, "n_marks": 0, "detection": None},
        {"subject_ids": "2", "cluster_index": None, "n_marks": 0, "detection": None},
    ]
    assert told("drawing_consensus", found) == {
        "subjects": 2,
        "clusters": 1,
        "candidates": 1,
        "marks_in_clusters": 5,
        "mean_detection": 0.5,
        "subjects_with_cluster": 1,
    }


def test_pooled_tables_have_the_same_numbers_as_those_of_a_version():
    pooled = {name for name in NUMBERS_OF if name.startswith("pooled_")}
    assert pooled == {name for name in TABLES if name.startswith("pooled_")}
    assert all(NUMBERS_OF[name].keys() == NUMBERS_OF[name.removeprefix("pooled_")].keys() for name in pooled)


def test_row_accounting_counts_the_sums_that_do_not_match():
    found = [
        {"stage": "parsed", "quarantined": 1, "merged": 2, "excluded": 3, "balanced": True},
        {"stage": "flattened", "quarantined": 4, "merged": 0, "excluded": 0, "balanced": False},
    ]
    assert told("version_accounting", found) == {"quarantined": 5, "merged": 2, "left_out": 3, "unbalanced": 1}
