"""Task revisions: runs of versions in which a task means the same."""

import pytest

from zoo_dag.exports.revisions import Option, TaskStructure, match_options, revisions
from zoo_dag.settings.results import Pooling
from zoo_dag.tables.versions import VersionKey


def task(*labels: str | None, kind: str = "single", text: str | None = None) -> TaskStructure:
    options = (Option("answer", f"answers.{number}", number, None, label) for number, label in enumerate(labels))
    return TaskStructure(kind, tuple(options), text)


def names(*structures: TaskStructure | None) -> list[str | None]:
    """The revision of T0 in versions 1.1, 1.2, …"""
    versions = [
        (VersionKey(11, 1, number), {"T0": structure} if structure else {})
        for number, structure in enumerate(structures, 1)
    ]
    found = revisions(versions)
    return [found[version, "T0"].name if (version, "T0") in found else None for version, _ in versions]


def test_a_task_that_stays_the_same_is_one_revision() -> None:
    assert names(task("Yes", "No"), task("Yes", "No")) == ["T0@1.1", "T0@1.1"]


def test_a_mended_label_goes_on_with_the_revision() -> None:
    assert names(task("Yes", "No"), task("Yes!", "**No**"), task("yes", "No ")) == ["T0@1.1"] * 3


def test_answers_in_another_order_go_on_with_the_revision() -> None:
    assert names(task("Yes", "No"), task("No", "Yes")) == ["T0@1.1", "T0@1.1"]


@pytest.mark.parametrize("after", [task("Yes"), task("Yes", "No", "Maybe"), task("Yes", "Never")])
def test_other_answers_start_a_new_revision(after: TaskStructure) -> None:
    assert names(task("Yes", "No"), after, after) == ["T0@1.1", "T0@1.2", "T0@1.2"]


def test_another_type_starts_a_new_revision() -> None:
    assert names(task("Yes", "No"), task("Yes", "No", kind="multiple")) == ["T0@1.1", "T0@1.2"]


def test_a_task_that_was_away_goes_on_where_it_was() -> None:
    assert names(task("Yes", "No"), None, task("Yes", "No")) == ["T0@1.1", None, "T0@1.1"]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("[Owl](https://a.org)", "Owl", True),
        ("![owl](owl.jpg) Owl", "![owl](other.jpg) Owl", True),
        ("a-b", "a b", True),
        ("🦉", "🦆", False),
        (None, None, True),
        (None, "Owl", False),
    ],
)
def test_labels_are_compared_as_people_read_them(before: str | None, after: str | None, same: bool) -> None:
    assert (match_options(task(before, "x"), task(after, "x")) is not None) is same


def test_labels_that_swap_their_holders_are_no_match() -> None:
    def tools(*pairs: tuple[str, str]) -> TaskStructure:
        options = []
        for number, (tool, answer) in enumerate(pairs):
            options.append(Option("tool", f"tools.{number}", number, "point", tool))
            path = f"tools.{number}.details.0.answers.0"
            options.append(Option("sub-task answer", path, 0, None, answer))
        return TaskStructure("drawing", tuple(options))

    one = tools(("Owl", "male"), ("Duck", "female"))
    assert match_options(one, tools(("Duck", "female"), ("Owl", "male"))) == [2, 3, 0, 1]
    assert match_options(one, tools(("Owl", "female"), ("Duck", "male"))) is None


def test_an_option_is_followed_through_all_versions_of_its_revision() -> None:
    structures = [task("yes!", "No"), task("Yes", "No"), task("No", "Yes"), task("no", "yes")]
    versions = [(VersionKey(11, 1, number), {"T0": structure}) for number, structure in enumerate(structures, 1)]
    found = revisions(versions)
    assert [found[version, "T0"].origins for version, _ in versions] == [(0, 1), (0, 1), (1, 0), (1, 0)]


@pytest.mark.parametrize("kind", ["single", "multiple", "text", "textFromSubject", "slider"])
def test_another_question_starts_a_new_revision(kind: str) -> None:
    texts = ["Is there a cat?", "Is ther a cat?", "Is there a dog?", "Is there a dog?"]
    found = names(*(task(kind=kind, text=text) for text in texts))
    assert found == ["T0@1.1", "T0@1.1", "T0@1.3", "T0@1.3"]


@pytest.mark.parametrize("kind", ["drawing", "survey", "dropdown", "dropdown-simple", "combo"])
def test_another_instruction_starts_none_where_the_labels_carry_the_meaning(kind: str) -> None:
    found = names(task("Cat", kind=kind, text="Mark cats"), task("Cat", kind=kind, text="Mark what you see"))
    assert found == ["T0@1.1", "T0@1.1"]


def test_the_settings_join_two_questions_and_part_one() -> None:
    structures = [
        task("Yes", text="Is there a cat?"),
        task("Yes", text="Any cats?"),
        task("Yes", text="Any cats?"),
    ]
    versions = [(VersionKey(11, 1, number), {"T0": structure}) for number, structure in enumerate(structures, 1)]
    found = revisions(versions, Pooling(same=("11 T0@1.2",), new=("11 T0@1.3",)))
    assert [found[version, "T0"].name for version, _ in versions] == ["T0@1.1", "T0@1.1", "T0@1.3"]


def test_a_text_that_was_missing_is_compared_with_the_last_one() -> None:
    cat, none, dog = task("Yes", text="Is there a cat?"), task("Yes"), task("Yes", text="Is there a dog?")
    assert names(cat, none, cat) == ["T0@1.1"] * 3
    assert names(cat, none, dog) == ["T0@1.1", "T0@1.1", "T0@1.3"]
    assert names(none, cat) == ["T0@1.1", "T0@1.1"]
