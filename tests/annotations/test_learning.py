"""Task types learned from the answers, where no definition was found."""

import polars as pl

from tests.builders import answer, json_text
from tests.task_types.samples import NO_WORKFLOWS, flat, tasks_of
from zoo_dag.annotations.definitions import Definitions
from zoo_dag.annotations.learning import version_definitions

BLANK = {"task": "T1", "value": []}
TICKED = {"task": "T1", "task_label": "Which colours?", "value": ["Red"]}
MARKED = {"task": "T1", "task_label": "Mark", "value": [{"x": 1, "y": 2, "tool": 0}]}


def learned(*annotations: list[object]) -> Definitions:
    cells = pl.LazyFrame({"annotations": [json_text(items) for items in annotations]})
    return version_definitions(tasks_of("3.10", NO_WORKFLOWS).lazy(), cells)


def test_an_empty_list_takes_the_type_that_other_answers_tell() -> None:
    assert flat([BLANK], [TICKED], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "multiple", "blank"),
        (1002, 0, "T1", "multiple", "answered"),
    ]
    assert flat([BLANK], [MARKED], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "drawing", "blank"),
        (1002, 0, "T1", "drawing", "answered"),
    ]


def test_blanks_alone_tell_nothing_and_are_kept() -> None:
    assert flat([BLANK], [BLANK], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "unknown", "blank"),
        (1002, 0, "T1", "unknown", "blank"),
    ]


def test_the_commonest_type_is_learned_whatever_the_order_of_the_rows() -> None:
    assert learned([TICKED], [MARKED], [TICKED]).learned == {"T1": "multiple"}
    assert learned([MARKED], [MARKED], [TICKED]).learned == {"T1": "drawing"}
    assert learned([TICKED], [MARKED]).learned == learned([MARKED], [TICKED]).learned == {"T1": "drawing"}


def test_equal_cells_count_as_often_as_they_occur() -> None:
    assert learned(*[[TICKED]] * 3, [MARKED], [MARKED, answer()]).learned == {"T1": "multiple", "T0": "single"}


def test_a_definition_leaves_nothing_to_learn() -> None:
    cells = pl.LazyFrame({"annotations": [json_text([MARKED])]})
    definitions = version_definitions(tasks_of("3.10").lazy(), cells)
    assert definitions.learned == {}
    assert definitions.tasks["T1"].task_type == "multiple"


def test_without_classifications_nothing_is_learned() -> None:
    assert learned() == Definitions()
