"""Classifications over time, and per subject."""

from tests.plots.samples import rows, votes_at
from zoo_dag.report.sections.over_time import over_time


def test_bars_by_the_finest_step_that_fits_and_by_the_number_of_each_subject():
    votes = [*votes_at(0, 0.5, 26), *votes_at(2, excluded="repeat")]
    summary = [{"subject_id": number, "n_classifications": n} for number, n in enumerate((1, 3, 3))]
    section = over_time(rows("classifications", votes), rows("subject_summary", summary))
    time, subjects = section.parts
    assert time.numbers.height == 27
    assert [row for row in time.numbers.rows() if row[1:] != (0, 0)] == [
        ("2024-03-01 00:00", 2, 0),
        ("2024-03-01 02:00", 0, 1),
        ("2024-03-02 02:00", 1, 0),
    ]
    assert subjects.numbers.rows() == [("1", 1), ("2", 0), ("3", 2)]
    assert section.sentences == [
        "4 classifications from 2024-03-01 00:00 to 2024-03-02 02:00; the most in one hour are 2 (2024-03-01 "
        "00:00). Times are UTC, when the server stored a classification."
    ]


def test_without_times_there_are_only_subjects_and_without_both_nothing():
    summary = rows("subject_summary", [{"subject_id": 1, "n_classifications": 2}])
    nothing = rows("classifications", [])
    assert [part.title for part in over_time(nothing, summary).parts] == ["Classifications per subject"]
    assert not over_time(nothing, rows("subject_summary", [])).parts
