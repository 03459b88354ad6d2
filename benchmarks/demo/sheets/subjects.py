"""What is on each field sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.demo.sheets.crops import Crop, make_crop
from benchmarks.demo.sheets.light_curves import LightCurve, make_curve
from benchmarks.demo.sheets.marks import Mark, Tool, object_at
from benchmarks.demo.sheets.writing import Passage, handwriting, note, story
from benchmarks.demo.workflow import Subject
from benchmarks.simulated_corrections import given_words

SHEETS = 24
SEED = 10
"""Of the crops, curves and printed reports."""
FIRST_SUBJECT_ID = 70_101
SUBJECT_SET = 8103
SHEETS_WITHOUT_ANIMALS = (4, 11, 19)
SHEET_WITHOUT_OBJECTS = 8
SHEET_WITHOUT_LINES = 15

NOTHING = "Nothing here"
SPECIES = ("Red deer", "Fox", "Hare", "Owl", NOTHING)
COUNTS = ("1", "2", "3", "4", "5", "6-10", "11-50")
DOINGS = ("Resting", "Moving", "Eating", "Interacting")

TOOLS = (
    Tool("point", "Nest", "Is it in use?", ("Yes", "No", "Cannot tell")),
    Tool("circle", "Burrow"),
    Tool("line", "Path"),
    Tool("rectangle", "Hut"),
    Tool("ellipse", "Pond"),
    Tool("rotateRectangle", "Field"),
    Tool("polygon", "Copse"),
    Tool("freehandLine", "Stream"),
)
HABITATS = ("Meadow", "Forest", "Hedge", "Bog")
SEASONS = ("Spring", "Summer", "Autumn", "Winter")
SKIES = ("Clear", "Cloudy", "Rain", "Snow")
OTHER_SEASONS = ("Harvest time", "Hay time")
OTHER_SKIES = ("Saharan dust", "Northern lights")
OTHER_RATE = 0.2
"""How often the right answer is not among the options."""

# Objects do not overlap: each is in another cell of the map.
CELL = 280
COLUMNS, ROWS = 5, 4
OBJECTS = (5, 9)
STAIN_RATE = 0.5
"""How often a map has a stain that some take for an object."""
MAP_SIZE = 1600, 1200
"""Width and height in pixels."""
REPORTS = 2
"""Sentences in the printed report."""
LINES = (3, 5)
LINE_STEP = 120


@dataclass(frozen=True, slots=True)
class Animal:
    """A species on a sheet: indices of the species, of how many, and of what they do."""

    species: int
    count: int
    doing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of handwriting: the line to be drawn under it, and what it says."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Sheet(Subject):
    """One sheet and what is really on it. Choices are indices of options, or a text that is none of them."""

    animals: tuple[Animal, ...]
    objects: tuple[Mark, ...]
    stains: tuple[Mark, ...]
    """What looks like an object and is none."""
    lines: tuple[Line, ...]
    note: str
    habitat: int
    season: int | str
    sky: int | str
    cover: int
    story: str
    passages: tuple[Passage, ...]
    drawn: Crop
    """The part of the map that is drawn."""
    curve: LightCurve
    printed: tuple[str, ...]
    """The words of the printed report."""
    given: tuple[str | None, ...]
    """What a machine read in place of each of them; None where it lost one."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Map, page, text, and the curve of a light sensor."""
        place = f"https://example.org/sheets/{self.metadata['#sheet']}"
        return f"{place}/map.png", f"{place}/page.png", f"{place}/story.txt", f"{place}/light.json"


TRANSCRIBED = Tool("transcriptionLine", "Line of text")


def make_sheets(random: Random) -> list[Sheet]:
    """The sheets in the order in which they are shown."""
    return [_sheet(number, random) for number in range(SHEETS)]


def _sheet(number: int, random: Random) -> Sheet:
    text, passages = story(random)
    objects, stains = _map(random)
    # A separate generator, so that these leave the rest of the sheets as it is.
    own = Random(f"{SEED} {number}")  # noqa: S311 - invents data, keeps no secret
    printed = " ".join(note(own) for _ in range(REPORTS)).split(" ")
    given = given_words(printed, own)
    return Sheet(
        subject_id=FIRST_SUBJECT_ID + number,
        subject_sets=(SUBJECT_SET,),
        metadata={"#sheet": f"sheet_{number:03d}", "year": 1931 + number % 3, "machine_read": given_text(given)},
        animals=() if number in SHEETS_WITHOUT_ANIMALS else _animals(random),
        objects=() if number == SHEET_WITHOUT_OBJECTS else objects,
        stains=stains,
        lines=() if number == SHEET_WITHOUT_LINES else _lines(random),
        note=note(random),
        habitat=random.randrange(len(HABITATS)),
        season=_option(SEASONS, OTHER_SEASONS, random),
        sky=_option(SKIES, OTHER_SKIES, random),
        cover=random.randrange(101),
        story=text,
        passages=passages,
        drawn=make_crop(*MAP_SIZE, own),
        curve=make_curve(own),
        printed=tuple(printed),
        given=tuple(given),
    )


def given_text(words: Sequence[str | None]) -> str:
    """The text that a machine read."""
    return " ".join(word for word in words if word)


def _animals(random: Random) -> tuple[Animal, ...]:
    found = random.sample(range(SPECIES.index(NOTHING)), random.choice((1, 1, 2)))
    return tuple(
        Animal(
            species,
            random.randrange(len(COUNTS)),
            frozenset(random.sample(range(len(DOINGS)), random.choice((1, 1, 2)))),
        )
        for species in found
    )


def _map(random: Random) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """Objects and stains."""
    cells = [(column, row) for column in range(COLUMNS) for row in range(ROWS)]
    random.shuffle(cells)
    things = tuple(
        object_at(
            random.choice(TOOLS),
            100 + CELL * (column + 0.5) + random.uniform(-25, 25),
            40 + CELL * (row + 0.5) + random.uniform(-25, 25),
            random,
        )
        for column, row in cells[: random.randint(*OBJECTS) + 1]
    )
    return things[1:], things[:1] if random.random() < STAIN_RATE else ()


def _lines(random: Random) -> tuple[Line, ...]:
    lines = []
    for place in range(random.randint(*LINES)):
        text = handwriting(random)
        x, y = 140 + random.uniform(-15, 15), 200 + LINE_STEP * place + random.uniform(-10, 10)
        ends = {"x1": x, "y1": y, "x2": x + 22 * len(text), "y2": y + random.uniform(-12, 12)}
        lines.append(Line(Mark(TRANSCRIBED, ends), text))
    return tuple(lines)


def _option(options: tuple[str, ...], others: tuple[str, ...], random: Random) -> int | str:
    return random.choice(others) if random.random() < OTHER_RATE else random.randrange(len(options))
