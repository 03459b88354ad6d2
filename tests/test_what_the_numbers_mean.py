"""The numbers on the page about their meaning are those of the tables: its answers are imported, and compared."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zoo_dag
from tests.builders import classification_row, question, question_strings, workflow_row, write_export
from tests.dagster_project import run_all
from tests.task_types.consensus_samples import survey_workflow
from tests.written_tables import in_order, sections, tables_of
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

SECTIONS = sections((Path(__file__).parents[1] / "docs" / "what_the_numbers_mean.md").read_text(encoding="utf-8"))
SPECIES = {"zebra": "ZEBRA", "wildebeest": "WILDEBEEST", "lion": "LION", "nothing here": "NOTHINGHERE"}
HEIGHTS = (100, 160)
Answers = list[dict[str, Any]]


def survey(said: str) -> Answers:
    named = [re.fullmatch(r"(\D+?) ?(\d*)", part) for part in said.split(", ")]
    value = [
        {"choice": SPECIES[one[1]], "answers": {"HOWMANY": one[2]} if one[2] else {}, "filters": {}}
        for one in named
        if one
    ]
    return [{"task": "T0", "value": value}]


def tree(said: str) -> Answers:
    parts = zip(("T0", "T1"), ("Smooth or features?", "Is there a bar?"), said.split(", "), strict=False)
    return [{"task": task, "task_label": label, "value": part.capitalize()} for task, label, part in parts]


def seals(said: str) -> Answers:
    places = re.findall(r"\((\d+), (\d+)\)", said)
    marks = [{"tool": 0, "frame": 0, "x": int(x), "y": int(y), "details": []} for x, y in places]
    return [{"task": "T0", "task_label": "Mark every seal", "value": marks}]


def letter(said: str, altitude: str) -> Answers:
    lines = [
        {"tool": 0, "frame": 0, "x1": 60, "y1": y, "x2": 500, "y2": y, "details": [{"value": text}]}
        for y, text in zip(HEIGHTS, said.split(" / "), strict=True)
    ]
    return [
        {"task": "T0", "task_label": "Underline and type", "value": lines},
        {"task": "T1", "value": altitude, "task_label": "Altitude"},
    ]


def drawing_task(tool: str, label: str, instruction: str, *details: dict[str, str]) -> dict[str, Any]:
    tools = [{"type": tool, "label": label, "details": list(details)}]
    return {"type": "drawing", "instruction": instruction, "tools": tools}


BINS = {str(number): str(number) for number in range(1, 11)}
CHOICES = {"ZEBRA": "Zebra", "WILDEBEEST": "Wildebeest", "LION": "Lion", "NOTHINGHERE": "Nothing here"}
# By heading: the workflow of the example, and what its people did.
EXAMPLES: dict[str, tuple[dict[str, Any], Callable[..., Answers]]] = {
    "A survey": (survey_workflow({"HOWMANY": ("How many?", BINS)}, CHOICES), survey),
    "A decision tree": (
        workflow_row(
            tasks={"T0": question(), "T1": question("T1")},
            strings={
                **question_strings("T0", "Smooth or features?", ("Smooth", "Features")),
                **question_strings("T1", "Is there a bar?", ("Bar", "No bar")),
            },
        ),
        tree,
    ),
    "Counting": (workflow_row(tasks={"T0": drawing_task("point", "Seal", "Mark every seal")}, strings={}), seals),
    "A transcription": (
        workflow_row(
            tasks={
                "T0": drawing_task("line", "Line", "Underline and type", {"type": "text", "instruction": "Type"}),
                "T1": {"type": "text", "instruction": "Altitude"},
            },
            strings={},
        ),
        letter,
    ),
}


def exported(heading: str, folder: Path) -> Path:
    """The answers of an example, as an export."""
    workflow, said = EXAMPLES[heading]
    _, _, people = next(tables_of(SECTIONS[heading]))
    answers = [(subject, said(*cells)) for n, subject, *cells in people for _ in range(int(n))]
    rows = [
        classification_row(number, subject_ids=subject, annotations=annotations)
        for number, (subject, annotations) in enumerate(answers, 1)
    ]
    write_export(folder / "classifications.csv", rows)
    write_export(folder / "workflows.csv", [workflow])
    return folder


@pytest.mark.parametrize("heading", EXAMPLES)
def test_the_numbers_of_an_example_are_those_of_the_tables(heading: str, tmp_path: Path) -> None:
    outcome = run_all(DataFolder(tmp_path / "data"), Request((exported(heading, tmp_path / "exports"),)))
    assert outcome.failures == []
    _, *results = tables_of(SECTIONS[heading])
    assert results
    for before, header, expected in results:
        table = [name for name in re.findall(r"`(\w+)`", before) if name in TABLES][-1]
        columns = [name.strip("`") for name in header]
        rows = zoo_dag.scan(table, tmp_path / "data").select(columns).collect()
        assert in_order(rows, expected) == sorted(expected), table


def test_every_example_of_the_page_is_tested() -> None:
    with_tables = [heading for heading, section in SECTIONS.items() if any(tables_of(section))]
    assert with_tables == list(EXAMPLES)
