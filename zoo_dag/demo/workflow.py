"""A workflow of the demo with its versions, whatever its tasks are."""

from dataclasses import dataclass
from datetime import datetime

from zoo_dag.demo.tasks import Json, Task


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

    def strings(self) -> dict[str, str | None]:
        """The `strings` column."""
        return {key: text for task in self.tasks for key, text in task.strings().items()}


@dataclass(frozen=True, slots=True)
class Workflow:
    """What the server knows about a workflow; its versions are in the order of their making."""

    workflow_id: int
    name: str
    versions: tuple[Version, ...]
    retirement_count: int
    first_status_id: int
    uploaded_at: datetime
    """When its subjects came to the server."""
