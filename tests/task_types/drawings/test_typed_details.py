"""Texts typed into a dropdown about a mark that name one of its options."""

from typing import Any

import polars as pl

from tests.builders import workflow_row
from tests.task_types.drawings.marks import HERE, drawn, entry
from tests.task_types.samples import tasks_of
from zoo_dag.consensus.units import VERSION
from zoo_dag.tables import TABLES
from zoo_dag.task_types.drawings.typed_details import typed_options, with_typed_options


def asked(*answers: dict[str, Any], tasks: pl.LazyFrame | None = None) -> list[tuple[Any, ...]]:
    """Position, label and text of the answers, each of another volunteer about the same sub-task."""
    kind = {"detail_type": "dropdown"}
    marks = drawn(*([HERE | {"details": [entry(0, **kind, **answer)]}] for answer in answers))
    offered = TABLES["tasks"].empty().lazy() if tasks is None else tasks
    named = with_typed_options(marks, typed_options(marks.lazy(), offered, VERSION).collect(), VERSION)
    assert named.columns == marks.columns
    details = named.select(pl.col("details").explode()).unnest("details")
    return details.select("answer_index", "answer_label", "text").rows()


PERU = {"answer_index": 3, "answer_label": "Peru"}


def test_a_text_that_is_an_option_but_for_case_and_space_is_that_option() -> None:
    assert asked(PERU, {"text": " peru"}, {"text": "Chile"}) == [
        (3, "Peru", None),
        (3, "Peru", None),
        (None, None, "Chile"),
    ]


def test_options_that_nobody_chose_are_known_from_the_definition() -> None:
    options = [{"value": "bo", "label": "Bolivia"}, {"value": "pe", "label": "Peru"}]
    dropdown = {"type": "dropdown", "selects": [{"title": "Where?", "options": {"*": options}}]}
    tools = [{"type": "point", "label": "Nest", "details": [dropdown]}]
    tasks = tasks_of("3.10", [workflow_row(tasks={"T0": {"type": "drawing", "tools": tools}}, strings={})]).lazy()
    assert asked({"text": "PERU"}, {"text": "Chile"}, tasks=tasks) == [(1, "Peru", None), (None, None, "Chile")]


def test_a_text_that_two_options_share_stays_a_text() -> None:
    assert asked(PERU, {"answer_index": 4, "answer_label": "PERU"}, {"text": "peru"})[2] == (None, None, "peru")


def test_marks_without_typed_texts_stay_as_they_are() -> None:
    marks = drawn([HERE | {"details": [entry(0, detail_type="text", text="peru")]}, HERE], [])
    options = typed_options(marks.lazy(), TABLES["tasks"].empty().lazy(), VERSION).collect()
    assert options.is_empty()
    assert with_typed_options(marks, options, VERSION).equals(marks)
