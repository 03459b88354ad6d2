"""How volunteers read the field sheets: what they enter, when, and what goes wrong."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

from benchmarks.demo.classification import Classification, once_more
from benchmarks.demo.project import Volunteer
from benchmarks.demo.sheets import workflow as tasks
from benchmarks.demo.sheets.crops import crop_of
from benchmarks.demo.sheets.drawing_tasks import DrawingTask
from benchmarks.demo.sheets.dropdowns import DropdownTask, Select
from benchmarks.demo.sheets.light_curves import spans_of
from benchmarks.demo.sheets.marks import Mark, drawn, object_at
from benchmarks.demo.sheets.subjects import (
    COUNTS,
    DOINGS,
    HABITATS,
    MAP_SIZE,
    NOTHING,
    SEASONS,
    SKIES,
    SPECIES,
    Line,
    Sheet,
)
from benchmarks.demo.sheets.tasks import SheetTask
from benchmarks.demo.sheets.writing import Passage, typed
from benchmarks.demo.workflow import Version
from benchmarks.simulated_corrections import corrected_by_one

STARTED_AT = datetime(2025, 5, 5, 6, 0, 0, tzinfo=UTC)
BETWEEN_SHEETS = timedelta(hours=6)
SHOWN_FOR = timedelta(days=4)
CHANGED_AT = STARTED_AT + timedelta(days=5)
VOLUNTEERS_PER_SHEET = (9, 12)
GOLD_STANDARD_SHEETS = (2, 13)
REPEATS_LOGGED_IN = 3
REPEATS_ANONYMOUS = 1

BLANK_RATE = 0.03
MARKED_TWICE_RATE = 0.04
TAKEN_FOR_OBJECT_RATE = 0.3
"""How often a stain is marked."""
UNTOUCHED_RATE = 0.05
CUT_RATE = 0.08
"""How often a passage is highlighted in part only."""

Read = Classification[Sheet]


@dataclass(frozen=True, slots=True)
class Reading:
    """One volunteer before one sheet."""

    sheet: Sheet
    volunteer: Volunteer
    random: Random

    def happens(self, probability: float) -> bool:
        """Whether something of that probability happens now."""
        return self.random.random() < probability

    def errs(self) -> bool:
        """Whether the volunteer is wrong now."""
        return self.happens(1 - self.volunteer.skill)


def _animals(task: SheetTask, reading: Reading) -> list[Any]:
    named = []
    for animal in reading.sheet.animals:
        if reading.errs():
            continue
        count = animal.count
        if reading.errs():
            count = min(max(count + reading.random.choice((-1, 1)), 0), len(COUNTS) - 1)
        doing = [index for index in range(len(DOINGS)) if (index in animal.doing) != reading.errs()]
        named.append((animal.species, count, doing))
    if reading.errs():
        others = set(range(SPECIES.index(NOTHING))) - {animal.species for animal in reading.sheet.animals}
        named.append((reading.random.choice(sorted(others)), 0, [1]))
    return named or [(SPECIES.index(NOTHING), None, [])]


def _objects(task: SheetTask, reading: Reading) -> list[Mark]:
    tools, random = cast(DrawingTask, task).tools, reading.random
    marks = []
    for thing in reading.sheet.objects:
        if reading.errs():
            continue
        for _ in range(2 if reading.happens(MARKED_TWICE_RATE) else 1):
            marks.append(_answered(drawn(thing, random), reading))
    marks += [drawn(stain, random) for stain in reading.sheet.stains if reading.happens(TAKEN_FOR_OBJECT_RATE)]
    if reading.errs():
        # There is nothing at all.
        place = random.uniform(100, 1500), random.uniform(100, 1100)
        marks.append(object_at(random.choice(tools), *place, random))
    random.shuffle(marks)
    return marks


def _answered(mark: Mark, reading: Reading) -> Mark:
    if mark.answer is None:
        return mark
    wrong = [index for index in range(len(mark.tool.answers)) if index != mark.answer]
    answer = reading.random.choice(wrong) if reading.errs() else mark.answer
    return replace(mark, answer=None if reading.happens(BLANK_RATE) else answer)


def _lines(task: SheetTask, reading: Reading) -> list[Line]:
    return [
        Line(drawn(line.mark, reading.random), typed(line.text, reading.random))
        for line in reading.sheet.lines
        if not reading.errs()
    ]


def _note(task: SheetTask, reading: Reading) -> str:
    return typed(reading.sheet.note, reading.random)


def _select(select: Select, truth: str, reading: Reading) -> int | str | None:
    if reading.happens(BLANK_RATE):
        return None
    if reading.errs():
        return reading.random.randrange(len(select.options))
    if truth in select.options:
        return select.options.index(truth)
    return typed(truth, reading.random).replace("[unclear]", "").replace("[/unclear]", "") or None


def chosen(sheet: Sheet) -> dict[str, dict[str, str]]:
    """What has to be chosen or typed in each select of the dropdowns, by task and title."""
    season = sheet.season if isinstance(sheet.season, str) else SEASONS[sheet.season]
    sky = sheet.sky if isinstance(sheet.sky, str) else SKIES[sheet.sky]
    return {tasks.SELECTS: {"Habitat": HABITATS[sheet.habitat], "Season": season}, tasks.SKY: {"Sky": sky}}


def _selects(task: SheetTask, reading: Reading) -> list[int | str | None]:
    right = chosen(reading.sheet)[task.key]
    return [_select(select, right[select.title], reading) for select in cast(DropdownTask, task).selects]


def _cover(task: SheetTask, reading: Reading) -> int | None:
    if reading.happens(UNTOUCHED_RATE):
        return None
    return min(max(round(reading.sheet.cover + reading.random.gauss(0, 5)), 0), 100)


def _passages(task: SheetTask, reading: Reading) -> list[Passage]:
    marked = []
    for passage in reading.sheet.passages:
        if reading.errs():
            continue
        if reading.happens(CUT_RATE):
            # Only the last word.
            lost = passage.text.rindex(" ") + 1
            marked.append(replace(passage, start=passage.start + lost, text=passage.text[lost:]))
        else:
            marked.append(passage)
    return marked


def _crop(task: SheetTask, reading: Reading) -> dict[str, float] | None:
    return crop_of(reading.sheet.drawn, *MAP_SIZE, reading.random)


def _dips(task: SheetTask, reading: Reading) -> list[dict[str, Any]]:
    return spans_of(reading.sheet.curve, reading.random)


def _correction(task: SheetTask, reading: Reading) -> str:
    return corrected_by_one(reading.sheet.printed, reading.sheet.given, reading.random)


ANSWERS_BY_TASK: dict[str, Callable[[SheetTask, Reading], Any]] = {
    tasks.SURVEY: _animals,
    tasks.DRAWING: _objects,
    tasks.TRANSCRIPTION: _lines,
    tasks.NOTE: _note,
    tasks.SELECTS: _selects,
    tasks.SKY: _selects,
    tasks.COVER: _cover,
    tasks.PASSAGES: _passages,
    tasks.CROP: _crop,
    tasks.DIPS: _dips,
    tasks.CORRECTION: _correction,
}
_LEFT_BLANK: dict[str, Any] = {
    tasks.NOTE: "",
    tasks.SELECTS: [None, None],
    tasks.SKY: [None],
    tasks.CROP: None,
    tasks.CORRECTION: "",
}


def _answer_all(version: Version, reading: Reading) -> Iterator[tuple[SheetTask, Any]]:
    """Walk through the tasks that the volunteer's classifier has."""
    for task in cast(tuple[SheetTask, ...], version.tasks):
        if reading.volunteer.new_classifier not in task.generations:
            continue
        if task.key != tasks.COVER and reading.happens(BLANK_RATE):
            yield task, _LEFT_BLANK.get(task.key, [])
        else:
            yield task, ANSWERS_BY_TASK[task.key](task, reading)


