"""All tasks but drawings and dropdowns: how each is configured and how its answers are exported.

A task that one generation of the classifier does not
have is not asked there: `generations` says which have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.demo.export_form import Json, stored
from benchmarks.demo.sheets.writing import Passage
from benchmarks.demo.tasks import Task

OLD, NEW = False, True
"""Generations of the classifier, as in `Volunteer.new_classifier`."""


def make_id(label: str) -> str:
    """The id that the project builder makes from a name."""
    return "".join(letter for letter in label.upper() if letter.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTask(Task):
    """What all tasks of the sheets have in common."""

    instruction: str
    following: str = ""
    """The key of the next task."""
    generations: tuple[bool, ...] = (OLD, NEW)

    def definition(self) -> Json:
        """The entry in the `tasks` column."""
        entry: Json = {"type": self.task_type, "help": f"{self.key}.help", "required": False}
        entry |= {"instruction": f"{self.key}.instruction", **self.options()}
        return entry | ({"next": self.following} if self.following else {})

    def options(self) -> Json:
        """What the task type has besides."""
        return {}

    def strings(self) -> Json:
        """The task's texts; this project has written no help."""
        return {f"{self.key}.help": None, f"{self.key}.instruction": self.instruction}

    def raw(self, value: Any, new_classifier: bool) -> Json:
        """An element that the exporter leaves as it is: keys as they are stored."""
        return dict(stored({"task": self.key, "value": value} | self._type(new_classifier)))

    def _type(self, new_classifier: bool) -> Json:
        return {"taskType": self.task_type} if new_classifier else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyTask(SheetTask):
    """Which species, how many, and what they do: a list of (species, count or None, doings), all by index."""

    task_type = "survey"

    species: tuple[str, ...]
    counts: tuple[str, ...]
    doings: tuple[str, ...]
    nothing: str
    """The species that is none, and about which nothing is asked."""

    def definition(self) -> Json:
        """The entry in the `tasks` column."""
        choices = {make_id(name): self._choice(name) for name in self.species}
        entry: Json = {"type": self.task_type, "required": False, "images": {}, "alwaysShowThumbnails": False}
        entry |= {"choices": choices, "choicesOrder": list(choices), "questionsOrder": ["HOWMANY", "DOING"]}
        entry["questions"] = {
            "HOWMANY": self._question("HOWMANY", self.counts, several=False),
            "DOING": self._question("DOING", self.doings, several=True),
        }
        entry["questionsMap"] = {key: ["HOWMANY", "DOING"] for key in choices if key != make_id(self.nothing)}
        entry |= {"characteristics": {}, "characteristicsOrder": [], "inclusions": [], "exclusions": []}
        return entry | ({"next": self.following} if self.following else {})

    def _choice(self, name: str) -> Json:
        path = f"{self.key}.choices.{make_id(name)}"
        texts = {part: f"{path}.{part}" for part in ("label", "description", "confusions")}
        return {
            **texts,
            "images": [],
            "noQuestions": name == self.nothing,
            "characteristics": {},
            "confusionsOrder": [],
        }

    def _question(self, key: str, answers: Sequence[str], *, several: bool) -> Json:
        path = f"{self.key}.questions.{key}"
        labels = {make_id(answer): {"label": f"{path}.answers.{make_id(answer)}.label"} for answer in answers}
        return {
            "label": f"{path}.label",
            "multiple": several,
            "required": not several,
            "answers": labels,
            "answersOrder": list(labels),
        }

    def strings(self) -> Json:
        """The task's texts; no species is easily taken for another, so `confusions` are empty."""
        texts: Json = {}
        for name in self.species:
            path = f"{self.key}.choices.{make_id(name)}"
            texts |= {f"{path}.label": name, f"{path}.description": "", f"{path}.confusions": {}}
        for key, label, answers in (
            ("HOWMANY", "How many?", self.counts),
            ("DOING", "What are they doing?", self.doings),
        ):
            path = f"{self.key}.questions.{key}"
            texts[f"{path}.label"] = label
            texts |= {f"{path}.answers.{make_id(answer)}.label": answer for answer in answers}
        return texts

    def exported(self, value: Sequence[Any], new_classifier: bool) -> Iterator[Json]:
        """One element with ids, never labels."""
        named = [
            {"choice": make_id(self.species[species]), "answers": self._answers(count, doings), "filters": {}}
            for species, count, doings in value
        ]
        yield self.raw(named, new_classifier)

    def _answers(self, count: int | None, doings: Sequence[int]) -> Json:
        if count is None:
            return {}
        answers: Json = {"HOWMANY": make_id(self.counts[count])}
        return answers | ({"DOING": [make_id(self.doings[index]) for index in doings]} if doings else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTask(SheetTask):
    """Free text."""

    task_type = "text"

    def options(self) -> Json:
        """Tags that volunteers may put around words."""
        return {"text_tags": ["unclear"]}

    def exported(self, value: str, new_classifier: bool) -> Iterator[Json]:
        """One element, its label last."""
        yield {"task": self.key, "value": value, "task_label": self.instruction}


@dataclass(frozen=True, slots=True, kw_only=True)
class SliderTask(SheetTask):
    """A number of percent; None where the volunteer did not touch the slider."""

    task_type = "slider"
    default: ClassVar[int] = 50

    def options(self) -> Json:
        """The scale."""
        return {"min": "0", "max": "100", "step": "1", "defaultValue": str(self.default)}

    def exported(self, value: int | None, new_classifier: bool) -> Iterator[Json]:
        """One element: a number, or the default as text."""
        yield self.raw(str(self.default) if value is None else value, new_classifier)

    def n_blank(self, value: int | None) -> int:
        """None: a slider that nobody touched has its default."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlighterTask(SheetTask):
    """Passages of a text."""

    task_type = "highlighter"

    colors: tuple[tuple[str, str], ...]
    """The labels and their colours."""

    def options(self) -> Json:
        """The labels."""
        labels = [
            {"color": color, "label": f"{self.key}.highlighterLabels.{index}.label"}
            for index, (_, color) in enumerate(self.colors)
        ]
        return {"highlighterLabels": labels}

    def strings(self) -> Json:
        """The task's texts."""
        labels = {
            f"{self.key}.highlighterLabels.{index}.label": label for index, (label, _) in enumerate(self.colors)
        }
        return SheetTask.strings(self) | labels

    def exported(self, value: Sequence[Passage], new_classifier: bool) -> Iterator[Json]:
        """One element; `end` is the offset of the last character."""
        color = dict(self.colors)
        passages = [
            {
                "start": passage.start,
                "end": passage.start + len(passage.text) - 1,
                "text": passage.text,
                "labelInformation": {"label": passage.label, "color": color[passage.label]},
            }
            for passage in value
        ]
        yield self.raw(passages, new_classifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class CropTask(SheetTask):
    """One box on the map, None where the volunteer drew none; only the old classifier has it."""

    task_type = "crop"

    generations: tuple[bool, ...] = (OLD,)

    def exported(self, value: Json | None, new_classifier: bool) -> Iterator[Json]:
        """One element with the box by its top left corner."""
        yield self.raw(value, new_classifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpansTask(SheetTask):
    """Spans on the curve of a sensor; only the new classifier has it."""

    task_type = "dataVisAnnotation"

    label: str
    """Of the only tool."""
    generations: tuple[bool, ...] = (NEW,)

    def options(self) -> Json:
        """The only tool."""
        return {"tools": [{"type": "graph2dRangeX", "label": f"{self.key}.tools.0.label", "color": "#00ff00"}]}

    def strings(self) -> Json:
        """The task's texts."""
        return SheetTask.strings(self) | {f"{self.key}.tools.0.label": self.label}

    def exported(self, value: Sequence[Json], new_classifier: bool) -> Iterator[Json]:
        """One element with the spans, by centre and width in days."""
        yield self.raw(value, new_classifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionTask(SheetTask):
    """A text that a machine read, as the volunteer corrected it; only the new classifier has it."""

    task_type = "textFromSubject"

    generations: tuple[bool, ...] = (NEW,)

    def exported(self, value: str, new_classifier: bool) -> Iterator[Json]:
        """One element with the whole text."""
        yield self.raw(value, new_classifier)
