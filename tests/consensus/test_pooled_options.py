"""Options of dropdowns and surveys that were reworded or replaced from one version to the next, pooled."""

from typing import Any

import polars as pl

from tests.builders import classification_row, workflow_row
from tests.task_types.consensus_samples import Row, chosen, dropdown_workflow
from tests.task_types.samples import Sample, aggregated, sample
from zoo_dag.consensus.pooling import pool
from zoo_dag.consensus.units import POOLED
from zoo_dag.task_types.dropdowns import DROPDOWNS
from zoo_dag.task_types.surveys import SURVEYS


def pooled(workflows: list[Row], *answers: tuple[str, Row]) -> list[tuple[Any, ...]]:
    """`versions, option_value, option_label, votes` of the first select of answers, each in a version."""
    samples = [
        sample([classification_row(number, workflow_version=version, annotations=[answer])], workflows)
        for number, (version, answer) in enumerate(answers, 1)
    ]
    tasks = together(samples, "tasks")
    decided = undecided(samples)
    rows = together(samples, "dropdown_annotations").lazy()
    rows = pool(rows, tasks.lazy(), decided, DROPDOWNS.flattening.options)
    found = aggregated(DROPDOWNS, {"dropdown_annotations": rows.collect()}, tasks, scope=POOLED)
    return found.filter(select_index=0).select("versions", "option_value", "option_label", "votes").rows()


def undecided(samples: list[Sample]) -> pl.DataFrame:
    """What is decided within the versions."""
    none = pl.lit([], pl.List(pl.String()))
    classifications = together(samples, "classifications")
    return classifications.select("classification_id", "excluded", repeated=none, changed=pl.lit(False))


def together(samples: list[Sample], table: str) -> pl.DataFrame:
    return pl.concat([one.tables[table] for one in samples])


def with_country(workflow: Row, position: int, value: str, label: str) -> Row:
    """The workflow, in version 4.1, with another value and label of a country."""
    tasks = {"T0": {**workflow["tasks"]["T0"]}}
    country, region = tasks["T0"]["selects"]
    options = [dict(option) for option in country["options"]["*"]]
    options[position]["value"] = value
    tasks["T0"]["selects"] = [{**country, "options": {"*": options}}, region]
    strings = {**workflow["strings"], f"T0.selects.0.options.*.{position}.label": label}
    return {**workflow, "version": 4, "minor_version": 1, "tasks": tasks, "strings": strings}


def test_an_option_with_another_value_and_the_same_label_is_the_same_option() -> None:
    older = dropdown_workflow()
    newer = with_country(older, 2, "9f", "Peru")
    new_peru = {"task": "T0", "value": [{"option": True, "value": "9f", "label": "Peru"}]}
    found = pooled([older, newer], ("3.10", chosen("pe")), ("4.1", new_peru))
    assert found == [(["3.10", "4.1"], "9f", "Peru", 2)]


def test_an_option_whose_label_was_polished_has_its_newest_label() -> None:
    older = dropdown_workflow()
    newer = with_country(older, 2, "pe", "*Peru*")
    found = pooled([older, newer], ("3.10", chosen("pe")), ("4.1", chosen("pe")))
    assert found == [(["3.10", "4.1"], "pe", "*Peru*", 2)]


def test_without_a_workflows_export_a_version_without_labels_counts_with_the_others() -> None:
    stored = {"task": "T0", "value": [{"value": "pe", "option": True}]}
    found = pooled([], ("3.10", chosen("pe")), ("3.11", stored), ("4.1", chosen("pe")))
    assert found == [(["3.10", "3.11", "4.1"], "pe", "Peru", 3)]


def test_a_value_that_is_newer_than_the_workflows_export_counts_with_its_label() -> None:
    newer = {"task": "T0", "value": [{"select_label": "Country", "option": True, "value": "9f", "label": "Peru"}]}
    found = pooled([dropdown_workflow()], ("3.10", chosen("pe")), ("4.1", newer))
    assert found == [(["3.10", "4.1"], "pe", "Peru", 2)]


def test_options_of_a_simple_dropdown_go_by_their_labels() -> None:
    def simple(*options: str, **version: int) -> Row:
        task = {"type": "dropdown-simple", "instruction": "T0.instruction", "options": list(options)}
        return workflow_row(tasks={"T0": task}, strings={"T0.instruction": "Which?"}, **version)

    def at(position: int) -> Row:
        return {"task": "T0", "taskType": "dropdown-simple", "value": {"option": True, "selection": position}}

    older, newer = simple("red", "Blue"), simple("Red", "Blue", version=4, minor_version=1)
    found = pooled([older, newer], ("3.10", at(0)), ("4.1", at(0)), ("4.1", at(1)))
    assert found == [(["3.10", "4.1"], None, "Red", 2), (["3.10", "4.1"], None, "Blue", 1)]


def survey(version: tuple[int, int], giraffe: str, question: str, answers: dict[str, str]) -> Row:
    task = {
        "type": "survey",
        "choices": {giraffe: {"label": "Giraffe"}, "LION": {"label": "Lion"}},
        "choicesOrder": [giraffe, "LION"],
        "questions": {
            question: {"label": "How many?", "answers": {key: {"label": answers[key]} for key in answers}}
        },
        "questionsOrder": [question],
    }
    return workflow_row(*version, tasks={"T0": task}, strings={})


def identified(choice: str, question: str, answer: str) -> Row:
    return {"task": "T0", "value": [{"choice": choice, "answers": {question: answer}, "filters": {}}]}


def test_questions_and_answers_of_a_survey_whose_ids_were_made_anew_are_the_same() -> None:
    workflows = [
        survey((3, 10), "GRFF", "HWMN", {"N": "1", "TW": "2"}),
        survey((4, 1), "GIRAFFE", "HOWMANY", {"2": "2", "1": "1"}),
    ]
    answers = [("3.10", identified("GRFF", "HWMN", "N")), ("3.10", identified("GRFF", "HWMN", "TW"))]
    answers += [("4.1", identified("GIRAFFE", "HOWMANY", each)) for each in ("1", "2", "2", "X")]
    samples = [
        sample([classification_row(number, workflow_version=version, annotations=[element])], workflows)
        for number, (version, element) in enumerate(answers, 1)
    ]
    decided = undecided(samples)
    tasks, flattening = together(samples, "tasks").unique(maintain_order=True), SURVEYS.flattening
    rows = together(samples, "survey_annotations").lazy()
    rows = pool(rows, tasks.lazy(), decided, flattening.options, flattening.rename)
    assert rows.select("classification_id").collect().to_series().to_list() == [1001, 1002, 1003, 1004, 1005, 1006]
    found = aggregated(SURVEYS, {"survey_annotations": rows.collect()}, tasks, scope=POOLED)
    (giraffe,) = found.to_dicts()
    assert (giraffe["choice_id"], giraffe["votes"], giraffe["versions"]) == ("GIRAFFE", 6, ["3.10", "4.1"])
    counted = [(each["question_id"], each["answer_id"], each["votes"]) for each in giraffe["answers"]]
    assert counted == [("HOWMANY", "1", 2), ("HOWMANY", "2", 3), ("HOWMANY", "X", 1)]
