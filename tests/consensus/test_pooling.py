"""Pooling the versions of a workflow: votes on one task revision count together, under its newest labels."""

import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

import zoo_dag
from tests.builders import (
    answer,
    classification_row,
    metadata,
    question,
    question_strings,
    subject_row,
    workflow_row,
    write_export,
)
from tests.built_projects import BuiltProject, BuiltProjects
from tests.dagster_project import run_all
from tests.task_types.samples import NO_WORKFLOWS, Sample, aggregated, sample
from zoo_dag.consensus.learned_revisions import with_revisions
from zoo_dag.consensus.pooling import decide, pool
from zoo_dag.consensus.units import POOLED
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.settings.loading import Settings
from zoo_dag.settings.results import Exclusion
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES
from zoo_dag.task_types.declaration import TaskType
from zoo_dag.task_types.drawings import DRAWINGS
from zoo_dag.task_types.questions import QUESTIONS
from zoo_dag.task_types.summary_columns import describe_column

# Rows of a classifications export, and of a workflows export.
Input = tuple[list[dict], list[dict]]


def vote(number: int, version: str, value: object, **overrides: object) -> dict:
    cells = {"annotations": [answer(value=value)], **overrides}
    return classification_row(number, workflow_version=version, **cells)


def workflow(major: int, minor: int, *answers: str) -> dict:
    tasks = {"T0": question(answers=len(answers))}
    return workflow_row(major, minor, tasks=tasks, strings=question_strings(answers=answers))


def versions_of(rows: list[dict], workflows: list[dict], settings: str = "") -> list[Sample]:
    """The tables of each version of workflow 11."""
    chosen = Settings.model_validate(tomllib.loads(settings))
    versions = dict.fromkeys(row["workflow_version"] for row in rows)
    return [
        sample([row for row in rows if row["workflow_version"] == version], workflows, settings=chosen)
        for version in versions
    ]


def pooled(rows: list[dict], workflows: list[dict], settings: str = "") -> pl.DataFrame:
    """The pooled consensus of questions of rows of workflow 11."""
    samples = versions_of(rows, workflows, settings)
    annotations = together(samples, QUESTIONS, settings)
    tasks = pl.concat([each.tables["tasks"] for each in samples])
    consensus = aggregated(QUESTIONS, {QUESTIONS.flattening.table: annotations}, tasks, scope=POOLED)
    return consensus.sort("task_revision", "subject_ids", "rank")


def together(samples: list[Sample], task_type: TaskType, settings: str = "") -> pl.DataFrame:
    """The flattened rows of a task type of all versions, as they are pooled."""
    flattening, chosen = task_type.flattening, Settings.model_validate(tomllib.loads(settings))
    tasks, rows = (
        pl.concat([each.tables[name] for each in samples]).lazy() for name in ("tasks", flattening.table)
    )
    rows = with_revisions(rows, flattening.options, tasks, chosen.pooling)
    classifications = pl.concat([each.tables["classifications"] for each in samples]).lazy()
    decided = decide(classifications, tasks, chosen.exclusion, [rows])
    return pool(rows, tasks, decided, flattening.options, flattening.rename).collect()


def imported(folder: Path, rows: list[dict]) -> None:
    """Import rows, and build all tables."""
    export = write_export(folder / "classifications.csv", rows)
    assert run_all(DataFolder(folder / "data"), Request((export,))).failures == []


def rows_of(consensus: pl.DataFrame, *columns: str) -> list[tuple]:
    return consensus.select(columns or ("task_revision", "versions", "answer", "votes")).rows()


def test_votes_of_versions_with_the_same_answers_count_together():
    rows = [vote(1, "3.9", "Yes"), vote(2, "3.10", "Yes"), vote(3, "3.10", "No")]
    found = pooled(rows, [workflow(3, 9, "Yes", "No"), workflow(3, 10, "Yes", "No")])
    assert rows_of(found) == [("T0@3.9", ["3.9", "3.10"], "Yes", 2), ("T0@3.9", ["3.9", "3.10"], "No", 1)]


