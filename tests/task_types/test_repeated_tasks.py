"""A task several times in one classification, and one child in several combos: the values of every task type."""

from itertools import permutations
from typing import Any

import polars as pl
import pytest

from tests.builders import answer, classification_row, question, question_strings, workflow_row
from tests.task_types.consensus_samples import chosen, dropdown_workflow, named, slider_workflow, survey_workflow
from tests.task_types.samples import FIRST_OF_REPEATED, NO_WORKFLOWS, Sample, aggregated, flat, sample
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.catalogue import TASK_TYPES
from zoo_dag.task_types.declaration import TaskType

Row = dict[str, Any]
TYPES = {each.name: each for each in TASK_TYPES}
LAST = Settings()
# Three volunteers who agree, so that marks make clusters.
PEOPLE = 3


def consensus(task_type: str, given: Sample, settings: Settings = LAST) -> pl.DataFrame:
    kind: TaskType = TYPES[task_type]
    return aggregated(kind, given.tables, given.tables["tasks"], settings)


def slider(value: Any, task: str = "T0") -> Row:
    return {"task": task, "value": value}


def boxes(*corners: tuple[float, float], frame: int = 0, task: str = "T0") -> Row:
    """Boxes of 50 by 40, drawn in the first generation."""
    marks = [{"x": x, "y": y, "width": 50, "height": 40, "tool": 0, "frame": frame} for x, y in corners]
    return {"task": task, "task_label": "Box", "value": marks}


def nests(*answers: tuple[float, int], task: str = "T0") -> list[Row]:
    """Points drawn in the second generation, each with the answer to its sub-task: x and answer."""
    points = [
        {"x": x, "y": 100, "frame": 0, "toolType": "point", "toolIndex": 0, "details": [{"task": f"{task}.0.0"}]}
        for x, _ in answers
    ]
    told = [
        {"task": f"{task}.0.0", "taskType": "single", "markIndex": place, "value": value}
        for place, (_, value) in enumerate(answers)
    ]
    return [{"task": task, "taskType": "drawing", "value": points}, *told]


def box_workflow(**sub_task: Any) -> Row:
    tool = {"type": "rectangle", "label": "T0.tools.0.label", "details": [sub_task] if sub_task else []}
    return workflow_row(
        tasks={"T0": {"type": "drawing", "instruction": "T0.instruction", "tools": [tool]}},
        strings={"T0.instruction": "Box", "T0.tools.0.label": "Box", "old": "Old", "new": "New", "age": "Age?"},
    )


# Surveys


def test_the_identifications_of_three_loops_are_votes_together() -> None:
    loops = [named("LION"), named("ZEBRA", "LION"), named("ANTELOPE")]
    given = flat(loops, [named("LION")], [named("LION"), named("LION")], workflows=[survey_workflow()])
    found = consensus("survey", given)
    assert found.select("choice_id", "votes", "n_answered", "n_blank", "fraction_of_all").rows() == [
        ("LION", 3, 3, 0, 1.0),
        ("ZEBRA", 1, 3, 0, pytest.approx(1 / 3)),
        ("ANTELOPE", 1, 3, 0, pytest.approx(1 / 3)),
    ]
    assert found["n_choices"].unique().to_list() == [1.0]


def test_of_a_choice_in_two_loops_the_highest_count_and_all_answers_count_once() -> None:
    small, large = ("LION", {"HOWMANY": "1", "WHATDOING": ["EATING"]}), ("LION", {"HOWMANY": "1150"})
    eating = ("LION", {"WHATDOING": ["EATING", "RESTING"]})
    given = flat(
        [named(large), named(small), named(eating)],
        [named(("LION", {"HOWMANY": "2"}))],
        workflows=[survey_workflow()],
    )
    (row,) = consensus("survey", given).to_dicts()
    assert (row["count_min"], row["count_median"], row["count_max"]) == ("2", "11-50", "11-50")
    told = {(each["question_id"], each["answer_id"]): (each["votes"], each["fraction"]) for each in row["answers"]}
    assert told == {
        ("WHATDOING", "RESTING"): (1, 0.5),
        ("WHATDOING", "EATING"): (1, 0.5),
        ("HOWMANY", "1"): (1, 0.5),
        ("HOWMANY", "2"): (1, 0.5),
        ("HOWMANY", "1150"): (1, 0.5),
    }


@pytest.mark.parametrize("settings", [LAST, FIRST_OF_REPEATED], ids=["last", "first"])
def test_partial_and_whole_surveys_in_either_order_and_blanks_anywhere(settings: Settings) -> None:
    partial, whole, blank = named("LION"), named(("LION", {"HOWMANY": "2"}), "ZEBRA"), named()
    orders = [list(order) for order in permutations([partial, whole, blank])]
    found = consensus("survey", flat(*orders, [blank, blank], workflows=[survey_workflow()]), settings)
    assert found.select("choice_id", "votes", "n_answered", "n_blank", "n_classifications").rows() == [
        ("ZEBRA", 6, 6, 1, 7),
        ("LION", 6, 6, 1, 7),
    ]


