"""Workflows with one task of each kind whose consensus is tested, and consensus of their samples."""

from typing import Any, NamedTuple

import polars as pl

from tests.builders import answer, workflow_row
from tests.task_types.samples import Sample, aggregated
from zoo_dag.settings.loading import Settings
from zoo_dag.task_types.declaration import TaskType
from zoo_dag.task_types.dropdowns import DROPDOWNS
from zoo_dag.task_types.highlights import HIGHLIGHTS
from zoo_dag.task_types.sliders import SLIDERS
from zoo_dag.task_types.surveys import SURVEYS
from zoo_dag.task_types.texts import TEXTS

Row = dict[str, Any]


def dropdown_workflow(**overrides: Any) -> Row:
    """T0 has the selects Country (Chile, Bolivia, Peru) and Region (lists for Chile and for Peru)."""
    path = "T0.selects"
    lists = {
        0: {"*": {"cl": "Chile", "bo": "Bolivia", "pe": "Peru"}},
        1: {"cl": {"n": "North", "s": "South"}, "pe": {"n": "North", "coast": "Coast"}},
    }
    options = {
        number: {
            parent: [
                {"label": f"{path}.{number}.options.{parent}.{position}.label", "value": value}
                for position, value in enumerate(values)
            ]
            for parent, values in own.items()
        }
        for number, own in lists.items()
    }
    labels = {
        f"{path}.{number}.options.{parent}.{position}.label": label
        for number, own in lists.items()
        for parent, values in own.items()
        for position, label in enumerate(values.values())
    }
    selects = [
        {"id": title, "title": title, "allowCreate": True, "options": options[number]}
        for number, title in enumerate(("Country", "Region"))
    ]
    tasks = {"T0": {"type": "dropdown", "instruction": "T0.instruction", "selects": selects}}
    return workflow_row(**{"tasks": tasks, "strings": {"T0.instruction": "Where?", **labels}, **overrides})


def chosen(*values: Any) -> Row:
    """An answer to T0 of `dropdown_workflow`: the value of an option for each select, None for none.

    A text that begins with `*` was typed.
    """
    labels = {"cl": "Chile", "bo": "Bolivia", "pe": "Peru", "n": "North", "s": "South", "coast": "Coast"}
    entries = [
        {"select_label": title, "option": False, "value": None}
        if value is None
        else {"select_label": title, "option": False, "value": value[1:]}
        if value.startswith("*")
        else {"select_label": title, "option": True, "value": value, "label": labels.get(value)}
        for title, value in zip(("Country", "Region"), values, strict=False)
    ]
    return {"task": "T0", "task_label": "Where?", "value": entries}


# Choices and bins whose order is neither that of their ids nor that of their labels.
CHOICES = {"ZEBRA": "Zebra", "LION": "Lion", "ANTELOPE": "Antelope", "NOTHINGHERE": "Nothing here"}
BINS = {"1": "1", "2": "2", "1150": "11-50", "51": "51+"}
DOING = {"RESTING": "Resting", "EATING": "Eating"}


def survey_workflow(
    questions: dict[str, tuple[str, dict[str, str]]] | None = None,
    choices: dict[str, str] | None = None,
    **overrides: Any,
) -> Row:
    """T0 is a survey: by default with CHOICES, the question what they do, and then how many there are."""
    asked = questions or {"WHATDOING": ("What are they doing?", DOING), "HOWMANY": ("How many?", BINS)}
    named = choices or CHOICES
    strings = {f"T0.choices.{name}.label": label for name, label in named.items()}
    for name, (label, answers) in asked.items():
        strings[f"T0.questions.{name}.label"] = label
        strings |= {f"T0.questions.{name}.answers.{one}.label": text for one, text in answers.items()}
    task = {
        "type": "survey",
        "choicesOrder": list(named),
        "choices": {name: {"label": f"T0.choices.{name}.label"} for name in named},
        "questionsOrder": list(asked),
        "questions": {
            name: {
                "label": f"T0.questions.{name}.label",
                "answersOrder": list(answers),
                "answers": {one: {"label": f"T0.questions.{name}.answers.{one}.label"} for one in answers},
            }
            for name, (_, answers) in asked.items()
        },
    }
    return workflow_row(**{"tasks": {"T0": task}, "strings": strings, **overrides})


def named(*identifications: str | tuple[str, dict[str, Any]]) -> Row:
    """An answer to T0 of `survey_workflow`: choices, alone or with answers about them."""
    pairs = [(one, {}) if isinstance(one, str) else one for one in identifications]
    return {"task": "T0", "value": [{"choice": choice, "answers": told, "filters": {}} for choice, told in pairs]}


def slider_workflow(**overrides: Any) -> Row:
    """T0 is a slider from 0 to 9 that stands at 5."""
    task = {"type": "slider", "instruction": "T0.instruction", "min": "0", "max": "9", "defaultValue": "5"}
    return workflow_row(**{"tasks": {"T0": task}, "strings": {"T0.instruction": "How sure?"}, **overrides})


def slid(value: Any) -> Row:
    """An answer to T0 of `slider_workflow`: a number, a text where the slider was left alone, None for none."""
    return {"task": "T0", "task_label": "How sure?", "value": value}


def text_workflow(**overrides: Any) -> Row:
    """T0 asks for a text."""
    task = {"type": "text", "instruction": "T0.instruction"}
    return workflow_row(**{"tasks": {"T0": task}, "strings": {"T0.instruction": "Notes"}, **overrides})


def highlight_workflow(*labels: tuple[str, str], **overrides: Any) -> Row:
    """T0 asks for highlights with labels and their colours: by default Species, in green, and Place, in red."""
    named = labels or (("Species", "#00FF7F"), ("Place", "#E65252"))
    keys = [f"T0.highlighterLabels.{index}.label" for index in range(len(named))]
    options = [{"color": color, "label": key} for key, (_, color) in zip(keys, named, strict=True)]
    task = {"type": "highlighter", "instruction": "T0.instruction", "highlighterLabels": options}
    strings = {"T0.instruction": "Mark the names"} | {
        key: label for key, (label, _) in zip(keys, named, strict=True)
    }
    return workflow_row(**{"tasks": {"T0": task}, "strings": strings, **overrides})


def consensus(task_type: TaskType, sample: Sample, settings: Settings | None = None) -> pl.DataFrame:
    """The consensus of a sample in its version."""
    return aggregated(task_type, sample.tables, sample.tables["tasks"], settings)


class Kind(NamedTuple):
    """A task type to be tested: a workflow, and answers of which nothing but their status matters."""

    task_type: TaskType
    workflow: Row
    vote: Row
    blank: Row
    unreadable: Row

    @property
    def table(self) -> str:
        """Its consensus table."""
        assert self.task_type.consensus is not None
        return self.task_type.consensus.table


KINDS = (
    Kind(DROPDOWNS, dropdown_workflow(), chosen("pe", "n"), chosen(None, None), {"task": "T0", "value": [7, 7]}),
    Kind(SURVEYS, survey_workflow(), named("LION"), named(), {"task": "T0", "value": [{"choice": 7}]}),
    Kind(SLIDERS, slider_workflow(), slid(4), slid(None), slid([4])),
    Kind(TEXTS, text_workflow(), answer(value="a text"), answer(value=""), answer(value=[4])),
    Kind(
        HIGHLIGHTS,
        highlight_workflow(),
        answer(value=[{"start": 2, "end": 4, "text": "cat", "labelInformation": {"label": "Species"}}]),
        answer(value=[]),
        answer(value=[{"start": -2, "end": 4, "text": "cat"}]),
    ),
)
