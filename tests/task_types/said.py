"""Random answers of volunteers: rows of one element of each task type with a consensus."""

from dataclasses import replace
from typing import Any, NamedTuple

import polars as pl
from hypothesis import strategies as st

from tests.builders import question, question_strings, workflow_row
from tests.task_types.consensus_samples import (
    BINS,
    CHOICES,
    DOING,
    dropdown_workflow,
    highlight_workflow,
    slider_workflow,
    survey_workflow,
    text_workflow,
)
from tests.task_types.drawings.builders import defined
from tests.task_types.drawings.marks import entry, path
from tests.task_types.metamorphic import USERS, Metamorphic, annotations
from tests.task_types.samples import flat, one_question, tasks_of
from zoo_dag.settings.drawings import Drawings
from zoo_dag.settings.loading import Settings
from zoo_dag.store.given_texts import GIVEN_TEXTS
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.drawings.mark_counts import MARK_COUNTS
from zoo_dag.task_types.texts.correction_consensus import CORRECTIONS

Row = dict[str, Any]

ANSWERS = ("Yes", "No", "Maybe")
# An answer, or why there is none.
_ANSWER = st.sampled_from([*range(len(ANSWERS)), "blank", "unknown_label", "malformed"])


def _answers(kind: str, said: set[int | str]) -> list[Row]:
    chosen = sorted(one for one in said if isinstance(one, int))
    shared = {"task_type": kind, "task_label": "Is there a bird?", "n_selected": len(chosen)}
    if not chosen:
        return [shared | {"status": next(iter(said))}]
    return [shared | {"status": "answered", "answer_index": one, "answer": ANSWERS[one]} for one in chosen]


def questions(kind: str) -> st.SearchStrategy[list[Row]]:
    """Answers to a question, single or multiple."""
    said = st.sets(_ANSWER, min_size=1, max_size=1 if kind == "single" else 3)
    return said.map(lambda one: _answers(kind, one))


def _entry(select: int, said: str | None) -> Row:
    values = {"a": ("cl", "Chile", 0), "b": ("bo", "Bolivia", 1)}
    option = dict(zip(("option_value", "option_label", "option_index"), values.get(said or "", ()), strict=False))
    status = said if said in ("malformed", "unknown_label") else "blank" if said is None else "answered"
    text = {"free_text": "typed"} if said == "typed" else {}
    return {"task_type": "dropdown", "select_index": select, "status": status, **option, **text}


_ENTRY = st.sampled_from([None, "a", "a", "b", "typed", "malformed", "unknown_label"])
ENTRIES = st.tuples(_ENTRY, _ENTRY).map(lambda pair: list(map(_entry, (0, 1), pair)))


def _about(question_id: str, answer: str) -> Row:
    labels = {"HOWMANY": ("How many?", BINS), "WHATDOING": ("What are they doing?", DOING)}
    label, answers = labels[question_id]
    return {
        "question_id": question_id,
        "question_label": label,
        "answer_id": answer,
        "answer_label": answers[answer],
    }


_ABOUT = st.sets(
    st.sampled_from([*(("HOWMANY", one) for one in BINS), *(("WHATDOING", one) for one in DOING)]), max_size=3
)


@st.composite
def identifications(draw: st.DrawFn) -> list[Row]:
    """Identifications, some of them unreadable, or a blank."""
    said = draw(st.lists(st.tuples(st.sampled_from([*CHOICES, "malformed"]), _ABOUT), max_size=3))
    rows: list[Row] = []
    for index, (choice, answers) in enumerate(said):
        row: Row = {"status": "answered", "choice_id": choice, "choice_label": CHOICES.get(choice)}
        row["answers"] = [_about(*one) for one in sorted(answers)]
        if choice == "malformed":
            row = {"status": "malformed", "choice_id": "7", "answers": []}
        rows.append({"task_type": "survey", "identification_index": index, "filters": [], **row})
    return rows or [{"task_type": "survey", "status": "blank", "answers": [], "filters": []}]


def _value(said: float | str) -> Row:
    if isinstance(said, str):
        return {"task_type": "slider", "status": said}
    return {"task_type": "slider", "status": "answered", "value": said, "untouched": said == 5}


_VALUE = st.floats(-1e6, 1e6, allow_subnormal=False) | st.sampled_from([5.0, "blank", "malformed"])
VALUES = _VALUE.map(lambda said: [_value(said)])

