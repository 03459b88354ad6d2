"""Task types learned from the answers, for versions without a definition."""

from collections import Counter

import pytest

from tests.builders import answer, classification_row, json_text
from tests.task_types.samples import NO_WORKFLOWS, flat, sample
from zoo_dag.annotations.definitions import Definitions
from zoo_dag.annotations.elements import elements
from zoo_dag.annotations.learning import TypeLearner
from zoo_dag.exports import batches
from zoo_dag.exports.cells import load_json
from zoo_dag.tables import FLATTENED

BLANK = {"task": "T1", "value": []}
TICKED = {"task": "T1", "task_label": "Which colours?", "value": ["Red"]}
MARKED = {"task": "T1", "task_label": "Mark", "value": [{"x": 1, "y": 2, "tool": 0}]}


def learned(*annotations: list[object]) -> dict[str, str]:
    learner = TypeLearner()
    for cell, times in Counter(map(json_text, annotations)).items():
        learner.count(elements(load_json(cell), Definitions()), times)
    return learner.commonest()


def test_an_empty_list_takes_the_type_that_other_answers_tell() -> None:
    assert flat([BLANK], [TICKED], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "multiple", "blank"),
        (1002, 0, "T1", "multiple", "answered"),
    ]
    assert flat([BLANK], [MARKED], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "drawing", "blank"),
        (1002, 0, "T1", "drawing", "answered"),
    ]


def test_blanks_alone_teach_no_type_and_are_kept() -> None:
    assert flat([BLANK], [BLANK], workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "unknown", "blank"),
        (1002, 0, "T1", "unknown", "blank"),
    ]


def test_the_commonest_type_is_learned_whatever_the_order_of_the_rows() -> None:
    assert learned([TICKED], [MARKED], [TICKED]) == {"T1": "multiple"}
    assert learned([MARKED], [MARKED], [TICKED]) == {"T1": "drawing"}
    assert learned([TICKED], [MARKED]) == learned([MARKED], [TICKED]) == {"T1": "drawing"}


@pytest.mark.parametrize(
    ("values", "task_type"),
    [
        (["Yes", "Yes", "No"], "single"),
        (["Yes"], "single"),
        (["42", "42"], "single"),
        (["Yes", 0], "single"),
        ([f"page {number}" for number in range(10)], "text"),
        ([f"page {number % 5}" for number in range(10)], "single"),
        ([1, 0.4], "slider"),
        (["3", 1.5], "slider"),
        (["3", "3.5"], "slider"),
        (["0", 4], "slider"),
        ([-1, 4], "slider"),
        ([None, "", 0.5], "slider"),
    ],
)
def test_values_suggest_a_type_where_no_element_shows_it(values: list[object], task_type: str) -> None:
    assert learned(*([{"task": "T1", "value": value}] for value in values)) == {"T1": task_type}
    assert learned(*([{"task": "T1", "value": value}] for value in reversed(values))) == {"T1": task_type}


LABEL_FIRST = {"task": "T1", "task_label": "Which colours?", "value": None}
LABEL_LAST = {"task": "T1", "value": None, "task_label": "Notes"}


def test_a_null_has_the_type_of_other_answers_whatever_the_order_of_its_keys() -> None:
    assert learned([TICKED], *[[LABEL_FIRST]] * 4, [BLANK]) == {"T1": "multiple"}
    assert learned([MARKED], [LABEL_LAST], [LABEL_LAST]) == {"T1": "drawing"}
    assert learned([LABEL_LAST | {"value": "Yes"}], [LABEL_FIRST], [LABEL_FIRST]) == {"T1": "text"}


def test_nulls_alone_have_the_type_that_the_order_of_their_keys_shows() -> None:
    assert learned([LABEL_FIRST], [LABEL_FIRST], [LABEL_LAST]) == {"T1": "single"}
    assert learned([LABEL_FIRST], [LABEL_LAST], [LABEL_LAST]) == {"T1": "text"}


@pytest.mark.parametrize("values", [[None, ""], [[]], [2, 0, 1], [[0, 2], [1]], [True], [{"a": 1}], [[{"a": 1}]]])
def test_other_values_suggest_no_type(values: list[object]) -> None:
    assert learned(*([{"task": "T1", "value": value}] for value in values)) == {}


def test_texts_take_the_type_that_labelled_elements_show() -> None:
    texts = [{"task": "T1", "value": "two chicks", "task_label": "Notes"}, {"task": "T1", "value": "an egg"}]
    assert flat(*([text] for text in texts), workflows=NO_WORKFLOWS).elements() == [
        (1001, 0, "T1", "text", "answered"),
        (1002, 0, "T1", "text", "answered"),
    ]