def test_an_answer_has_the_label_and_the_place_of_the_newest_version():
    rows = [vote(1, "3.9", "yes!"), vote(2, "3.10", "Yes"), vote(3, "4.10", "Yes")]
    versions = [workflow(3, 9, "yes!", "No"), workflow(3, 10, "Yes", "No"), workflow(4, 10, "No", "Yes")]
    found = pooled(rows, versions)
    assert rows_of(found, "answer", "answer_index", "votes") == [("Yes", 1, 3)]


def test_a_changed_set_of_answers_starts_a_revision_of_its_own():
    rows = [vote(1, "3.9", "Yes"), vote(2, "4.10", "Yes")]
    found = pooled(rows, [workflow(3, 9, "Yes", "No"), workflow(4, 10, "Yes", "No", "Perhaps")])
    assert rows_of(found) == [("T0@3.9", ["3.9"], "Yes", 1), ("T0@4.10", ["4.10"], "Yes", 1)]


@pytest.mark.parametrize(
    ("settings", "revisions"),
    [
        ("", ["T0@3.9", "T0@4.10"]),
        ('[pooling]\nsame = ["11 T0@4.10"]\n', ["T0@3.9"]),
        ('[pooling]\nnew = ["11 T0@3.10"]\n', ["T0@3.10", "T0@3.9", "T0@4.10"]),
    ],
)
def test_the_settings_overrule_what_the_labels_say(settings, revisions):
    rows = [vote(1, "3.9", "Yes"), vote(2, "3.10", "Yes"), vote(3, "4.10", "Yes")]
    versions = [workflow(3, 9, "Yes", "No"), workflow(3, 10, "Yes", "No"), workflow(4, 10, "Yes", "No", "Perhaps")]
    assert sorted(set(pooled(rows, versions, settings)["task_revision"])) == revisions


def test_without_a_workflows_export_type_and_label_of_a_task_make_its_revisions():
    other = [answer(label="Is there a nest?")]
    rows = [
        vote(1, "3.9", "Yes"),
        vote(2, "3.10", "Yes"),
        classification_row(3, workflow_version="4.10", annotations=other),
    ]
    found = pooled(rows, NO_WORKFLOWS)
    assert rows_of(found, "task_revision", "versions", "task_label") == [
        ("T0@3.9", ["3.9", "3.10"], "Is there a bird?"),
        ("T0@4.10", ["4.10"], "Is there a nest?"),
    ]


def test_a_version_that_the_workflows_export_lacks_is_pooled_by_what_its_rows_say():
    other = [answer(label="Is there a nest?")]
    rows = [
        vote(1, "3.9", "Yes"),
        vote(2, "3.10", "Yes"),
        classification_row(3, workflow_version="4.11", annotations=other),
        classification_row(4, workflow_version="4.12", annotations=other),
    ]
    found = pooled(rows, [workflow(3, 9, "Yes", "No")])
    assert rows_of(found, "task_revision", "versions", "task_label", "votes") == [
        ("T0@3.9", ["3.9", "3.10"], "Is there a bird?", 2),
        ("T0@4.11", ["4.11", "4.12"], "Is there a nest?", 2),
    ]


def test_rows_go_on_with_the_revision_that_was_there_before_their_version():
    """3.10 is read by the definition of 4.10, which asks something else, but goes on with 3.9."""
    nest = {"tasks": {"T0": question()}, "strings": question_strings(label="Is there a nest?")}
    rows = [vote(1, "3.9", "Yes"), vote(2, "3.10", "Yes"), vote(3, "4.10", "No")]
    rows[2]["annotations"] = [answer(value="No", label="Is there a nest?")]
    found = pooled(rows, [workflow(3, 9, "Yes", "No"), workflow_row(4, 10, **nest)])
    assert rows_of(found) == [("T0@3.9", ["3.9", "3.10"], "Yes", 2), ("T0@4.10", ["4.10"], "No", 1)]


