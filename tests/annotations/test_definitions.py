"""Task definitions as annotations need them."""

import polars as pl

from tests.builders import answer, classification_row, question, question_strings, workflow_row
from tests.task_types.samples import NO_WORKFLOWS, birds, one_question, sample, tasks_of
from zoo_dag.annotations.definitions import Definitions, TaskDefinition, TaskOption, read_definitions
from zoo_dag.tables import TABLES


def test_definitions_hold_label_revision_and_options_of_every_task() -> None:
    definitions = read_definitions(tasks_of("3.10"))
    assert list(definitions.tasks) == ["T0", "T1", "T9", "T4", "T3", "T2", "T5", "T6"]
    colours = definitions.tasks["T1"]
    assert (colours.task_type, colours.label, colours.revision) == ("multiple", "Which colours?", "T1@3.10")
    assert colours.answers == ("Red", "Green", "Blue")
    assert definitions.tasks["T2"].by_path["tools.0"] == TaskOption("tool", "tools.0", 0, "point", "Nest")
    assert [option.label for option in definitions.tasks["T6"].options] == ["0", "9"]
    assert definitions.tasks["T3"].options == ()


def test_only_unique_labels_have_an_index() -> None:
    options = [
        TaskOption("answer", f"answers.{i}", i, None, label) for i, label in enumerate(("A", "B", "A", None))
    ]
    task = TaskDefinition("T0", "single", options=tuple(options))
    assert [task.index_of(label) for label in ("A", "B", "C")] == [None, 1, None]
    assert task.answers == ("A", "B", "A", None)


def test_only_an_exact_match_knows_all_tasks() -> None:
    assert read_definitions(tasks_of("3.10")).complete
    fallback = read_definitions(tasks_of("3.9"))
    assert (fallback.match, fallback.complete) == ("fallback", False)
    assert read_definitions(tasks_of("3.10", NO_WORKFLOWS)) == Definitions()
    assert read_definitions(TABLES["tasks"].empty()) == Definitions()


def test_a_version_without_tasks_has_only_its_match() -> None:
    definitions = read_definitions(tasks_of("3.10", [birds(tasks={}, strings={})]))
    assert (definitions.match, dict(definitions.tasks), definitions.complete) == ("exact", {}, False)


def test_an_edited_label_keeps_the_versions_apart_and_the_index_alike() -> None:
    workflows = [one_question("Yes", "No"), one_question("Yes!", "No", minor_version=11)]
    found = {}
    for version, label in (("3.10", "Yes"), ("3.11", "Yes!")):
        row = classification_row(workflow_version=version, annotations=[answer(value=label)])
        given = sample([row], workflows)
        found[version] = given.consensus().select("workflow_version", "answer_index", "answer", "votes").rows()
        assert given.answers("workflow_version", "answer_index", "answer") == [(version, 0, label)]
    assert found == {"3.10": [("3.10", 0, "Yes", 1)], "3.11": [("3.11", 0, "Yes!", 1)]}


def test_an_edited_label_goes_on_with_the_revision_and_another_question_starts_one() -> None:
    other = question_strings("T0", "How many?", ("One", "Two"))
    workflows = [
        one_question("Yes", "No"),
        one_question("Yes!", "No", minor_version=11),
        workflow_row(4, 11, tasks={"T0": question()}, strings=other),
    ]
    revisions = {
        version: read_definitions(tasks_of(version, workflows)).tasks["T0"].revision
        for version in ("3.10", "3.11", "4.11")
    }
    assert revisions == {"3.10": "T0@3.10", "3.11": "T0@3.10", "4.11": "T0@4.11"}


def test_a_fallback_definition_labels_the_rows_of_the_version_asked_for() -> None:
    given = sample([classification_row(workflow_version="3.9")])
    assert given.tables["tasks"].select("workflow_version", "version_match").unique().rows() == [
        ("3.9", "fallback")
    ]
    columns = ("workflow_version", "task_revision", "answer_index", "answer")
    assert given.answers(*columns) == [("3.9", "T0@3.10", 0, "Yes")]


def test_definitions_come_from_the_table_in_the_order_of_its_rows() -> None:
    rows = [
        {
            "task": "T1",
            "task_type": "single",
            "version_match": "exact",
            "option_kind": "answer",
            "option_label": text,
        }
        for text in ("B", "A")
    ]
    definitions = read_definitions(pl.DataFrame(rows, schema=TABLES["tasks"].dtypes))
    assert definitions.tasks["T1"].answers == ("B", "A")
