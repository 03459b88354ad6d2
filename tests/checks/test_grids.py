"""The checks that each subject that a grid showed has a vote, and that the export says which it showed."""

from tests.checks.inputs import check_input, table
from zoo_dag.checks.grids import subjects_of_grids_are_known, subjects_of_grids_have_a_vote


def test_a_grid_has_as_many_rows_as_subjects() -> None:
    votes = [
        {"classification_id": number, "annotation_index": 0, "task_type": "subjectGroupComparison"}
        for number in (1, 1, 2, 2, 2)
    ]
    shown = [{"classification_id": number, "grid_subject_ids": "101;102"} for number in (1, 2)]
    tables = {
        "question_annotations": table("question_annotations", *votes),
        "classifications": table("classifications", *shown),
    }
    finding = subjects_of_grids_have_a_vote(check_input("11-v3.10", {}, **tables))
    assert not finding.passed
    assert finding.message == (
        "1 of 2 grids has cells of subjects that were not shown, or cells that cannot be read."
    )
    assert finding.examples is not None
    assert finding.examples.rows() == [(2, 0, 3, 2)]
    tables["question_annotations"] = table("question_annotations", *votes[:4])
    assert subjects_of_grids_have_a_vote(check_input("11-v3.10", {}, **tables)).passed


def test_grids_of_unknown_subjects_are_counted() -> None:
    unknown = {"classification_id": 1, "task_type": "subjectGroupComparison", "reason": "members_unknown"}
    crop = {"classification_id": 2, "task_type": "crop"}
    name = "other_annotations"
    finding = subjects_of_grids_are_known(check_input("11-v3.10", {}, **{name: table(name, unknown, crop)}))
    assert finding.message.startswith("Of 1 grid the export does not say which subjects were shown")
    assert subjects_of_grids_are_known(check_input("11-v3.10", {}, **{name: table(name, crop)})).passed
