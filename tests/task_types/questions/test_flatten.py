"""Questions to rows."""

from typing import Any

import pytest

from tests.builders import answer, classification_row, metadata
from tests.task_types.samples import NO_WORKFLOWS, Sample, flat, one_question, sample, votes

ROW = ("status", "answer_index", "answer", "n_selected")


def colours(*chosen: Any) -> dict[str, Any]:
    return answer("T1", list(chosen), "Which colours?")


def test_blank_not_reached_and_lost_are_three_things() -> None:
    given = flat([answer(value=None)], [], [answer(value="unknown answer label")], [answer()])
    assert given.answers("classification_id", "status", "answer_index", "answer") == [
        (1001, "blank", None, None),
        (1003, "unknown_label", None, None),
        (1004, "answered", 0, "Yes"),
    ]


def test_a_lost_label_is_no_vote_and_no_option() -> None:
    consensus = votes("Yes", "unknown answer label", None).consensus()
    columns = ["answer", "votes", "fraction", "n_classifications", "n_answered", "n_blank"]
    assert consensus.select(columns).rows() == [("Yes", 1, 1.0, 3, 1, 1)]


def test_nothing_ticked_is_one_explicit_blank_row() -> None:
    given = flat([colours()], [colours("Red")])
    assert given.answers(*ROW) == [("blank", None, None, 0), ("answered", 0, "Red", 1)]
    consensus = given.consensus().select("answer", "votes", "fraction", "fraction_of_all", "n_blank")
    assert consensus.rows() == [("Red", 1, 0.5, 0.5, 1)]


@pytest.mark.parametrize(
    ("task", "kind"), [("T1", "multiple"), ("T2", "drawing"), ("T5", "survey"), ("T4", "shortcut")]
)
def test_an_empty_list_is_one_blank_row_for_every_kind_of_list(task: str, kind: str) -> None:
    given = flat([{"task": task, "value": []}])
    assert given.elements() == [(1001, 0, task, kind, "blank")]


@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_a_text_and_a_list_of_one_text_are_the_same_answer(kind: str) -> None:
    given = votes("1", ["1"], workflows=[one_question("1", "2 or more", kind=kind)])
    assert given.questions["task_type"].to_list() == [kind, kind]
    assert given.answers(*ROW) == [("answered", 0, "1", 1)] * 2


def test_also_without_a_definition() -> None:
    given = votes("1", ["1"], workflows=NO_WORKFLOWS)
    assert given.answers(*ROW) == [("answered", None, "1", 1)] * 2
    assert given.consensus().select("answer", "votes").rows() == [("1", 2)]


def test_a_label_that_two_answers_share_gives_no_index() -> None:
    given = votes("Other", "Bird", "Other", workflows=[one_question("Other", "Bird", "Other")])
    assert given.answers("answer_index", "answer") == [(None, "Other"), (1, "Bird"), (None, "Other")]
    assert given.consensus().select("answer_index", "answer", "votes").rows() == [
        (None, "Other", 2),
        (1, "Bird", 1),
    ]


def test_a_position_whose_label_is_shared_votes_by_label_too() -> None:
    given = votes("Other", 0, 2, workflows=[one_question("Other", "Bird", "Other")])
    assert given.consensus().select("answer_index", "answer", "votes").rows() == [(None, "Other", 3)]


def test_an_answer_without_label_is_never_guessed() -> None:
    workflows = [one_question("Yes", None, kind="multiple")]
    given = votes([None, "Yes"], [None], workflows=workflows)
    assert given.answers(*ROW) == [
        ("unknown_label", None, None, 2),
        ("answered", 0, "Yes", 2),
        ("unknown_label", None, None, 1),
    ]
    assert given.consensus().select("answer", "votes", "n_classifications", "n_answered").rows() == [
        ("Yes", 1, 2, 1)
    ]


def test_labels_are_in_the_primary_language_whatever_the_volunteer_saw() -> None:
    rows = [
        classification_row(number, metadata=metadata(user_language=language))
        for number, language in enumerate(("en", "fr"), 1)
    ]
    given = sample(rows)
    assert given.tables["classifications"]["user_language"].to_list() == ["en", "fr"]
    assert given.answers("task_label", "answer_index", "answer") == [("Is there a bird?", 0, "Yes")] * 2


def test_markdown_and_line_breaks_in_labels_stay_as_they_are_but_for_pictures() -> None:
    label = "**Has it risen?**\n\nNOTE: see [help](https://example.org) ![](x.png)"
    workflows = [one_question(label, "No")]
    given = votes(label, workflows=workflows)
    plain = label.removesuffix(" ![](x.png)")
    assert given.answers("answer_index", "answer") == [(0, plain)]
    assert given.consensus()["answer"].to_list() == [plain]


BIRD, OTHER_BIRD = "Bird ![a bird](https://example.org/b.png)", "Bird ![another](https://example.org/c.png =40x)"


def test_an_answer_with_a_picture_has_a_plain_label_whether_it_is_defined_or_not() -> None:
    defined = votes(BIRD, 0, "No", workflows=[one_question(BIRD, "No")])
    undefined = votes(BIRD, "No", workflows=[])
    assert defined.answers("answer_index", "answer") == [(0, "Bird"), (0, "Bird"), (1, "No")]
    assert undefined.answers("answer_index", "answer") == [(None, "Bird"), (None, "No")]
    assert defined.consensus().select("answer", "votes").rows() == [("Bird", 2), ("No", 1)]


