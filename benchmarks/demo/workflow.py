"""A workflow of the demo with its versions and subjects, whatever its tasks are."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from benchmarks.demo.export_form import Json
from benchmarks.demo.tasks import Task


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a workflow, as it was when volunteers saw it; the first task comes first."""

    major: int
    minor: int
    tasks: tuple[Task, ...]

    @property
    def name(self) -> str:
        """The version as the exports write it: two integers, never a decimal."""
        return f"{self.major}.{self.minor}"

    def task(self, key: str) -> Task:
        """The task of that key."""
        return next(task for task in self.tasks if task.key == key)

    def definitions(self) -> Json:
        """The `tasks` column."""
        return {task.key: task.definition() for task in self.tasks}

    def strings(self) -> Json:
        """The `strings` column."""
        return {key: text for task in self.tasks for key, text in task.strings().items()}


@dataclass(frozen=True, slots=True)
class Workflow:
    """What the server knows about a workflow; its versions are in the order in which they were saved."""

    workflow_id: int
    name: str
    versions: tuple[Version, ...]
    retirement_count: int
    first_status_id: int
    uploaded_at: datetime
    """When its subjects came to the server."""


@dataclass(frozen=True, slots=True)
class Subject(ABC):
    """What the exports say about a subject; subclasses add what is true about it."""

    subject_id: int
    subject_sets: tuple[int, ...]
    metadata: Json

    @property
    @abstractmethod
    def urls(self) -> tuple[str, ...]:
        """Its media, by frame."""

    @property
    def members(self) -> "tuple[Subject, ...]":
        """The subjects that an export names where this was classified: itself, of a grid those in its cells."""
        return (self,)
