"""From classifications to flattened tables: nothing lost, whatever an annotation holds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import answer, classification_row
from tests.task_types.samples import NO_WORKFLOWS, birds, flat, sample
from zoo_dag.exports import batches
from zoo_dag.tables import FLATTENED, TABLES

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "Yes", "unknown answer label", "T0", "T2.0.0", "0", "1e400"])
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["task", "value", "choice", "tool", "toolIndex", "select_label", "option", "x", "details"]
            )
            | st.text(st.characters(codec="utf-8"), max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)

# An element of each task type and generation, the values of which are replaced one by one.
ELEMENTS: list[dict[str, Any]] = [
    answer(),
    answer("T1", ["Red", "Blue"], "Which colours?"),
    answer("T4", ["Fire"], None),
    answer("T9", [answer(), {"task": "T4", "value": [0]}], None),
    {
        "task": "T2",
        "task_label": "Mark the nests",
        "value": [{"x": 1, "y": 2.5, "tool": 0, "frame": 0, "details": [{"value": 1}], "tool_label": "Nest"}],
    },
    {
        "task": "T2",
        "task_label": "Mark the nests",
        "value": [
            {"x": 1, "y": 2, "toolIndex": 0, "toolType": "point", "frame": 0, "details": [{"task": "T2.0.0"}]}
        ],
    },
    {"task": "T2.0.0", "value": 0, "taskType": "single", "markIndex": 0},
    {
        "task": "T8",
        "value": [
            {"x1": 1, "x2": 2, "y1": 3, "y2": 4, "toolType": "transcriptionLine", "toolIndex": 0, "frame": 0}
        ],
        "taskType": "transcription",
    },
    {"task": "T3", "value": "two chicks", "task_label": "Notes"},
    {"task": "T3", "value": "two chicks", "taskType": "textFromSubject"},
    {"task": "T5", "value": [{"choice": "LION", "answers": {"HOWMANY": "2"}, "filters": {"COLOUR": "TAN"}}]},
    {"task": "T6", "value": "0"},
    {"task": "T7", "value": [{"select_label": "Country", "option": True, "value": "3f9c", "label": "Peru"}]},
    {
        "task": "T7",
        "task_type": "dropdown-simple",
        "value": {"select_label": "Country", "option": True, "value": 2},
    },
    {"task": "T7", "value": {"option": True, "selection": 1}, "taskType": "dropdown-simple"},
    {"task": "T10", "value": [{"end": 4, "start": 2, "text": "abc", "labelInformation": {"label": "A"}}]},
    {"task": "T10", "value": {"x": 1, "y": 2, "width": 3, "height": 4}},
    {"task": "T0", "value": [{"index": 6, "subject": "1"}], "taskType": "subjectGroupComparison"},
    {"task": "T0", "value": {"type": "FeatureCollection", "features": []}, "taskType": "geoDrawing"},
]
WORKFLOWS = [None, NO_WORKFLOWS, [birds(minor_version=11)]]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands inside a JSON value, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    key, *rest = place
    if isinstance(value, dict):
        return {name: replaced(item, tuple(rest), new) if name == key else item for name, item in value.items()}
    return [replaced(item, tuple(rest), new) if number == key else item for number, item in enumerate(value)]


@st.composite
def damaged(draw: st.DrawFn) -> list[Any]:
    """An annotation of a few elements, in one of which one place holds any JSON value."""
    elements = draw(st.lists(st.sampled_from(ELEMENTS), min_size=1, max_size=4))
    number = draw(st.integers(0, len(elements) - 1))
    place = draw(st.sampled_from(places(elements[number])))
    return [*elements[:number], replaced(elements[number], place, draw(JSON)), *elements[number + 1 :]]


def assert_nothing_lost(annotations: list[list[Any]], workflows: Any) -> None:
    found = flat(*annotations, workflows=workflows)
    accounting = found.row_accounting()
    assert accounting["balanced"], accounting
    rows = {row[:2] for row in found.elements()}
    held = set(found.quarantine.select("classification_id", "annotation_index").rows())
    assert not rows & held
    assert len(rows) == accounting["rows_out"]
    assert len(held) == accounting["quarantined"] == found.quarantine.height
    # Combos give way to their children, and nothing else changes the number of elements.
    least = sum(not _is_list_of_children(item) for annotation in annotations for item in annotation)
    assert accounting["rows_in"] >= least
    for name in FLATTENED:
        assert found.tables[name].schema == TABLES[name].dtypes
        assert set(found.tables[name]["status"]) <= {"answered", "blank", "unknown_label", "malformed"}


def _is_list_of_children(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("value"), list)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(damaged(), min_size=1, max_size=6), st.sampled_from(WORKFLOWS))
def test_any_json_in_any_place_gives_rows_or_quarantine_and_the_accounting_balances(
    annotations: list[list[Any]], workflows: Any
) -> None:
    assert_nothing_lost(annotations, workflows)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(JSON, max_size=5), min_size=1, max_size=6), st.sampled_from(WORKFLOWS))
def test_annotations_of_any_json_give_rows_or_quarantine_and_the_accounting_balances(
    annotations: list[list[Any]], workflows: Any
) -> None:
    assert_nothing_lost(annotations, workflows)


@pytest.mark.parametrize("depth", [200, 300, 1000])
@pytest.mark.parametrize("task", ["T0", "T2", "T3", "T5", "T6", "T99"])
def test_a_value_nested_ever_so_deep_stops_nothing(depth: int, task: str) -> None:
    deep = "[" * depth + "1" + "]" * depth
    rows = [
        classification_row(1, annotations=f'[{{"task":"{task}","value":{deep}}}]'),
        classification_row(2, annotations=f"[{deep}]"),
        classification_row(3),
    ]
    given = sample(rows)
    assert (1003, 0, "T0", "single", "answered") in given.elements()
    parsed = given.tables["classifications"].height + given.tables["parsed_quarantine"].height
    assert parsed == 3
    assert given.row_accounting()["balanced"]


def test_every_element_in_order_counts_once_for_each_of_its_classifications() -> None:
    given = flat([answer(), None], [answer(), None], [answer(value="No")])
    assert given.answers("classification_id", "annotation_index", "answer") == [
        (1001, 0, "Yes"),
        (1002, 0, "Yes"),
        (1003, 0, "No"),
    ]
    assert given.quarantine.select("classification_id", "annotation_index").rows() == [(1001, 1), (1002, 1)]


def test_rows_carry_the_keys_of_their_classification() -> None:
    row = classification_row(7, subject_ids="102;101", gold_standard=True, user_id=5)
    keys = (
        "classification_id",
        "subject_id",
        "subject_ids",
        "user_key",
        "workflow_id",
        "workflow_version",
        "excluded",
    )
    given = sample([row])
    assert given.answers(*keys) == [(1007, None, "101;102", "user:5", 11, "3.10", "gold_standard")]
    assert str(given.questions["created_at"].item()) == "2024-03-05 01:00:07+00:00"


def test_an_annotation_without_elements_gives_no_row() -> None:
    given = flat([], [answer()])
    assert [row[0] for row in given.elements()] == [1002]
    assert given.row_accounting()["rows_in"] == 1


def test_no_classifications_give_empty_tables_with_the_full_schema() -> None:
    given = sample([])
    assert {name: given.tables[name].height for name in FLATTENED} == dict.fromkeys(FLATTENED, 0)
    assert all(given.tables[name].schema == TABLES[name].dtypes for name in (*FLATTENED, "flattened_quarantine"))
    assert given.row_accounting()["balanced"]


def test_batches_do_not_show_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    annotations = [
        [answer(value=value)] for value in ("Yes", "No", None, "Yes", "unknown answer label", "No", "Yes")
    ]
    whole = flat(*annotations)
    monkeypatch.setattr(batches.batches, "__defaults__", (2,))
    parts = flat(*annotations)
    assert parts.questions.equals(whole.questions)
    assert parts.consensus().equals(whole.consensus())
