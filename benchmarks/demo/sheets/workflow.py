"""The workflow of the field sheets and its two versions."""

from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.demo.sheets.drawing_tasks import DrawingTask, TranscriptionTask
from benchmarks.demo.sheets.dropdowns import DropdownTask, Select
from benchmarks.demo.sheets.subjects import COUNTS, DOINGS, HABITATS, NOTHING, SEASONS, SKIES, SPECIES, TOOLS
from benchmarks.demo.sheets.tasks import (
    OLD,
    CorrectionTask,
    CropTask,
    HighlighterTask,
    SheetTask,
    SliderTask,
    SpansTask,
    SurveyTask,
    TextTask,
)
from benchmarks.demo.workflow import Version, Workflow

WORKFLOW_ID = 3592
WORKFLOW_NAME = "Field sheets, page by page"
RETIREMENT_COUNT = 10
FIRST_STATUS_ID = 130_500_001
UPLOADED_AT = datetime(2025, 5, 2, 14, 5, 51, 120_000, tzinfo=UTC)

ALL = tuple(f"T{number}" for number in range(11))
SURVEY, DRAWING, TRANSCRIPTION, NOTE, SELECTS, SKY, COVER, PASSAGES, CROP, DIPS, CORRECTION = ALL


def sheet_versions() -> tuple[Version, ...]:
    """The versions, oldest first."""
    # The options of the newer version are in another order.
    return (
        Version(5, 9, _tasks(reordered=False)),
        Version(6, 10, _tasks(reordered=True)),
    )


def field_sheets(versions: tuple[Version, ...]) -> Workflow:
    """The workflow."""
    return Workflow(WORKFLOW_ID, WORKFLOW_NAME, versions, RETIREMENT_COUNT, FIRST_STATUS_ID, UPLOADED_AT)


def _tasks(*, reordered: bool) -> tuple[SheetTask, ...]:
    step = -1 if reordered else 1
    selects = (Select("Habitat", HABITATS[::step]), Select("Season", SEASONS[::step], creates=True))
    tasks: tuple[SheetTask, ...] = (
        SurveyTask(key=SURVEY, instruction="", species=SPECIES, counts=COUNTS, doings=DOINGS, nothing=NOTHING),
        DrawingTask(key=DRAWING, instruction="Mark what is on the map", tools=TOOLS[::step]),
        TranscriptionTask(key=TRANSCRIPTION, instruction="Transcribe the page"),
        TextTask(key=NOTE, instruction="Copy the remark on the margin"),
        DropdownTask(key=SELECTS, instruction="When and where was it?", selects=selects, generations=(OLD,)),
        DropdownTask(
            key=SKY, instruction="What was the sky like?", selects=(Select("Sky", SKIES[::step], creates=True),)
        ),
        SliderTask(key=COVER, instruction="Percent of the map that is wooded", generations=(OLD,)),
        HighlighterTask(
            key=PASSAGES,
            instruction="Highlight places and species",
            colors=(("Place", "#00FF7F"), ("Species", "#FFD700")),
        ),
        CropTask(key=CROP, instruction="Crop the map to what is drawn"),
        SpansTask(key=DIPS, instruction="Mark every dip in the light", label="Dip"),
        CorrectionTask(key=CORRECTION, instruction="Correct what the machine read"),
    )
    following = (*(task.key for task in tasks[1:]), "")
    return tuple(replace(task, following=key) for task, key in zip(tasks, following, strict=True))