def _classify(
    versions: tuple[Version, ...], sheet: Sheet, volunteer: Volunteer, created_at: datetime, random: Random
) -> Read:
    version = versions[created_at >= CHANGED_AT]
    finished_at = created_at - timedelta(milliseconds=random.randint(120, 900))
    started_at = finished_at - timedelta(milliseconds=random.randint(60_000, 600_000))
    answers = tuple(_answer_all(version, Reading(sheet, volunteer, random)))
    return Classification(sheet, volunteer, version, started_at, finished_at, created_at, answers)


def classify_sheets(
    versions: tuple[Version, ...], sheets: Sequence[Sheet], volunteers: Sequence[Volunteer], random: Random
) -> list[Read]:
    """Everything that happened in the workflow, in the order in which the server saw it."""
    owner, *others = volunteers
    ordinary, gold = [], []
    for number, sheet in enumerate(sheets):
        first_shown = STARTED_AT + number * BETWEEN_SHEETS
        for volunteer in random.sample(others, random.randint(*VOLUNTEERS_PER_SHEET)):
            created_at = first_shown + timedelta(seconds=random.uniform(900, SHOWN_FOR.total_seconds()))
            ordinary.append(_classify(versions, sheet, volunteer, created_at, random))
        if number in GOLD_STANDARD_SHEETS:
            by_owner = _classify(versions, sheet, owner, first_shown + timedelta(hours=1), random)
            gold.append(replace(by_owner, excluded="gold_standard"))

    def again(first: Read, created_at: datetime) -> Read:
        return _classify(versions, first.subject, first.volunteer, created_at, random)

    second = once_more(ordinary, random, again, REPEATS_LOGGED_IN, REPEATS_ANONYMOUS)
    return sorted([*ordinary, *gold, *second], key=lambda item: item.created_at)