# Drawings


def test_the_marks_of_three_loops_are_clusters_on_their_frames() -> None:
    loops = [boxes((100, 100)), boxes(), boxes((400, 300), (700, 500)), boxes((100, 100), frame=1)]
    given = flat(*[loops] * PEOPLE, [boxes(), boxes()], workflows=[box_workflow()])
    found = consensus("drawing", given)
    columns = ("frame", "x", "y", "n_marks", "n_members", "detection", "n_blank", "n_classifications")
    shared = (PEOPLE, PEOPLE, 0.75, 1, PEOPLE + 1)
    assert sorted(found.select(columns).rows()) == [
        (0, 125.0, 120.0, *shared),
        (0, 425.0, 320.0, *shared),
        (0, 725.0, 520.0, *shared),
        (1, 125.0, 120.0, *shared),
    ]


def test_the_first_mark_of_each_loop_keeps_its_own_answer() -> None:
    tools = [
        {
            "type": "point",
            "label": "nest",
            "details": [{"type": "single", "question": "age", "answers": [{"label": "old"}, {"label": "new"}]}],
        }
    ]
    workflow = workflow_row(
        tasks={"T0": {"type": "drawing", "instruction": "mark", "tools": tools}},
        strings={"nest": "Nest", "mark": "Mark", "age": "Age?", "old": "Old", "new": "New"},
    )
    loops = [*nests((100, 0)), *nests((500, 1), (900, 0)), *nests((300, 1))]
    found = consensus("drawing", flat(*[loops] * PEOPLE, workflows=[workflow]))
    told = {
        row["x"]: [(each["answer_label"], each["votes"]) for each in row["details"]] for row in found.to_dicts()
    }
    assert told == {100: [("Old", 3)], 300: [("New", 3)], 500: [("New", 3)], 900: [("Old", 3)]}


# Sliders


def test_of_sliders_the_last_or_first_value_counts_and_no_blank() -> None:
    given = flat([slider(2), slider(8), slider(None)], [slider(None), slider(4)], workflows=[slider_workflow()])
    columns = ("mean", "n_blank", "n_classifications")
    assert consensus("slider", given).select(columns).rows() == [(6.0, 0, 2)]
    assert consensus("slider", given, FIRST_OF_REPEATED).select(columns).rows() == [(3.0, 0, 2)]


# Dropdowns


def test_selects_that_different_elements_answer_all_count() -> None:
    given = flat([chosen("pe", None), chosen(None, "n")], [chosen("pe", "n")], workflows=[dropdown_workflow()])
    columns = ("select_index", "option_value", "votes", "n_answered", "n_blank", "n_classifications")
    for settings in (LAST, FIRST_OF_REPEATED):
        assert consensus("dropdown", given, settings).select(columns).rows() == [
            (0, "pe", 2, 2, 0, 2),
            (1, "n", 2, 2, 0, 2),
        ]


def test_of_a_select_that_several_elements_answer_the_last_or_first_counts() -> None:
    given = flat([chosen("cl", "*Andes"), chosen("pe", None), chosen(None, None)], workflows=[dropdown_workflow()])
    columns = ("select_index", "option_value", "free_text", "votes", "n_answered")
    region = (1, None, "Andes", 1, 1)
    assert consensus("dropdown", given).select(columns).rows() == [(0, "pe", None, 1, 1), region]
    first = consensus("dropdown", given, FIRST_OF_REPEATED).select(columns)
    assert first.rows() == [(0, "cl", None, 1, 1), region]


def test_a_blank_dropdown_of_unknown_selects_beside_an_answered_one_changes_nothing() -> None:
    blank = {"task": "T0", "value": [], "taskType": "dropdown"}
    entry = {"task": "T0", "value": [{"select_label": "Country", "option": True, "value": "pe", "label": "Peru"}]}
    columns = ("select_index", "option_label", "votes", "n_answered", "n_blank", "n_classifications")
    for elements in ([blank, entry], [entry, blank], [blank, entry, blank]):
        found = consensus("dropdown", flat(elements, workflows=NO_WORKFLOWS))
        assert found.select(columns).rows() == [(0, "Peru", 1, 1, 0, 1)]


# Shortcuts


def test_a_shortcut_that_was_clicked_in_two_loops_is_one_vote_for_each_of_its_answers() -> None:
    workflow = workflow_row(
        tasks={"T0": question(unlinkedTask="T4"), "T4": question("T4", kind="shortcut")},
        strings={**question_strings(), **question_strings("T4", "Quick exit", ("Nothing here", "Fire"))},
    )
    nothing, fire = (answer("T4", [label], None) for label in ("Nothing here", "Fire"))
    given = flat(
        [answer(value=None), nothing, answer(value=None), nothing],
        [answer(value=None), answer(value=None), nothing, fire],
        [answer(), answer()],
        workflows=[workflow],
    )
    found = (
        given.consensus().filter(task="T4").select("answer", "votes", "n_answered", "n_blank", "n_classifications")
    )
    assert found.rows() == [("Nothing here", 2, 3, 1, 3), ("Fire", 1, 3, 1, 3)]


