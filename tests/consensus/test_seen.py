"""How many saw a subject, whatever they were asked."""

from typing import Any

import polars as pl

from zoo_dag.consensus.seen import revisions_of_versions, seen_in_pool, seen_in_version
from zoo_dag.tables import TABLES


def classifications(*rows: tuple[int, str, str, str | None]) -> pl.LazyFrame:
    """Rows of `classifications`: id, workflow version, subject and why it is left out."""
    names = ("classification_id", "workflow_version", "subject_ids", "excluded")
    return table("classifications", [dict(zip(names, row, strict=True)) for row in rows])


def table(name: str, rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=TABLES[name].dtypes)


def decided(*repeats: tuple[int, str | None, list[str]]) -> pl.DataFrame:
    """Decisions over all versions: id, why it is left out, and the task revisions that it repeats."""
    schema = {"classification_id": pl.Int64(), "excluded": pl.String(), "repeated": pl.List(pl.String())}
    return pl.DataFrame(repeats, schema=schema, orient="row")


def task(version: str, name: str, revision: str, **columns: Any) -> dict[str, Any]:
    shared = {"workflow_id": 11, "workflow_version": version, "task": name, "task_revision": revision}
    return shared | columns


def test_in_a_version_those_that_count_saw_their_subject() -> None:
    rows = classifications(
        (1, "3.9", "1", None), (2, "3.9", "1", None), (3, "3.9", "1", "repeat"), (4, "3.9", "1;2", None)
    )
    assert seen_in_version(rows).sort("subject_ids").collect().rows() == [("3.9", "1", 2), ("3.9", "1;2", 1)]


def test_versions_together_have_the_numbers_of_each() -> None:
    rows = classifications((1, "3.9", "1", None), (2, "3.9", "1", None), (3, "3.10", "1", None))
    seen = seen_in_version(rows).sort("n_seen")
    assert seen.collect().rows() == [("3.10", "1", 1), ("3.9", "1", 2)]


def test_in_a_pool_only_versions_that_have_the_revision_count() -> None:
    rows = classifications(*((number, version, "1", None) for number, version in enumerate(["3.9", "3.9", "4.1"])))
    revisions = pl.DataFrame(
        [("3.9", "T0@3.9"), ("4.1", "T0@4.1"), ("3.9", "T1@3.9"), ("4.1", "T1@3.9")],
        schema=["workflow_version", "task_revision"],
        orient="row",
    )
    counting = decided(*((number, None, []) for number in range(3)))
    assert seen_in_pool(rows, counting, revisions).sort("task_revision").collect().rows() == [
        ("T0@3.9", "1", 2),
        ("T0@4.1", "1", 1),
        ("T1@3.9", "1", 3),
    ]


def test_who_repeats_a_task_has_not_seen_it_again() -> None:
    rows = classifications((1, "3.9", "1", None), (2, "4.1", "1", None), (3, "4.1", "1", None))
    revisions = pl.DataFrame(
        [("3.9", "T0@3.9"), ("4.1", "T0@3.9"), ("4.1", "T1@4.1")],
        schema=["workflow_version", "task_revision"],
        orient="row",
    )
    # The second one answers T0 again, and T1 for the first time; the third repeats everything.
    again = decided((1, None, []), (2, None, ["T0@3.9"]), (3, "repeat", []))
    assert seen_in_pool(rows, again, revisions).sort("task_revision").collect().rows() == [
        ("T0@3.9", "1", 1),
        ("T1@4.1", "1", 1),
    ]


def test_a_version_has_the_revisions_of_its_rows_and_the_tasks_that_its_first_one_leads_to() -> None:
    tasks = table(
        "tasks",
        [
            task("3.9", "T0", "T0@3.9", option_kind="answer", option_next="T1"),
            task("3.9", "T0", "T0@3.9", option_kind="answer"),
            task("3.9", "T1", "T1@3.9", shortcut="T4"),
            task("3.9", "T4", "T4@3.9", option_kind="answer"),
            # Nothing leads to it any more.
            task("3.9", "T2", "T2@3.1"),
            task("4.1", "T0", "T0@3.9", option_kind="answer", option_next="T1"),
            task("4.1", "T1", "T1@3.9"),
        ],
    )
    # In 4.1 the rows show another T0 than the definition, which is that of another version; 4.2 has none.
    rows = [task("3.9", "T0", "T0@3.9"), task("4.1", "T0", "T0@4.1"), task("4.2", "T2", "T2@4.2")]
    found = revisions_of_versions([table("question_annotations", rows)], tasks)
    assert sorted(found.rows()) == [
        ("3.9", "T0@3.9"),
        ("3.9", "T1@3.9"),
        ("3.9", "T4@3.9"),
        ("4.1", "T0@4.1"),
        ("4.1", "T1@3.9"),
        ("4.2", "T2@4.2"),
    ]
