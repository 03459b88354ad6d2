"""The registry: every task type has a module, every module a table, and no value of an element is too odd."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import json_text, workflow_row
from tests.task_types.samples import VERSION, tasks_of
from zoo_dag.annotations.definitions import read_definitions
from zoo_dag.annotations.elements import Element, Merged, elements
from zoo_dag.annotations.learning import TypeLearner
from zoo_dag.exports.cells import load_json
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES, flattened_tables
from zoo_dag.task_types.flatten_all import QUARANTINE, flatten, flattening_of
from zoo_dag.task_types.others import OTHERS

DOCS = Path(__file__).parents[2] / "docs" / "task_types.md"
LABELS = {f"{task}.question": task for task in ("T0", "T1", "T2", "T3", "T4", "T5")}
WORKFLOW = workflow_row(
    tasks={
        "T0": {
            "type": "survey",
            "choices": {"LION": {"label": "Lion"}},
            "questions": {"HOWMANY": {"label": "How many?", "answers": {"1": {"label": "One"}}}},
        },
        "T1": {
            "type": "dropdown",
            "selects": [{"title": "Country", "options": {"*": [{"label": "Peru", "value": "3f9c"}]}}],
        },
        "T2": {"type": "dropdown-simple", "options": ["Red", "Blue"]},
        "T3": {"type": "text"},
        "T4": {"type": "slider"},
        "T5": {"type": "highlighter", "highlighterLabels": [{"color": "#00FF7F", "label": "Species"}]},
    },
    strings=LABELS,
)
TASK_OF_TYPE = {
    "survey": "T0",
    "dropdown": "T1",
    "dropdown-simple": "T2",
    "text": "T3",
    "slider": "T4",
    "highlighter": "T5",
}
# The values of these types as exports have them; each field of them is replaced by whatever JSON can hold.
VALUES: dict[str, list[Any]] = {
    "survey": [[{"choice": "LION", "answers": {"HOWMANY": "1"}, "filters": {"COLOUR": "TAN"}}]],
    "dropdown": [[{"select_label": "Country", "option": True, "value": "3f9c", "label": "Peru"}]],
    "dropdown-simple": [
        {"select_label": "Country", "option": True, "option_index": 0, "value": "3f9c", "label": "Peru"},
        {"selection": 1, "option": True},
    ],
    "text": ["a text"],
    "slider": [0.4, "0"],
    "highlighter": [[{"start": 1, "end": 3, "text": "abc", "labelInformation": {"color": "#00FF7F"}}]],
    "textFromSubject": ["a text"],
    "crop": [{"x": 10, "y": 20, "width": 300, "height": 120}],
    "subjectGroupComparison": [[{"index": 6, "subject": "134853"}]],
    "dataVisAnnotation": [[{"x": 15.2, "tool": 0, "width": 0.92}]],
    "geoDrawing": [{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}]}],
    "volumetric": [[{"label": "Annotation 1", "points": {"active": []}, "threshold": 15}]],
    "combo": [[{"task": "T3", "value": "hi"}]],
    "unknown": [1],
}
# orjson reads integers beyond 64 bits as floats; a lone surrogate is no JSON text.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.sampled_from(["LION", "3f9c", "0", " ", "1e999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abT0.", max_size=3), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, ...]]:
    """The place of every value inside a value, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, child in inner for rest in places(child))]


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A value with another one in a place of it."""
    if not place:
        return new
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced(value[key], tuple(rest), new)
    return copy


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """An element of any task type, one field of whose value may be anything."""
    kind = draw(st.sampled_from(sorted(VALUES)))
    value = draw(st.sampled_from(VALUES[kind]))
    value = replaced(value, draw(st.sampled_from(places(value))), draw(JSON))
    said = draw(st.sampled_from([{}, {"taskType": kind}, {"task_label": "?"}]))
    return {"task": TASK_OF_TYPE.get(kind, "T99"), "value": value, **said}


@settings(deadline=None)
@given(st.lists(damaged(), min_size=1, max_size=3), st.booleans())
def test_any_value_of_any_field_gives_rows_or_quarantine(annotations: list[Any], known: bool) -> None:
    keys = TABLES["classifications"].dtypes
    row = dict.fromkeys(keys) | {"classification_id": 1, "annotations": json_text(annotations)}
    classifications = pl.DataFrame([row], schema=keys).lazy()
    tasks = tasks_of(VERSION.version, [WORKFLOW] if known else []).lazy()
    with tempfile.TemporaryDirectory() as staging:
        flattened = flatten(classifications, tasks, Path(staging))
        tables = {name: frame.collect() for name, frame in flattened.tables.items()}

    cell = load_json(row["annotations"])
    definitions, learner = read_definitions(tasks.collect()), TypeLearner()
    if not known:
        learner.count(elements(cell, definitions), 1)
    found = list(elements(cell, replace(definitions, learned=learner.commonest())))
    kept = {element.position for element in found if not isinstance(element, Merged)}
    assert flattened.n_merged == len(found) - len(kept)
    rows = pl.concat([tables[name].select("annotation_index", "status") for name in FLATTENED])
    rejected = tables[QUARANTINE]["annotation_index"].to_list()
    assert set(rows["annotation_index"]) | set(rejected) == kept
    assert set(rows["annotation_index"]).isdisjoint(rejected)
    assert set(rows["status"]) <= {"answered", "blank", "unknown_label", "malformed"}
    assert all(tables[name].schema == TABLES[name].dtypes for name in FLATTENED)


def test_every_flattened_table_is_of_one_task_type() -> None:
    assert sorted(flattened_tables()) == sorted(FLATTENED)


def test_every_type_of_the_exports_is_of_one_task_type() -> None:
    types = [name for each in TASK_TYPES for name in each.flattening.task_types]
    assert sorted(types) == sorted(set(types))
    assert set(types) == {
        "single",
        "multiple",
        "shortcut",
        "dropdown",
        "dropdown-simple",
        "survey",
        "drawing",
        "transcription",
        "crop",
        "dataVisAnnotation",
        "text",
        "textFromSubject",
        "slider",
        "highlighter",
    }


def test_a_task_type_that_nobody_knows_is_kept_as_it_is() -> None:
    element = Element(0, "T0", None, "somethingNew", 1, {"task": "T0", "value": 1}, None)
    assert flattening_of(element) is OTHERS.flattening


def test_the_docs_name_every_task_type_and_tests_that_exist() -> None:
    rows = [line.split(" | ") for line in DOCS.read_text(encoding="utf-8").splitlines() if " | `tests/" in line]
    named = {row[0].removeprefix("| ") for row in rows}
    assert {name for each in TASK_TYPES for name in each.flattening.task_types} <= named
    for row in rows:
        path, _, test = row[-1].strip("|` ").partition("::")
        assert f"def {test}" in (DOCS.parents[1] / path).read_text(encoding="utf-8")