_TEXT = st.sampled_from(["the cat sat", "teh cat sat", "the bat", "The cat", "", None])
TEXTS = _TEXT.map(lambda said: [{"task_type": "text", "status": "answered" if said else "blank", "text": said}])

# What volunteers were given to correct; of the fourth subject it is not known.
GIVEN = {
    GIVEN_TEXTS: pl.DataFrame(
        {"subject_ids": ["1", "2", "3"], "given": ["teh cat sat", "the cat", "the dog sat on it"]}
    )
}

_PLACES = st.sampled_from([(0.0, 0.0), (6.0, 8.0), (12.0, 16.0), (12.5, 1.5), (200.0, 10.0), (208.0, 3.0)])
_TOOLS = st.sampled_from(["point", "line", "ellipse", "freehandLine", "polygon"])


def _mark(tool: str, place: tuple[float, float], size: float) -> Row:
    x, y = place
    ring = path([(x, y), (x + 30, y), (x + 30, y + size), (x, y + size)])
    return {
        "point": {"x": x, "y": y},
        "line": {"x1": x, "y1": y, "x2": x + size, "y2": y - size},
        "ellipse": {"x": x, "y": y, "rx": 20.0, "ry": size, "angle": size * 3},
        "freehandLine": {"points": ring, "closed": False},
        "polygon": {"points": ring, "closed": True},
    }[tool]


@st.composite
def marks(draw: st.DrawFn) -> list[Row]:
    """Marks of one tool position, or none."""
    chosen = draw(st.lists(st.tuples(_TOOLS, _PLACES, st.sampled_from([12.0, 20.0, 21.0])), max_size=4))
    if not chosen:
        return [{"status": draw(st.sampled_from(["blank", "malformed"]))}]
    return [
        {"status": "answered", "frame": 0, "tool_index": 0, "tool_type": tool, "mark_index": number}
        | {"details": [entry(0, answer_index=int(size), number=size)]}
        | _mark(tool, place, size)
        for number, (tool, place, size) in enumerate(chosen)
    ]


@st.composite
def written_marks(draw: st.DrawFn) -> list[Row]:
    """Marks with a text about them, or none. No lines: one makes a page of all subjects."""
    tools = st.sampled_from(["point", "ellipse", "freehandLine", "polygon"])
    texts = st.sampled_from(["the cat sat", "teh cat sat", "The cat", " ", None])
    chosen = draw(st.lists(st.tuples(tools, _PLACES, texts), max_size=4))
    if not chosen:
        return [{"status": "blank"}]
    return [
        {
            "status": "answered",
            "frame": number % 2,
            "tool_index": len(tool),
            "tool_type": tool,
            "mark_index": number,
        }
        | {"details": [entry(0, detail_type="text", text=text)]}
        | _mark(tool, place, 20.0)
        for number, (tool, place, text) in enumerate(chosen)
    ]


_PASSAGE = st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from(["Species", "Place", None]))


def _highlights(said: set[tuple[int, int, str | None]]) -> list[Row]:
    shared = {"task_type": "highlighter", "task_label": "Mark the names"}
    if not said:
        return [shared | {"status": "blank"}]
    return [
        shared
        | {"status": "answered", "start": start, "end": start + length - 1, "label": label}
        | {"text": READ[start : start + length], "color": "#00FF7F" if label == "Species" else None}
        for start, length, label in sorted(said, key=str)
    ]


# What volunteers highlight in.
READ = "on the 3rd 🦊 we saw Allium vineale by the mill"
PASSAGES = st.sets(_PASSAGE, max_size=4).map(_highlights)


# Of the subjects that a grid showed: which were selected, and which cells could not be read.
_CELLS = st.dictionaries(
    st.integers(1, 4), st.sampled_from(["selected", "not selected", "not selected", "malformed"]), min_size=1
)