def test_tools_that_changed_places_in_a_missing_version_are_pooled_by_their_labels():
    tools = [{"type": "point", "label": label, "details": []} for label in ("Cat", "Dog")]
    definition = workflow_row(3, 9, tasks={"T0": {"type": "drawing", "instruction": "Mark", "tools": tools}})

    def marked(number: int, version: str, labels: tuple[str, str]) -> dict:
        value = [
            {"x": 100 if label == "Cat" else 500, "y": 50, "tool": tool, "frame": 0, "tool_label": label}
            for tool, label in enumerate(labels)
        ]
        element = {"task": "T0", "task_label": "Mark", "value": value}
        return classification_row(number, workflow_version=version, annotations=[element])

    rows = [marked(1, "3.9", ("Cat", "Dog")), marked(2, "4.10", ("Dog", "Cat")), marked(3, "4.10", ("Dog", "Cat"))]
    samples = versions_of(rows, [definition])
    annotations = together(samples, DRAWINGS)
    assert annotations.select("task_revision", "tool_index", "tool_label", "x").unique().sort("x").rows() == [
        ("T0@3.9", 0, "Cat", 100.0),
        ("T0@3.9", 1, "Dog", 500.0),
    ]


def test_sub_tasks_and_answers_that_changed_places_are_pooled_by_their_labels():
    def detail(ask: str, *labels: str) -> dict:
        return {"type": "single", "question": ask, "answers": [{"label": label} for label in labels]}

    fur, tail = detail("Fur?", "Plain", "Striped"), detail("Tail?", "Long", "Short")
    cat, dog = {"type": "point", "label": "Cat"}, {"type": "point", "label": "Dog", "details": []}

    def definition(minor: int, *tools: dict) -> dict:
        return workflow_row(3, minor, tasks={"T0": {"type": "drawing", "instruction": "?", "tools": [*tools]}})

    swapped = detail("Tail?", "Short", "Long")
    versions = [
        definition(9, cat | {"details": [fur, tail]}, dog),
        definition(10, dog, cat | {"details": [swapped, fur]}),
    ]

    def marked(number: int, version: str, tool: int, *positions: int | None) -> dict:
        details = [{"value": position} for position in positions]
        mark = {"x": 9, "y": 9, "tool": tool, "frame": 0, "details": details, "tool_label": "Cat"}
        return classification_row(
            number, workflow_version=version, annotations=[{"task": "T0", "task_label": "?", "value": [mark]}]
        )

    # Each time Striped and Short, and in the last one no fur.
    rows = [marked(1, "3.9", 0, 1, 1), marked(2, "3.10", 1, 0, 1), marked(3, "3.10", 1, 0, None)]
    annotations = together(versions_of(rows, versions), DRAWINGS)
    assert annotations.select("tool_index", "tool_label").unique().rows() == [(1, "Cat")]
    details = annotations.select("classification_id", "details").explode("details").unnest("details")
    found = details.select("classification_id", "detail_index", "answer_index", "answer_label").rows()
    assert sorted(found, key=str) == [
        (1001, 0, 0, "Short"),
        (1001, 1, 1, "Striped"),
        (1002, 0, 0, "Short"),
        (1002, 1, 1, "Striped"),
        (1003, 0, 0, "Short"),
        (1003, 1, None, None),
    ]


def test_a_repeat_in_another_version_counts_in_its_version_but_not_in_the_pool():
    rows = [vote(1, "3.9", "Yes"), vote(2, "3.10", "No", user_id=7001)]
    workflows = [workflow(3, 9, "Yes", "No"), workflow(3, 10, "Yes", "No")]
    assert rows_of(pooled(rows, workflows)) == [("T0@3.9", ["3.9"], "Yes", 1)]
    of_versions = [each.consensus() for each in versions_of(rows, workflows)]
    assert [rows_of(each, "workflow_version", "answer", "votes") for each in of_versions] == [
        [("3.9", "Yes", 1)],
        [("3.10", "No", 1)],
    ]


