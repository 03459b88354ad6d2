"""Retirement, counts, and where consensus is reached."""

from datetime import UTC, datetime

from tests.plots.samples import caption, image, nothing, paths, rows, texts
from zoo_dag.plots import subjects

RETIRED = {"retired_at": datetime(2024, 3, 1, tzinfo=UTC), "retirement_reason": "classification_count"}


def subject(number: int, workflow: int | None = 5, **columns: object) -> dict:
    return {"subject_id": number, "workflow_id": workflow, "subject_set_id": 1} | columns


def test_subjects_are_counted_by_the_reason_of_their_retirement():
    found = [
        *(subject(number, **RETIRED) for number in range(3)),
        subject(3, **RETIRED | {"retirement_reason": "consensus"}),
        subject(4, **RETIRED | {"retirement_reason": None}),
        subject(5),
    ]
    told = subjects.retirement(rows("subjects", found), nothing)["retirement"]
    assert sorted(texts(image(told))) == ["1 consensus", "1 not retired", "1 retired", "3 classification count"]
    assert caption(told) == "5 of 6 subjects retired (83 %), by reason."


def test_a_subject_of_several_sets_is_one():
    found = [subject(1), subject(1, subject_set_id=2)]
    assert texts(image(subjects.retirement(rows("subjects", found), nothing)["retirement"])) == ["1 not retired"]


def test_workflows_are_named_and_so_are_subjects_without_one():
    told = subjects.retirement(rows("subjects", [subject(1), subject(1, 6, **RETIRED), subject(2, None)]), nothing)
    assert texts(image(told["retirement"])) == [
        "1 in 5, not retired",
        "1 in 6, classification…",
        "1 in no workflow, not…",
    ]


def test_of_subjects_that_the_export_lacks_nobody_knows_whether_they_are_retired():
    known = rows("subject_summary", [subject(1) | {"subject_known": True}, subject(2) | {"subject_known": False}])
    assert caption(subjects.retirement(known, nothing)["retirement"]).startswith("0 of 1 subject ")
    unknown = rows("subject_summary", [subject(2) | {"subject_known": False}])
    assert subjects.retirement(unknown, nothing) == {}


def test_consensus_is_counted_for_each_task():
    found = [
        {"workflow_id": 5, "T0_reached": True, "T1_reached": True},
        {"workflow_id": 5, "T0_reached": False, "T1_reached": None},
    ]
    told = subjects.reached(rows("subject_summary", found), nothing)["consensus reached"]
    assert texts(image(told)) == ["T0 1 of 2", "T1 1 of 1"]
    yes, no = paths(image(told))
    assert yes == "M150 2h135v13h-135M150 20h135v13h-135"
    assert no == "M285 2h135v13h-135"


def test_tasks_are_in_the_order_of_the_summary_and_not_of_their_letters():
    found = [{"workflow_id": 5, "T0@9.2_reached": True, "T0@13.16_reached": False, "T10_reached": True}]
    told = subjects.reached(rows("subject_summary", found), nothing)["consensus reached"]
    assert texts(image(told)) == ["T0@9.2 1 of 1", "T0@13.16 0 of 1", "T10 1 of 1"]


def test_without_tasks_there_is_nothing_to_tell():
    summary = rows("subject_summary", [{"workflow_id": 5, "n_classifications": 3}])
    assert subjects.reached(summary, nothing) == {}
    assert subjects.extremes(summary, nothing) == {}


def test_classifications_are_counted_by_subject():
    summary = rows("subject_summary", [{"n_classifications": n} for n in (3, 3, 9)])
    told = subjects.counts(summary, nothing)["classifications per subject"]
    assert caption(told).startswith(
        "3 subjects with 3 to 9 classifications that count; half of them have at most 3."
    )
    assert subjects.counts(rows("subject_summary", []), nothing) == {}


def test_the_extremes_are_means_over_the_tasks_of_a_subject():
    found = [
        {
            "subject_id": number,
            "urls": [f"https://example.org/{number}.jpg"],
            "n_classifications": 8,
            "T0_agreement": first,
            "T1_detection": second,
        }
        for number, first, second in ((1, 0.5, 0.7), (2, 1.0, 1.0))
    ]
    told = subjects.extremes(rows("subject_summary", found), nothing)["example subjects"]
    assert [line for line in told.splitlines() if line.startswith("- ")] == [
        "- [1](https://example.org/1.jpg): `all tasks`, 60 % of 8",
        "- [2](https://example.org/2.jpg): `all tasks`, 100 % of 8",
    ]