# Combos


def combo(key: str, *children: Row) -> Row:
    return {"task": key, "task_label": None, "value": list(children)}


# By task type: an answer under one combo and another one under the other, and how the consensus shows them.
CHILDREN: dict[str, tuple[Row, Row, tuple[str, ...], Any, Any]] = {
    "question": (answer(value="Yes"), answer(value="No"), ("answer",), "Yes", "No"),
    "text": (
        {"task": "T0", "value": "upper line", "task_label": "Write"},
        {"task": "T0", "value": "lower line", "task_label": "Write"},
        ("text",),
        "upper line",
        "lower line",
    ),
    "slider": (slider(0.1), slider(0.9), ("median",), 0.1, 0.9),
    "survey": (named("LION"), named("ZEBRA"), ("choice_id",), "LION", "ZEBRA"),
    "drawing": (boxes((100, 100)), boxes((400, 100)), ("x",), 125.0, 425.0),
    "dropdown": (
        {"task": "T0", "value": [{"select_label": "Country", "option": True, "value": "pe", "label": "Peru"}]},
        {"task": "T0", "value": [{"select_label": "Country", "option": True, "value": "cl", "label": "Chile"}]},
        ("option_label",),
        "Peru",
        "Chile",
    ),
}
every_type = pytest.mark.parametrize("kind", CHILDREN)


@every_type
def test_a_child_in_two_combos_is_two_tasks(kind: str) -> None:
    upper, lower, columns, in_a, in_b = CHILDREN[kind]
    both = [[combo("A", upper), combo("B", lower)], [combo("B", lower), combo("A", upper)]]
    given = flat(*both, both[0], [combo("A", upper)], workflows=NO_WORKFLOWS)
    found = consensus(kind, given).select("parent_task", *columns, "n_classifications", "n_blank")
    assert found.rows() == [("A", in_a, 4, 0), ("B", in_b, 3, 0)]


@every_type
def test_a_child_of_a_combo_that_is_a_task_by_itself_as_well_is_two_tasks(kind: str) -> None:
    upper, lower, columns, in_a, in_b = CHILDREN[kind]
    given = flat(*[[lower, combo("A", upper)]] * PEOPLE, workflows=NO_WORKFLOWS)
    found = consensus(kind, given).select("parent_task", *columns, "n_classifications")
    assert found.rows() == [("A", in_a, 3), (None, in_b, 3)]


@every_type
def test_the_key_of_the_only_combo_changes_nothing(kind: str) -> None:
    upper, *_ = CHILDREN[kind]
    given = flat(*[[upper]] * PEOPLE, [combo("A", upper)], workflows=NO_WORKFLOWS)
    found = consensus(kind, given)
    assert found["parent_task"].to_list() == [None]
    assert found["n_classifications"].to_list() == [PEOPLE + 1]


def test_combos_that_repeat_and_are_nested_in_each_other_s_order_join_their_texts_by_combo() -> None:
    def line(text: str) -> Row:
        return {"task": "T0", "value": text, "task_label": "Write"}

    given = flat(
        [
            combo("A", line("one")),
            combo("B", line("un")),
            combo("A", line("two"), line("three")),
            combo("B", line("")),
        ],
        workflows=NO_WORKFLOWS,
    )
    found = consensus("text", given).select("parent_task", "text", "n_answered", "n_blank")
    assert found.rows() == [("A", "one\ntwo\nthree", 1, 0), ("B", "un", 1, 0)]


def test_the_definition_tells_apart_what_the_rows_of_a_version_do_not_show() -> None:
    tasks = {
        "A": {"type": "combo", "tasks": ["T0"], "next": "B"},
        "B": {"type": "combo", "tasks": ["T0"]},
        "T0": question(),
    }
    workflow = workflow_row(tasks=tasks, strings=question_strings(), first_task="A")
    rows = [classification_row(number, annotations=[combo("A", answer())]) for number in (1, 2)]
    found = sample(rows, [workflow]).consensus().select("parent_task", "answer", "votes")
    assert found.rows() == [("A", "Yes", 2)]


@every_type
def test_flattened_tables_keep_every_element_with_its_combo(kind: str) -> None:
    upper, lower, *_ = CHILDREN[kind]
    given = flat([combo("A", upper), combo("B", lower), combo("A", lower)], workflows=NO_WORKFLOWS)
    rows = given.tables[TYPES[kind].flattening.table]
    assert rows["parent_task"].to_list() == ["A", "B", "A"]