@pytest.mark.parametrize("workflows", [True, False], ids=["with a workflows export", "without"])
def test_an_answer_to_another_question_repeats_nothing(workflows):
    def both(number: int, version: str, first: str, second: str, label: str) -> dict:
        elements = [answer("T0", first, "Is there a bird?"), answer("T1", second, label)]
        return classification_row(number, workflow_version=version, annotations=elements, user_id=7001)

    rows = [both(1, "3.9", "Yes", "Yes", "Is it red?"), both(2, "4.9", "No", "No", "Is it blue?")]
    rows += [both(3, "4.9", "No", "Yes", "Is it blue?"), both(4, "4.10", "No", "Yes", "Is it blue?")]
    definitions = [
        workflow_row(
            major,
            minor,
            tasks={"T0": question(), "T1": question("T1")},
            strings=question_strings() | question_strings("T1", label),
        )
        for major, minor, label in ((3, 9, "Is it red?"), (4, 9, "Is it blue?"), (4, 10, "Is it blue?"))
    ]
    chosen = definitions if workflows else NO_WORKFLOWS
    assert rows_of(pooled(rows, chosen)) == [
        ("T0@3.9", ["3.9"], "Yes", 1),
        ("T1@3.9", ["3.9"], "Yes", 1),
        ("T1@4.9", ["4.9"], "No", 1),
    ]
    assert rows_of(pooled(rows, chosen, '[exclusion]\nrepeat = "last"\n')) == [
        ("T0@3.9", ["4.10"], "No", 1),
        ("T1@3.9", ["3.9"], "Yes", 1),
        ("T1@4.9", ["4.10"], "Yes", 1),
    ]
    everything = pooled(rows, chosen, '[exclusion]\nrepeat = "all"\n')
    assert sorted(rows_of(everything, "task_revision", "votes")) == [
        ("T0@3.9", 1), ("T0@3.9", 3), ("T1@3.9", 1), ("T1@4.9", 1), ("T1@4.9", 2),
    ]  # fmt: skip


ANOTHER_QUESTION, MANY_TASKS, COMBOS, ANOTHER_TYPE = range(11, 15)


@pytest.fixture(scope="module")
def built(built_projects: BuiltProjects) -> BuiltProject:
    """A project with a workflow for each of these, from exports to the summary of subjects."""
    built = built_projects.of_workflows(
        {
            ANOTHER_QUESTION: another_question(),
            MANY_TASKS: many_tasks(),
            COMBOS: told_apart(),
            ANOTHER_TYPE: another_type(),
        }
    )
    assert built.outcome.failures == []
    return built


def another_question() -> Input:
    rows = [vote(1, "3.9", "Yes"), vote(2, "3.10", "Yes", user_id=7001), vote(3, "4.10", "Yes", user_id=7001)]
    rows[2]["annotations"] = [answer(label="Is there a nest?")]
    return rows, []


def test_a_classification_that_answers_another_question_counts_in_the_summary(built):
    (row,) = zoo_dag.scan("subject_summary", built.folder.root, ANOTHER_QUESTION).collect().to_dicts()
    assert (row["n_classifications"], row["n_excluded"], row["n_volunteers"]) == (2, 1, 1)
    assert row["versions"] == ["3.9", "4.10"]
    assert (row["T0@3.9_n_answered"], row["T0@4.10_n_answered"]) == (1, 1)


def many_tasks() -> Input:
    labels = {"9.9": "Is it wet?", "10.10": "Is it dry?"}
    rows = [
        classification_row(
            number,
            workflow_version=version,
            annotations=[
                answer("T10", "Yes", label="Is it a bird?"),
                answer("T2", "Yes", label="Is it red?"),
                answer("T0", "Yes", label=label),
                {"task": "T1", "task_label": "Write", "value": "word"},
            ],
        )
        for number, (version, label) in enumerate(labels.items(), 1)
    ]
    return rows, []


def test_the_columns_of_the_summary_are_in_the_order_of_tasks_and_versions(built):
    columns = zoo_dag.scan("subject_summary", built.folder.root, MANY_TASKS).collect_schema().names()
    names = dict.fromkeys(column.split("_")[0] for column in columns if column.startswith("T"))
    assert list(names) == ["T0@9.9", "T0@10.10", "T1", "T2", "T10"]