@st.composite
def grids(draw: st.DrawFn) -> pl.DataFrame:
    """Rows of grids, each of several subjects; some are left blank, and some votes are left out."""
    rows = []
    classification = st.tuples(st.sampled_from(USERS), _CELLS, st.booleans(), st.sets(st.integers(1, 4)))
    for number, (user, cells, is_blank, repeated) in enumerate(draw(st.lists(classification, max_size=12))):
        for subject, said in sorted(cells.items()):
            answered = {"status": "answered", "answer": said, "answer_index": int(said == "selected")}
            odd = {"status": "malformed", "answer": '{"index":"?"}'}
            n_selected = sum(each == "selected" for each in cells.values())
            vote = {"status": "blank"} if is_blank else odd if said == "malformed" else answered
            excluded = "repeat" if subject in repeated and number % 2 else None
            shared = {"classification_id": number, "subject_id": subject, "subject_ids": str(subject)}
            shared |= {"user_key": user, "workflow_id": 11, "workflow_version": "3.10", "excluded": excluded}
            task = {"task": "T0", "task_revision": "T0@3.10", "task_type": "subjectGroupComparison"}
            rows.append({**shared, **task, "annotation_index": 0, "n_selected": n_selected, **vote})
    return pl.DataFrame(rows, schema=TABLES["question_annotations"].dtypes)


_GRID = workflow_row(
    tasks={"T0": {"type": "subjectGroupComparison", "question": "T0.question", "details": []}},
    strings={"T0.question": "Which are spirals?"},
)


class Case(NamedTuple):
    """How the consensus of a task type is tested: rows of its flattened table, and the checks of its consensus."""

    rows: st.SearchStrategy[pl.DataFrame]
    check: Metamorphic


_SHORTCUT = workflow_row(
    tasks={"T0": question(answers=3, unlinkedTask="T4"), "T4": question("T4", kind="shortcut")},
    strings={
        **question_strings(answers=ANSWERS),
        **question_strings("T4", "Quick exit", ("Nothing here", "Fire")),
    },
)
_TYPES = {each.name: each for each in TASK_TYPES}
# A task is of one type.
_QUESTION = annotations("question_annotations", questions("single")) | annotations(
    "question_annotations", questions("multiple")
)
# By the name of the task type; where a type has several cases, a word behind it.
CASES = {
    "question": Case(_QUESTION, Metamorphic(_TYPES["question"], tasks_of("3.10", [one_question(*ANSWERS)]))),
    "question, shortcut": Case(_QUESTION, Metamorphic(_TYPES["question"], tasks_of("3.10", [_SHORTCUT]))),
    "question, grid": Case(grids(), Metamorphic(_TYPES["question"], tasks_of("3.10", [_GRID]))),
    "dropdown": Case(
        annotations("dropdown_annotations", ENTRIES),
        Metamorphic(_TYPES["dropdown"], tasks_of("3.10", [dropdown_workflow()])),
    ),
    "survey": Case(
        annotations("survey_annotations", identifications()),
        Metamorphic(_TYPES["survey"], tasks_of("3.10", [survey_workflow()])),
    ),
    "slider": Case(
        annotations("slider_annotations", VALUES),
        Metamorphic(_TYPES["slider"], tasks_of("3.10", [slider_workflow()])),
    ),
    "text": Case(
        annotations("text_annotations", TEXTS), Metamorphic(_TYPES["text"], tasks_of("3.10", [text_workflow()]))
    ),
    "text, corrections": Case(
        annotations(
            "text_annotations",
            TEXTS.map(lambda rows: [row | {"task_type": "textFromSubject"} for row in rows]),
        ),
        Metamorphic(
            replace(_TYPES["text"], consensus=CORRECTIONS), tasks_of("3.10", [text_workflow()]), outside=GIVEN
        ),
    ),
    "text, about marks": Case(
        annotations("drawing_annotations", written_marks()),
        Metamorphic(replace(_TYPES["text"], flattening=_TYPES["drawing"].flattening), flat().tables["tasks"]),
    ),
    "drawing": Case(
        annotations("drawing_annotations", marks()),
        Metamorphic(_TYPES["drawing"], flat().tables["tasks"], Settings(drawings=Drawings(min_volunteers=2))),
    ),
    "drawing, counts": Case(
        annotations("drawing_annotations", marks()),
        Metamorphic(
            replace(_TYPES["drawing"], consensus=MARK_COUNTS), tasks_of("3.10", [defined("point", "line")])
        ),
    ),
    "highlight": Case(
        annotations("highlight_annotations", PASSAGES),
        Metamorphic(_TYPES["highlight"], tasks_of("3.10", [highlight_workflow()])),
    ),
}