def test_answers_that_differ_only_in_their_picture_are_different_answers() -> None:
    for workflows in ([one_question(BIRD, OTHER_BIRD)], []):
        given = votes(BIRD, OTHER_BIRD, OTHER_BIRD, workflows=workflows)
        assert given.consensus().select("answer", "votes").rows() == [(OTHER_BIRD, 2), (BIRD, 1)]


def test_an_answer_that_is_a_picture_alone_is_what_the_picture_shows() -> None:
    given = votes("![a bird](b.png)", "![](c.png)", workflows=[])
    assert given.answers("answer") == [("a bird",), ("![](c.png)",)]


def test_markup_in_labels_is_unescaped() -> None:
    given = votes("<b>Yes</b> & no", workflows=[one_question("<b>Yes</b> & no", "No")])
    assert "<b>" not in given.raw["annotations"].item()
    assert given.answers("answer_index", "answer") == [(0, "<b>Yes</b> & no")]


def test_the_order_of_ticking_does_not_matter() -> None:
    given = flat([colours("Blue", "Red")], [colours("Red", "Blue")])
    assert given.answers("classification_id", "answer_index", "answer", "n_selected") == [
        (1001, 2, "Blue", 2),
        (1001, 0, "Red", 2),
        (1002, 0, "Red", 2),
        (1002, 2, "Blue", 2),
    ]
    assert given.consensus().select("answer", "votes").rows() == [("Red", 2), ("Blue", 2)]


def test_an_answer_that_occurs_twice_in_one_element_counts_once() -> None:
    given = flat([colours("Red", "Red", "Blue", "Red")])
    assert given.answers(*ROW) == [("answered", 0, "Red", 2), ("answered", 2, "Blue", 2)]
    assert given.consensus().select("answer", "votes", "fraction").rows() == [("Red", 1, 1.0), ("Blue", 1, 1.0)]


@pytest.mark.parametrize(
    ("value", "row"),
    [
        (1, ("answered", 1, "No", 1)),
        (1.0, ("answered", 1, "No", 1)),
        (7, ("unknown_label", None, None, 1)),
        (-1, ("malformed", None, "-1", 1)),
        (0.5, ("malformed", None, "0.5", 1)),
        (True, ("malformed", None, "true", 1)),
        ({"a": 1}, ("malformed", None, '{"a":1}', 1)),
        ([[]], ("malformed", None, "[]", 1)),
        ("Maybe", ("answered", None, "Maybe", 1)),
        ("", ("blank", None, None, 0)),
    ],
)
def test_a_value_that_is_no_label_of_the_question(value: Any, row: tuple[Any, ...]) -> None:
    assert votes(value).answers(*ROW) == [row]


def test_an_element_without_value_is_blank() -> None:
    assert flat([{"task": "T0", "task_label": "Is there a bird?"}]).answers(*ROW) == [("blank", None, None, 0)]


def test_a_position_without_a_definition_is_kept_as_position() -> None:
    given = flat([{"task": "T0", "value": 1, "taskType": "single"}], workflows=NO_WORKFLOWS)
    assert given.answers(*ROW) == [("answered", 1, None, 1)]


@pytest.mark.parametrize("value", [2**31, 2**40, 1e15])
def test_a_position_beyond_all_bounds_is_malformed(value: float) -> None:
    given = flat([{"task": "T0", "value": value, "taskType": "single"}], workflows=NO_WORKFLOWS)
    assert given.answers(*ROW) == [("malformed", None, str(value), 1)]


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (["Fire"], [("answered", 1, "Fire", 1)]),
        ("Fire", [("answered", 1, "Fire", 1)]),
        (None, [("blank", None, None, 0)]),
    ],
)
def test_a_shortcut_of_any_age_is_one_answer(value: Any, rows: list[Any]) -> None:
    assert flat([answer("T4", value, None)]).answers(*ROW) == rows


def test_a_shortcut_leaves_the_task_of_its_page_blank() -> None:
    given = flat([answer(value=None), answer("T4", ["Nothing here"], None)])
    assert given.answers() == [("T0", "blank", None, None), ("T4", "answered", 0, "Nothing here")]


def test_the_label_of_the_definition_goes_before_the_exported_one() -> None:
    given = flat([answer(label=None), answer(label="An old wording")])
    assert given.answers("task_label") == [("Is there a bird?",)] * 2
    without = flat([answer(label=None), answer(label="An old wording")], workflows=NO_WORKFLOWS)
    assert without.answers("task_label") == [(None,), ("An old wording",)]


def without_texts(*texts: str) -> Sample:
    """Answers 0, 0 and 1 as the server exports them, where the texts of the answers are these."""
    labels = {f"T0.answers.{index}.label": text for index, text in enumerate(texts)}
    workflow = one_question(*texts, strings={"T0.question": "", **labels})
    return flat(*([answer(value=texts[index], label="")] for index in (0, 0, 1)), workflows=[workflow])


@pytest.mark.parametrize("text", ["", "T0.answers.0.label"])
def test_an_answer_without_a_text_is_called_by_its_place(text: str) -> None:
    found = without_texts(text, "No")
    assert found.answers(*ROW) == [("answered", 0, "answer 1", 1)] * 2 + [("answered", 1, "No", 1)]
    assert found.questions["task_label"].null_count() == 3
    assert found.consensus().select("answer_index", "answer", "votes").rows() == [(0, "answer 1", 2), (1, "No", 1)]


def test_two_answers_without_a_text_cannot_be_told_apart() -> None:
    assert without_texts("", "").answers(*ROW) == [("answered", None, "", 1)] * 3