@pytest.mark.parametrize(
    ("keys", "excluded"),
    [
        ({"translation_bug": True}, "known_bad"),
        ({"translation_bug": "true"}, "known_bad"),
        ({"translation_bug": False}, None),
        ({"translation_bug": ...}, None),
        ({"feedback": {"translation_bug": True}}, None),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["as exported", "saved again"])
def test_version_and_pool_agree_on_rows_that_the_server_marked_as_damaged(keys, excluded, separators):
    cell = json.dumps(metadata(**keys), separators=separators)
    tables = sample([classification_row(1, metadata=cell), classification_row(2)]).tables
    assert tables["classifications"]["excluded"].to_list() == [excluded, None]
    # The pool decides as the version did.
    assert decide(tables["classifications"].lazy(), tables["tasks"].lazy(), Exclusion(), []).is_empty()


def test_subjects_of_one_range_show_that_those_of_another_were_classified_before_the_launch():
    cells = [json.dumps(metadata(live_project=live)) for live in (False, True)]
    rows = [
        classification_row(number, metadata=cell, subject_ids=str(number)) for number, cell in enumerate(cells, 1)
    ]
    again = [row | {"classification_id": row["classification_id"] + 10} for row in rows]
    tables = sample([*rows, *again]).tables
    assert tables["classifications"]["excluded"].to_list() == [
        "pre_launch",
        None,
        "pre_launch",
        "network_duplicate",
    ]
    tables = tables["classifications"].lazy(), tables["tasks"].lazy()
    assert decide(*tables, Exclusion(), [], at_once=1).is_empty()


def test_a_version_before_the_launch_does_not_count_in_the_pool() -> None:
    rows = [
        vote(1, "1.1", "cat", metadata=json.dumps(metadata(live_project=False)), subject_ids="1"),
        vote(2, "2.1", "cat", metadata=json.dumps(metadata(live_project=True)), subject_ids="2"),
    ]
    classifications = pl.concat(each.tables["classifications"] for each in versions_of(rows, []))
    assert classifications["excluded"].to_list() == [None, None]
    decided = decide(classifications.lazy(), TABLES["tasks"].empty().lazy(), Exclusion(), [])
    assert decided.select("classification_id", "excluded").rows() == [(rows[0]["classification_id"], "pre_launch")]


@pytest.mark.parametrize(
    ("built_with", "settings", "excluded"),
    [("gold_standard = true", "gold_standard = false", None), ("gold_standard = false", "", "gold_standard")],
)
def test_the_pool_decides_by_its_settings_where_versions_were_built_with_others(built_with, settings, excluded):
    rows = [vote(1, "1.1", "cat", gold_standard="true"), vote(2, "2.1", "cat")]
    samples = versions_of(rows, [], f"[exclusion]\n{built_with}\n")
    classifications = pl.concat(each.tables["classifications"] for each in samples)
    rules = Settings.model_validate(tomllib.loads(f"[exclusion]\n{settings}\n")).exclusion
    decided = decide(classifications.lazy(), TABLES["tasks"].empty().lazy(), rules, [])
    assert decided.select("classification_id", "excluded").rows() == [(rows[0]["classification_id"], excluded)]


TWO_WORKFLOWS = [vote(1, "3.9", "Yes"), vote(2, "3.9", "Yes", workflow_id=12)]


def test_workflows_are_never_pooled_with_each_other(built_projects):
    built = built_projects.of_rows(TWO_WORKFLOWS)
    found = zoo_dag.scan("pooled_question_consensus", built.folder.root).collect()
    assert sorted(rows_of(found, "workflow_id", "votes")) == [(11, 1), (12, 1)]


def test_a_new_version_rebuilds_only_the_pool_of_its_workflow(built_projects, tmp_path):
    files = built_projects.of_rows(TWO_WORKFLOWS).copy(DataFolder(tmp_path / "data")).tables
    before = {path.name: path.stat().st_mtime_ns for path in (files.root / "pooled_question_consensus").iterdir()}
    imported(tmp_path, [*TWO_WORKFLOWS, vote(3, "3.10", "No")])
    after = {path.name: path.stat().st_mtime_ns for path in (files.root / "pooled_question_consensus").iterdir()}
    assert after["12.parquet"] == before["12.parquet"]
    assert after["11.parquet"] > before["11.parquet"]


def test_the_summary_has_one_row_for_each_subject_with_what_volunteers_and_server_say(tmp_path):
    rows = [vote(number, "3.10", value) for number, value in enumerate(["Yes", "Yes", "Yes", "No", None], 1)]
    rows.append(vote(9, "3.10", "No", subject_ids="102", gold_standard=True))
    subjects = [subject_row(101, classifications_count=4, retired_at="2024-03-06 01:02:03 UTC")]
    write_export(tmp_path / "subjects.csv", subjects)
    write_export(tmp_path / "classifications.csv", rows)
    write_export(tmp_path / "workflows.csv", [workflow(3, 10, "Yes", "No")])
    exports = tuple(tmp_path / f"{kind}.csv" for kind in ("classifications", "subjects", "workflows"))
    run_all(DataFolder.find(tmp_path / "data"), Request(exports))
    first, second = zoo_dag.scan("subject_summary", tmp_path / "data").collect().to_dicts()
    assert (first["subject_id"], first["subject_known"], first["n_classifications"]) == (101, True, 5)
    assert (first["T0_answer"], first["T0_fraction"], first["T0_reached"]) == ("Yes", 0.75, True)
    assert (first["classifications_count"], first["urls"]) == (4, ["https://example.org/101.jpg"])
    assert first["retired_at"].isoformat() == "2024-03-06T01:02:03+00:00"
    assert (second["subject_id"], second["subject_known"]) == (102, False)
    assert (second["n_classifications"], second["n_excluded"], second["T0_answer"]) == (0, 1, None)


def combos(number: int, version: str, **answers: object) -> dict:
    """A classification of which each combo holds an answer to T0."""
    elements = [
        {"task": key, "task_label": None, "value": [answer(value=value)]} for key, value in answers.items()
    ]
    return classification_row(number, workflow_version=version, annotations=elements)


def test_a_combo_that_changes_its_key_between_versions_splits_no_votes():
    rows = [combos(1, "3.9", A="Yes"), combos(2, "3.10", B="Yes"), vote(3, "3.10", "Yes")]
    found = pooled(rows, NO_WORKFLOWS)
    assert rows_of(found, "parent_task", "versions", "answer", "votes") == [(None, ["3.9", "3.10"], "Yes", 3)]


def test_combos_that_one_version_tells_apart_are_told_apart_in_the_pool():
    rows = [combos(1, "3.9", A="Yes"), combos(2, "3.10", A="Yes", B="No"), combos(3, "3.10", B="No", A="No")]
    found = pooled(rows, NO_WORKFLOWS).sort("parent_task", "rank")
    assert rows_of(found, "parent_task", "versions", "answer", "votes", "n_classifications") == [
        ("A", ["3.9", "3.10"], "Yes", 2, 3),
        ("A", ["3.9", "3.10"], "No", 1, 3),
        ("B", ["3.10"], "No", 2, 2),
    ]


def test_a_task_repeated_in_two_versions_counts_as_in_one():
    twice = [answer(value="Yes"), answer(value=None)]
    rows = [classification_row(1, workflow_version="3.9", annotations=twice), vote(2, "3.10", "No")]
    found = pooled(rows, [workflow(3, 9, "Yes", "No"), workflow(3, 10, "Yes", "No")])
    assert rows_of(found, "answer", "votes", "n_blank") == [("Yes", 1, 0), ("No", 1, 0)]


def told_apart() -> Input:
    tasks = {
        "A": {"type": "combo", "tasks": ["T0"], "next": "B"},
        "B": {"type": "combo", "tasks": ["T0"]},
        "T0": question(),
    }
    rows = [combos(number, version, A="Yes", B="No") for number, version in enumerate(["3.9", "3.10", "3.10"], 1)]
    versions = [
        workflow_row(3, minor, tasks=tasks, strings=question_strings(), first_task="A") for minor in (9, 10)
    ]
    return rows, versions


def test_a_run_tells_combos_apart_in_every_table_check_and_column_of_the_summary(built):
    def of_combos(table: str) -> pl.LazyFrame:
        return zoo_dag.scan(table, built.folder.root, COMBOS)

    columns = ("parent_task", "task", "answer", "votes", "n_classifications")
    of_versions = of_combos("question_consensus").sort("n_classifications", "parent_task")
    assert of_versions.select(columns).collect().rows() == [
        ("A", "T0", "Yes", 1, 1),
        ("B", "T0", "No", 1, 1),
        ("A", "T0", "Yes", 2, 2),
        ("B", "T0", "No", 2, 2),
    ]
    together = of_combos("pooled_question_consensus").select(columns).collect()
    assert together.rows() == [("A", "T0", "Yes", 3, 3), ("B", "T0", "No", 3, 3)]
    (summary,) = of_combos("subject_summary").collect().to_dicts()
    told = {name: value for name, value in summary.items() if name.endswith(("_answer", "_n_answered"))}
    assert told == {"A.T0_answer": "Yes", "A.T0_n_answered": 3, "B.T0_answer": "No", "B.T0_n_answered": 3}
    assert all(describe_column(name, summary.keys()) for name in told)


def test_without_a_workflows_export_a_version_of_which_no_row_has_the_label_goes_on() -> None:
    # As stored, where the server added no label.
    bare = {"task": "T0", "value": "Yes"}
    rows = [
        vote(1, "3.1", "Yes"),
        vote(2, "3.2", "Yes", annotations=[bare]),
        vote(3, "4.1", "Yes"),
        vote(4, "5.1", "Yes", annotations=[answer(value="Yes", label="Is there a cat?")]),
    ]
    columns = ["task_revision", "task_label", "answer", "votes", "versions"]
    assert pooled(rows, []).select(columns).rows() == [
        ("T0@3.1", "Is there a bird?", "Yes", 3, ["3.1", "3.2", "4.1"]),
        ("T0@5.1", "Is there a cat?", "Yes", 1, ["5.1"]),
    ]


def another_type() -> Input:
    text = {"T0": {"type": "text", "instruction": "T0.instruction"}}
    definitions = [
        workflow(3, 9, "Yes", "No"),
        workflow_row(4, 9, tasks=text, strings={"T0.instruction": "Notes"}),
    ]
    rows = [vote(number, "3.9", "Yes") for number in (1, 2, 3)]
    note = {"task": "T0", "value": "an owl", "task_label": "Notes"}
    rows += [classification_row(number, workflow_version="4.9", annotations=[note]) for number in (4, 5)]
    return rows, definitions


def test_a_task_that_changed_its_type_has_columns_for_each_revision(built):
    (row,) = zoo_dag.scan("subject_summary", built.folder.root, ANOTHER_TYPE).collect().to_dicts()
    assert (row["T0@3.9_answer"], row["T0@3.9_reached"]) == ("Yes", True)
    assert (row["T0@4.9_text"], row["T0@4.9_reached"]) == ("an owl", False)
    assert not [name for name in row if name.startswith("T0_")]


def test_an_answer_on_a_branch_that_was_left_has_no_vote_in_the_pool_either():
    def tree(minor: int) -> dict:
        tasks = {"T0": question(), "T1": question("T1"), "T2": question("T2")}
        tasks["T0"]["answers"][0]["next"], tasks["T0"]["answers"][1]["next"] = "T1", "T2"
        strings = question_strings() | question_strings("T1", "Is it red?") | question_strings("T2", "Is it blue?")
        return workflow_row(3, minor, tasks=tasks, strings=strings)

    def walked(number: int, version: str, **values: str) -> dict:
        labels = {"T0": "Is there a bird?", "T1": "Is it red?", "T2": "Is it blue?"}
        elements = [answer(task, value, labels[task]) for task, value in values.items()]
        return classification_row(number, workflow_version=version, annotations=elements, user_id=7001)

    # In 3.9 T1 was left, so that the answer to it in 3.10 repeats nothing.
    rows = [walked(1, "3.9", T0="No", T1="Yes", T2="No"), walked(2, "3.10", T0="Yes", T1="No", T2="Yes")]
    assert rows_of(pooled(rows, [tree(9), tree(10)])) == [
        ("T0@3.9", ["3.9"], "No", 1),
        ("T1@3.9", ["3.10"], "No", 1),
        ("T2@3.9", ["3.9"], "No", 1),
    ]
