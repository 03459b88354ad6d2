"""The check that the values of sliders are chosen by volunteers."""

from typing import Any

from tests.checks.inputs import check_input, table
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.untouched import sliders_are_moved


def evaluate(*rows: tuple[str, int, int], **settings: Any) -> Finding:
    """The finding for sliders of subjects: task, values left alone, and values that count."""
    of_subjects = [
        {"subject_ids": str(place), "task": task, "n_untouched": untouched, "n_answered": answered, "median": 0.5}
        for place, (task, untouched, answered) in enumerate(rows)
    ]
    table_name = "pooled_slider_consensus"
    return sliders_are_moved(check_input("10", settings, **{table_name: table(table_name, *of_subjects)}))


def test_a_subject_on_which_most_sliders_were_left_alone_is_named_with_its_task() -> None:
    finding = evaluate(("T0", 6, 10), ("T0", 5, 10), ("T1", 0, 8))
    assert (finding.passed, finding.is_error) == (False, False)
    assert finding.message == (
        "More than half left the slider where it stood: task `T0` on 1 of 2 subjects (55% of all values)."
    )
    assert finding.numbers == {"subjects": 3, "mostly left alone": 1}
    assert finding.examples is not None
    assert finding.examples.select("subject_ids", "task", "n_untouched", "n_answered").rows() == [
        ("0", "T0", 6, 10)
    ]


def test_half_is_no_warning_and_neither_are_subjects_with_few_values() -> None:
    assert evaluate(("T0", 5, 10), ("T0", 2, 2)).passed
    assert not evaluate(("T0", 2, 2), agreement={"min_classifications": 2}).passed
    assert evaluate().message == "On none of 0 subjects more than half left the slider."


def test_where_sliders_left_alone_are_no_values_they_are_counted_beside_them() -> None:
    without = {"count_untouched": False}
    assert not evaluate(("T0", 6, 4), sliders=without).passed
    assert evaluate(("T0", 5, 5), sliders=without).passed
