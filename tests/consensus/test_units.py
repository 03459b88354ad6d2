"""Units of consensus and their denominators."""

from typing import Any

import polars as pl

from zoo_dag.consensus.units import POOLED, VERSION, Scope, newest, units
from zoo_dag.tables import TABLES

SHARED = {"workflow_id": 11, "task": "T0", "task_revision": "T0@3.9", "subject_id": 1, "subject_ids": "1"}


def annotations(*rows: tuple[int, str, int, str], **columns: Any) -> pl.DataFrame:
    """Rows of a flattened table: classification, workflow version, element and status."""
    names = ("classification_id", "workflow_version", "annotation_index", "status")
    found = [
        SHARED | dict(zip(names, row, strict=True)) | {"user_key": f"user:{row[0]}"} | columns for row in rows
    ]
    return pl.DataFrame(found, schema=TABLES["question_annotations"].dtypes)


def denominators(rows: pl.DataFrame, scope: Scope = VERSION) -> list[tuple[Any, ...]]:
    columns = ("versions", "n_classifications", "n_blank", "n_volunteers", "n_answered")
    return units(rows.lazy(), scope).select(columns).sort("versions").collect().rows()


def test_denominators_are_of_classifications_not_of_rows() -> None:
    rows = annotations(
        (1, "3.9", 0, "answered"),
        (1, "3.9", 0, "answered"),
        (2, "3.9", 0, "blank"),
        (3, "3.9", 0, "malformed"),
        (4, "3.9", 0, "answered"),
        (4, "3.9", 0, "unknown_label"),
    )
    assert denominators(rows) == [(["3.9"], 4, 1, 4, 2)]
    assert denominators(rows.filter(status="answered")) == [(["3.9"], 2, 0, 2, 2)]
    assert denominators(rows.clear()) == []


def test_votes_of_people_without_an_account_and_after_retirement_are_counted_by_classification() -> None:
    people = {1: "user:7", 2: "name:ann", 3: "session:5e55", 4: "ip:0123", 5: "classification:5"}
    late = pl.col("classification_id").replace_strict({1: True, 2: False, 3: True, 4: None, 5: False})
    rows = annotations(*((number, "3.9", place, "answered") for number in people for place in (0, 1)))
    rows = rows.with_columns(
        user_key=pl.col("classification_id").replace_strict(people), after_retirement=late.cast(pl.Boolean)
    )
    found = units(rows.lazy(), VERSION).select("n_classifications", "n_anonymous", "n_after_retirement").collect()
    assert found.rows() == [(5, 3, 2)]


def test_versions_of_a_pool_are_in_their_order() -> None:
    rows = annotations(*((number, version, 0, "blank") for number, version in enumerate(("10.1", "3.10", "3.9"))))
    assert denominators(rows, POOLED) == [(["3.9", "3.10", "10.1"], 3, 3, 3, 0)]
    assert len(denominators(rows)) == 3


def test_the_newest_text_is_that_of_the_newest_version_that_has_one() -> None:
    texts = [("10.1", None), ("3.10", "b"), ("3.10", "a"), ("3.9", "z")]
    frame = pl.DataFrame(texts, schema=["workflow_version", "task_label"], orient="row").with_columns(k=1)

    def label(rows: pl.DataFrame, scope: Scope) -> str | None:
        found: str | None = rows.group_by("k").agg(newest("task_label", scope))["task_label"].item()
        return found

    assert label(frame, POOLED) == "b"
    assert label(frame, VERSION) == "z"
    assert label(frame.head(1), POOLED) is None
