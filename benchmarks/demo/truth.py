"""What is true about the demo, in the form of `zoo_dag.demo`: answers are rows with columns of the consensus."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.demo.classification import Classification
from benchmarks.demo.export_form import Json, cell_text
from benchmarks.demo.grids import GRID, Cell
from benchmarks.demo.project import ANIMALS, BEHAVIOURS, LIGHTS, Picture
from benchmarks.demo.sheets import workflow as sheet_tasks
from benchmarks.demo.sheets.classifying import chosen
from benchmarks.demo.sheets.crops import Crop
from benchmarks.demo.sheets.marks import Mark
from benchmarks.demo.sheets.subjects import COUNTS, DOINGS, NOTHING, SPECIES, TOOLS, Sheet, given_text
from benchmarks.demo.workflow import Workflow
from zoo_dag.demo import WorkflowTruth

GOLD_SUBJECTS = 21
_SHAPES = {"rotateRectangle": "turned box", "rectangle": "box", "freehandLine": "path"}


def workflow_truth(
    workflow: Workflow, happened: Sequence[Classification[Any]], answers: dict[str, list[Json]]
) -> WorkflowTruth:
    """The truth about a workflow, with what happened to it."""
    parts = [part for item in happened for task, value in item.answers for part in task.parts(value)]
    blanks, rows = Counter[str](), Counter[str]()
    for task, value in parts:
        rows[task.key] += task.n_rows(value)
        blanks[task.key] += task.n_blank(value)
    return WorkflowTruth(
        workflow_id=workflow.workflow_id,
        versions=tuple(version.name for version in workflow.versions),
        classifications=dict(Counter(item.version.name for item in happened)),
        excluded=dict(Counter(item.excluded for item in happened if item.excluded is not None)),
        blanks=dict(sorted((+blanks).items())),
        rows=dict(sorted(rows.items())),
        answers=answers,
    )


def picture_answers(pictures: Sequence[Picture]) -> dict[str, list[Json]]:
    """The right answers of the questions, by their newest labels; version 4.11 does not ask T4."""
    labels: dict[str, list[list[str]]] = {
        "T0": [[ANIMALS[picture.animal]] for picture in pictures],
        "T1": [[BEHAVIOURS[index] for index in sorted(picture.behaviours)] for picture in pictures],
        "T4": [[LIGHTS[picture.light]] for picture in pictures],
    }
    return {
        task: [
            {"subject_id": picture.subject_id, "answers": right}
            for picture, right in zip(pictures, answers, strict=True)
        ]
        for task, answers in labels.items()
    }


def grid_answers(cells: Sequence[Cell]) -> dict[str, list[Json]]:
    """The pictures that have to be selected."""
    return {GRID: [{"subject_id": cell.subject_id} for cell in cells if cell.hedgehog]}


def gold_text(answers: Mapping[str, list[Json]]) -> str:
    """The file of gold: every second of the first pictures, which were shown before the badger came."""
    known = [
        (row["subject_id"], task, "; ".join(row["answers"]))
        for task, rows in answers.items()
        for row in rows[: 2 * GOLD_SUBJECTS : 2]
    ]
    header = ("subject_id", "task", "answer")
    return "\n".join(",".join(map(cell_text, row)) for row in (header, *sorted(known))) + "\n"


def sheet_answers(sheets: Sequence[Sheet]) -> dict[str, list[Json]]:
    """What is on the sheets, by task."""
    answers: dict[str, list[Json]] = {task: [] for task in sheet_tasks.ALL}
    for sheet in sheets:
        for task, rows in _on_sheet(sheet).items():
            answers[task] += [{"subject_id": sheet.subject_id, **row} for row in rows]
    answers[sheet_tasks.DRAWING].sort(key=lambda row: [tool.label for tool in TOOLS].index(row["tool_label"]))
    return answers


def _on_sheet(sheet: Sheet) -> Mapping[str, list[Json]]:
    selects = {
        task: [{"select_label": title, "option_label": answer} for title, answer in answers.items()]
        for task, answers in chosen(sheet).items()
    }
    return {
        sheet_tasks.SURVEY: list(_species(sheet)),
        sheet_tasks.DRAWING: [_mark(mark) for mark in sheet.objects],
        sheet_tasks.TRANSCRIPTION: [{**_rounded(line.mark.numbers), "text": line.text} for line in sheet.lines],
        sheet_tasks.NOTE: [{"text": sheet.note}],
        **selects,
        sheet_tasks.COVER: [{"median": float(sheet.cover)}],
        sheet_tasks.CROP: [_crop(sheet.drawn)],
        sheet_tasks.DIPS: [{"x": x, "width": width} for x, width in sheet.curve.dips],
        sheet_tasks.CORRECTION: [{"given": given_text(sheet.given), "text": " ".join(sheet.printed)}],
        sheet_tasks.PASSAGES: [
            {"start": passage.start, "text": passage.text, "label": passage.label} for passage in sheet.passages
        ],
    }


def _species(sheet: Sheet) -> Iterator[Json]:
    """How many of a species there are, as the label of a bin, and what they do; neither for "nothing here"."""
    if not sheet.animals:
        yield {"choice_label": NOTHING, "count_median": None, "doing": []}
    for animal in sheet.animals:
        doing = [DOINGS[index] for index in sorted(animal.doing)]
        yield {"choice_label": SPECIES[animal.species], "count_median": COUNTS[animal.count], "doing": doing}


def _mark(mark: Mark) -> Json:
    tool = mark.tool
    return {
        "what": f"{tool.label} ({_SHAPES.get(tool.type, tool.type)})",
        "tool_label": tool.label,
        "tool_type": tool.type,
        **_rounded(mark.numbers),
        **({"points": [_rounded({"x": x, "y": y}) for x, y in mark.points]} if mark.points else {}),
        **({} if mark.answer is None else {"answer_label": tool.answers[mark.answer]}),
    }


def _crop(crop: Crop) -> Json:
    centre = {"x": crop.x + crop.width / 2, "y": crop.y + crop.height / 2}
    return {"tool_type": "crop", **_rounded(centre | {"width": crop.width, "height": crop.height})}


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    """As exact as the exports; more digits would depend on the machine that computes them."""
    return {name: round(number, 2) for name, number in numbers.items()}
