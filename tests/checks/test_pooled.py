"""Checks of subjects, over all versions of a workflow."""

from tests.checks.inputs import check_input, table
from zoo_dag.checks import pooled


def summary(*rows: dict):
    return table("subject_summary", *({"workflow_id": 10, "subject_known": True} | row for row in rows))


def test_a_classification_that_is_in_two_versions_counts_twice_and_is_an_error():
    one = {"classification_id": 1, "workflow_version": "3.2"}
    two = {"classification_id": 2, "workflow_version": "3.2"}
    good = pooled.classifications_count_once(check_input("10", classifications=table("classifications", one, two)))
    assert good.message == "2 classifications, each in one version."
    moved = two | {"workflow_version": "3.20"}
    bad = pooled.classifications_count_once(
        check_input("10", classifications=table("classifications", one, two, moved))
    )
    assert (bad.passed, bad.is_error) == (False, True)
    assert bad.numbers == {"classifications": 3, "in another version too": 1}
    assert bad.examples.rows() == [(2, "3.2, 3.20")]


def test_subjects_missing_from_the_subjects_export_are_reported():
    known = table("subjects", {"subject_id": 1, "workflow_id": 10})
    rows = summary(
        {"subject_ids": "1"},
        {"subject_ids": "2", "subject_known": False},
        {"subject_ids": "3", "subject_known": False},
    )
    finding = pooled.subjects_are_known(check_input("10", subjects=known, subject_summary=rows))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == "Not in the subjects export: 2 of 3 classified subjects (67 %)."
    assert finding.examples.rows() == [(2,), (3,)]
    assert "Download the subjects export again" in finding.advice


def test_subjects_shown_together_are_matched_one_by_one():
    known = table("subjects", {"subject_id": 1, "workflow_id": 10}, {"subject_id": 2, "workflow_id": 10})
    rows = summary({"subject_ids": "1;2"})
    finding = pooled.subjects_are_known(check_input("10", subjects=known, subject_summary=rows))
    assert finding.passed
    assert finding.numbers["subjects"] == 2


def test_subjects_of_an_unlinked_set_are_counted_without_a_warning():
    known = table("subjects", {"subject_id": 1, "workflow_id": None})
    rows = summary({"subject_ids": "1", "subject_known": False})
    finding = pooled.subjects_are_known(check_input("10", subjects=known, subject_summary=rows))
    assert finding.passed
    assert "no longer linked to this workflow and so without URLs: 1" in finding.message


def test_without_a_subjects_export_nothing_is_compared_and_nothing_warned():
    finding = pooled.subjects_are_known(check_input("10", subject_summary=summary({"subject_ids": "1"})))
    assert finding.passed
    assert finding.message == "Not compared: no subjects export was imported."


def test_the_share_of_unknown_subjects_is_a_setting():
    known = table("subjects", {"subject_id": 1, "workflow_id": 10})
    rows = summary({"subject_ids": "1"}, {"subject_ids": "2", "subject_known": False})
    settings = {"checks": {"unknown_subjects": 0.5}}
    assert pooled.subjects_are_known(check_input("10", settings, subjects=known, subject_summary=rows)).passed


def test_where_most_subjects_have_few_classifications_the_consensus_is_thin():
    few = summary(*({"subject_ids": str(n), "n_classifications": n} for n in (1, 2, 2, 3)))
    finding = pooled.most_subjects_have_enough(check_input("10", subject_summary=few))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == "With 3 or more classifications that count: 1 of 4 subjects (25 %)."
    assert finding.numbers["median classifications"] == 2.0
    assert "n_classifications >= 3" in finding.advice


def test_how_many_are_enough_is_the_setting_of_agreement():
    rows = summary(*({"subject_ids": str(n), "n_classifications": n} for n in (1, 2, 2, 3)))
    enough = {"agreement": {"min_classifications": 2}}
    assert pooled.most_subjects_have_enough(check_input("10", enough, subject_summary=rows)).passed
    demanding = enough | {"checks": {"enough_subjects": 0.9}}
    assert not pooled.most_subjects_have_enough(check_input("10", demanding, subject_summary=rows)).passed


def test_a_workflow_without_subjects_passes():
    assert pooled.most_subjects_have_enough(check_input("10")).passed


def test_votes_in_columns_are_shares_of_those_who_were_asked():
    good = {
        "subject_ids": "1",
        "t0_n_classifications": 3,
        "t0_n_answered": 2,
        "t0_yes_count": 1,
        "t0_yes_fraction": 0.5,
    }

    def passes(*rows: dict) -> bool:
        return pooled.votes_are_consistent(check_input("10", subject_votes=table("subject_votes", *rows))).passed

    assert passes(good, good | {"subject_ids": "2", "t0_yes_fraction": None})
    assert not passes(good, good)
    assert not passes(good | {"t0_yes_fraction": 1.5})
    assert not passes(good | {"t0_n_answered": 4})


def test_a_frame_has_one_row_with_a_size():
    good = {"subject_id": 1, "frame": 0, "width": 800.0, "height": 600.0, "n_classifications": 1}

    def passes(*rows: dict) -> bool:
        return pooled.frames_are_consistent(
            check_input("10", subject_frames=table("subject_frames", *rows))
        ).passed

    assert passes(good, good | {"frame": 1})
    assert not passes(good, good)
    assert not passes(good | {"height": None})