def test_sliders_in_a_combo_are_read_without_a_definition() -> None:
    values = (1.5, 2, "3", None, "")
    combos = ([{"task": "T9", "task_label": None, "value": [{"task": "T1", "value": value}]}] for value in values)
    given = flat(*combos, workflows=NO_WORKFLOWS)
    assert given.tables["slider_annotations"].select("status", "value", "untouched").rows() == [
        ("answered", 1.5, False),
        ("answered", 2.0, False),
        ("answered", 3.0, True),
        ("blank", None, None),
        ("blank", None, None),
    ]
    assert given.row_accounting()["balanced"]


def test_equal_cells_count_as_often_as_they_occur() -> None:
    assert learned(*[[TICKED]] * 3, [MARKED], [MARKED, answer()]) == {"T1": "multiple", "T0": "single"}


def test_a_definition_leaves_nothing_to_learn() -> None:
    assert flat([BLANK], [MARKED]).elements()[0] == (1001, 0, "T1", "multiple", "blank")


def test_without_classifications_nothing_is_learned() -> None:
    assert learned() == {}


@pytest.mark.parametrize(
    ("annotations", "known"),
    [([TICKED, MARKED], True), ([TICKED, BLANK], False), ([0, {"task": "T1", "value": 0.4}], False), ([], True)],
)
def test_count_returns_whether_all_types_are_known(annotations: list[object], known: bool) -> None:
    assert TypeLearner().count(elements(annotations, Definitions()), 1) is known


def test_a_combo_is_known_by_its_children_only() -> None:
    assert learned([{"task": "T9", "taskType": "combo", "value": []}]) == {}
    assert learned([{"task": "T9", "value": [TICKED]}]) == {"T1": "multiple"}


def test_what_waits_for_its_type_takes_its_place_in_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"task": "T2", "value": []}
    unread = {"value": "no task"}
    annotations = [
        [BLANK, answer()],
        [TICKED],
        [MARKED, other],
        [BLANK, unread],
        [unread],
        [TICKED, other],
        [BLANK],
    ]
    whole = flat(*annotations, workflows=NO_WORKFLOWS)
    assert whole.answers("classification_id", "annotation_index", "task", "task_type", "answer") == [
        (1001, 0, "T1", "multiple", None),
        (1001, 1, "T0", "single", "Yes"),
        (1002, 0, "T1", "multiple", "Red"),
        (1004, 0, "T1", "multiple", None),
        (1006, 0, "T1", "multiple", "Red"),
        (1007, 0, "T1", "multiple", None),
    ]
    assert whole.quarantine.select("classification_id", "annotation_index").rows() == [(1004, 1), (1005, 0)]
    assert whole.row_accounting()["balanced"]
    monkeypatch.setattr(batches.batches, "__defaults__", (2,))
    parts = flat(*annotations, workflows=NO_WORKFLOWS)
    for name in (*FLATTENED, "flattened_quarantine"):
        assert parts.tables[name].equals(whole.tables[name]), name
    assert parts.n_elements == whole.n_elements


def test_two_equal_drawings_are_one_also_where_others_show_that_they_are_drawings() -> None:
    given = flat([BLANK, BLANK], [MARKED], workflows=NO_WORKFLOWS)
    assert given.elements() == [(1001, 0, "T1", "drawing", "blank"), (1002, 0, "T1", "drawing", "answered")]
    assert (given.row_accounting()["merged"], given.row_accounting()["balanced"]) == (1, True)


OLD = {"created_at": "2015-08-11 10:00:00 UTC"}


def last(value: object, task: str = "T0", label: str = "Round?") -> dict[str, object]:
    """An element with its label after its value: that of a text today, of any task before 2016-09."""
    return {"task": task, "value": value, "task_label": label}


def of_old_file(*annotations: list[object], **cells: object) -> list[tuple[object, ...]]:
    rows = [
        classification_row(number, annotations=items, **OLD | cells) for number, items in enumerate(annotations, 1)
    ]
    return [row[2:] for row in sample(rows, NO_WORKFLOWS).elements()]


def test_in_old_files_questions_have_their_label_last() -> None:
    assert of_old_file([last("Yes")], [last("No")], [last(None)]) == [
        ("T0", "single", "answered"),
        ("T0", "single", "answered"),
        ("T0", "single", "blank"),
    ]


def test_texts_of_old_files_are_still_texts() -> None:
    notes = [[last("Yes"), last(f"note {number}", "T1", 'Say "task_label":null,"value":')] for number in range(10)]
    assert of_old_file(*notes) == [("T0", "single", "answered"), ("T1", "text", "answered")] * 10


def test_a_later_file_of_old_classifications_has_labels_of_questions_first() -> None:
    assert of_old_file([answer("T1"), last("Yes")]) == [("T1", "single", "answered"), ("T0", "text", "answered")]


def test_later_classifications_are_of_later_files() -> None:
    assert (
        of_old_file([last("Yes")], [last("Yes")], created_at="2016-10-01 00:00:00 UTC")
        == [("T0", "text", "answered")] * 2
    )
    assert of_old_file([last("Yes")], created_at=None) == [("T0", "text", "answered")]
