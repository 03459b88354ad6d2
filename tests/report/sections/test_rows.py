"""Where each row of a workflow went."""

from tests.plots.samples import rows as table
from zoo_dag.report.sections.rows import rows


def stage(version: str, name: str, *counts: int, **reasons: int) -> dict[str, object]:
    n_in, out, held, merged, excluded = counts
    return {
        "workflow_id": 7,
        "workflow_version": version,
        "stage": name,
        "rows_in": n_in,
        "rows_out": out,
        "quarantined": held,
        "merged": merged,
        "excluded": excluded,
        "balanced": n_in == out + held + merged,
        **reasons,
    }


ROWS = [
    stage("1.1", "raw", 10, 8, 0, 2, 0),
    stage("1.1", "parsed", 8, 7, 1, 0, 3, excluded_repeat=2, excluded_gold_standard=1),
    stage("1.1", "flattened", 99, 99, 0, 0, 0),
    stage("1.2", "raw", 5, 5, 0, 0, 0),
    stage("1.2", "parsed", 5, 5, 0, 0, 0),
]


def test_each_row_that_was_read_is_in_one_of_the_four_numbers():
    section = rows(table("accounting", ROWS))
    chart, reasons = section.parts
    assert chart.numbers.rows() == [("1.1", 10, 4, 3, 1, 2, True), ("1.2", 5, 5, 0, 0, 0, True)]
    assert reasons.rows.rows() == [("gold standard", 1), ("the volunteer classified the subject again", 2)]
    (sentence,) = section.sentences
    assert sentence.startswith("Of 15 rows of this workflow 9 count (60 %), 3 are in the tables and left out")
    assert sentence.endswith(
        "1 fit no table, and 2 repeated a row and were merged with it. The sums match: no row was lost."
    )


def test_sums_that_do_not_match_are_said():
    (sentence,) = rows(table("accounting", [*ROWS, stage("1.3", "raw", 5, 4, 0, 0, 0)])).sentences
    assert sentence.endswith("The sums do not match for 1.3: look at the table accounting.")


def test_without_rows_there_is_nothing_to_show():
    assert rows(table("accounting", [])).parts == ()
