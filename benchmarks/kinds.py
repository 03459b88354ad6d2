"""What a generated workflow asks, and what a volunteer answers: one class for each kind of task.

A kind gives the task definitions, their texts in each version, and the elements of an annotation as JSON.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from random import Random
from typing import Any

from people import SHARE_NEW, Session, Subject, json_text, stored_order

Json = dict[str, Any]

VERSIONS = ((12, 33), (12, 34), (13, 34))


def versions(number: int) -> tuple[tuple[int, int], ...]:
    """Major and minor of so many workflow versions: VERSIONS, and minor ones after them."""
    last, minor = VERSIONS[-1]
    return (*VERSIONS, *((last, minor + further) for further in range(1, number)))[:number]


WIDTH, HEIGHT = 2048, 1536
NO_ANIMAL = 3


class Kind(ABC):
    """A set of tasks."""

    share_new = SHARE_NEW

    @abstractmethod
    def tasks(self) -> Json:
        """The `tasks` column of the workflows export."""

    @abstractmethod
    def strings(self, position: int) -> dict[str, str]:
        """The `strings` column for the version at this position of VERSIONS, the last one for all later ones.

        No nulls, though real exports have them: panoptes_aggregation cannot read them.
        """

    @abstractmethod
    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """What one volunteer answers on one subject."""


class Question(Kind):
    """A single question, and a multiple one where there is an animal."""

    wording: Mapping[str, str] = {
        "T0": "**What animal is in the picture?** Choose the one nearest to the camera.",
        "T1": "What is it doing? Tick everything that you see.",
    }
    answers: Mapping[str, tuple[str, ...]] = {
        "T0": ("Deer or antelope", "Fox, dog or wolf", "Bird of any kind", "No animal at all"),
        "T1": ("Standing", "Moving", "Eating or drinking", "Looking at the camera"),
    }
    # The first and second version differ in one label, the second and third in nothing but their number.
    first_wording = "bird of any kind!"

    def __init__(self) -> None:
        """Make all elements that there can be."""
        self._singles = [self._single(position) for position in range(len(VERSIONS))]
        sets = [[label for bit, label in enumerate(self.answers["T1"]) if taken >> bit & 1] for taken in range(16)]
        self._multiples = [self._element("T1", labels) for labels in sets]

    def _element(self, key: str, value: object) -> str:
        return json_text({"task": key, "task_label": self.wording[key], "value": value})

    def _single(self, position: int) -> list[str]:
        """The element of T0 for every answer, then for the blank one."""
        labels: list[str | None] = [*self.answers["T0"], None]
        if position == 0:
            labels[2] = self.first_wording
        return [self._element("T0", label) for label in labels]

    def tasks(self) -> Json:
        """Both questions."""
        tasks = {}
        for key, kind in (("T0", "single"), ("T1", "multiple")):
            answers = [{"label": f"{key}.answers.{index}.label"} for index in range(4)]
            if key == "T0":
                answers = [{"next": "T1", **answer} for answer in answers[:NO_ANIMAL]] + answers[NO_ANIMAL:]
            question = f"{key}.question"
            tasks[key] = {"help": f"{key}.help", "type": kind, "answers": answers, "question": question}
        return tasks

    def strings(self, position: int) -> dict[str, str]:
        """One label of the first version is another."""
        strings: dict[str, str] = {}
        for key, question in self.wording.items():
            strings |= {f"{key}.help": "Look twice.", f"{key}.question": question}
            strings |= {f"{key}.answers.{index}.label": label for index, label in enumerate(self.answers[key])}
        if position == 0:
            strings["T0.answers.2.label"] = self.first_wording
        return strings

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """Some leave it blank; T1 is reached where there is an animal."""
        singles = self._singles[position]
        if random.random() < 0.02:
            return singles[-1:]
        answer = subject.animal if random.random() < session.skill else random.randrange(4)
        if answer == NO_ANIMAL:
            return [singles[answer]]
        doing = 0 if random.random() < 0.05 else 1 << subject.subject_id % 4 | (random.random() < 0.3)
        return [singles[answer], self._multiples[doing]]


class Survey(Kind):
    """Which of 24 species, how many, and what they do."""

    nothing = "NOTHINGHERE"
    species = tuple(f"{colour}{animal}" for colour in ("RED", "GREY", "BROWN") for animal in (
        "DEER", "FOX", "HARE", "LYNX", "MARTEN", "BADGER", "GROUSE", "CHAMOIS"))  # fmt: skip
    questions: Mapping[str, tuple[str, ...]] = {
        "HOWMANY": ("1", "2", "3", "4", "5", "610", "1150", "51"),
        "WHATDOING": ("RESTING", "STANDING", "MOVING", "EATING", "INTERACTING"),
        "YOUNGPRESENT": ("YES", "NO"),
    }

    def tasks(self) -> Json:
        """The survey, its labels under T2."""
        choices = (*self.species, self.nothing)
        questions = {
            key: {
                "label": f"T2.questions.{key}.label",
                "multiple": key == "WHATDOING",
                "required": key == "HOWMANY",
                "answers": {answer: {"label": f"T2.questions.{key}.answers.{answer}.label"} for answer in answers},
                "answersOrder": list(answers),
            }
            for key, answers in self.questions.items()
        }
        return {
            "T2": {
                "type": "survey",
                "choices": {
                    choice: {"label": f"T2.choices.{choice}.label", "noQuestions": choice == self.nothing}
                    for choice in choices
                },
                "choicesOrder": list(choices),
                "questions": questions,
                "questionsOrder": list(questions),
                "questionsMap": {choice: list(questions) for choice in self.species},
                "characteristics": {},
                "characteristicsOrder": [],
            }
        }

    def strings(self, position: int) -> dict[str, str]:
        """Labels that differ from the ids."""
        labels = {f"T2.choices.{choice}.label": choice.title() for choice in (*self.species, self.nothing)}
        for key, answers in self.questions.items():
            labels[f"T2.questions.{key}.label"] = f"{key.title()}?"
            labels |= {f"T2.questions.{key}.answers.{answer}.label": f"{answer.title()}." for answer in answers}
        return labels

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """Nothing, one species, or, one time in ten, another one beside it."""
        seen = [{"choice": self.nothing, "answers": {}, "filters": {}}]
        if subject.animal != NO_ANIMAL:
            right = random.random() < session.skill
            first = subject.subject_id if right else random.randrange(len(self.species))
            numbers = (first, first + 5) if random.random() < 0.1 else (first,)
            seen = [self._seen(number % len(self.species), subject, random) for number in numbers]
        element = {"task": "T2", "value": seen}
        return [json_text(element | ({"taskType": "survey"} if session.is_new_classifier else {}))]

    def _seen(self, species: int, subject: Subject, random: Random) -> Json:
        many, doing, young = self.questions.values()
        answers: Json = {"HOWMANY": many[subject.subject_id % 3 + random.randrange(2)]}
        answers["WHATDOING"] = [answer for answer in doing if random.random() < 0.3]
        if random.random() < 0.5:
            answers["YOUNGPRESENT"] = young[random.random() < 0.8]
        return {"choice": self.species[species], "answers": answers, "filters": {}}


class Text(Kind):
    """Free text; no two volunteers write the same."""

    instruction = "Is there anything else to say?"
    words = ("a", "small", "animal", "behind", "the", "second", "tree,", "perhaps", "moving", "to", "water")

    def tasks(self) -> Json:
        """One text."""
        return {"T5": {"type": "text", "help": "T5.help", "instruction": "T5.instruction"}}

    def strings(self, position: int) -> dict[str, str]:
        """The same in all versions."""
        return {"T5.help": "Short, please.", "T5.instruction": self.instruction}

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """Twelve words."""
        text = " ".join(random.choices(self.words, k=12))
        return [json_text({"task": "T5", "value": text, "task_label": self.instruction})]


class Mixed(Kind):
    """A question in every classification, and beside it an element of one of the other kinds, in turn."""

    def __init__(self, *others: Kind) -> None:
        """The kinds beside the question."""
        self._question = Question()
        self._others = others

    def tasks(self) -> Json:
        """Those of all."""
        return self._question.tasks() | {
            key: task for other in self._others for key, task in other.tasks().items()
        }

    def strings(self, position: int) -> dict[str, str]:
        """Those of all."""
        texts = [kind.strings(position) for kind in (self._question, *self._others)]
        return stored_order({key: text for each in texts for key, text in each.items()})

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """The question's and one other's."""
        other = random.choice(self._others)
        asked = self._question.elements(subject, session, position, random)
        return [*asked, *other.elements(subject, session, position, random)]
