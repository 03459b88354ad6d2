"""What the API has exports of: a project, and the classifications of one workflow or one subject set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from zoo_dag.tables.layouts import Kind

Collection = Literal["projects", "workflows", "subject_sets"]
_NAMES: dict[Collection, str] = {"projects": "project", "workflows": "workflow", "subject_sets": "subject set"}


@dataclass(frozen=True)
class Resource:
    """A project, a workflow or a subject set, by its id."""

    collection: Collection
    number: int

    @property
    def path(self) -> str:
        """Its path in the API."""
        return f"/{self.collection}/{self.number}"

    @property
    def name(self) -> str:
        """What a sentence calls it, such as `workflow 3141`."""
        return f"{_NAMES[self.collection]} {self.number}"


@dataclass(frozen=True)
class Export:
    """An export that the server generates: its kind, and what it is of, in which project."""

    kind: Kind
    resource: Resource
    project: int

    @property
    def path(self) -> str:
        """Its path in the API."""
        return f"{self.resource.path}/{self.kind}_export"

    @property
    def name(self) -> str:
        """What a line of progress calls it: its kind, and what it is of where that is not the project."""
        return self.kind if self.is_of_project else f"{self.kind} of {self.resource.name}"

    @property
    def full_name(self) -> str:
        """What a sentence calls it, such as `The subjects export of project 1234`."""
        return f"The {self.kind} export of {self.resource.name}"

    @property
    def file_name(self) -> str:
        """The name of its file: `1234-classifications.csv`, `1234-workflow-3141-classifications.csv`."""
        part = "" if self.is_of_project else f"{self.resource.name.replace(' ', '-')}-"
        return f"{self.project}-{part}{self.kind}.csv"

    @property
    def is_of_project(self) -> bool:
        """Whether it is of the whole project."""
        return self.resource.collection == "projects"


def parts_of_project(workflows: Iterable[int], subject_sets: Iterable[int]) -> tuple[Resource, ...]:
    """Workflows and subject sets by their ids."""
    return (
        *(Resource("workflows", number) for number in workflows),
        *(Resource("subject_sets", number) for number in subject_sets),
    )


def wanted_exports(project: int, kinds: Iterable[Kind], parts: Iterable[Resource]) -> list[Export]:
    """The exports of those kinds; where there are parts of the project, their classifications instead of all."""
    whole = Resource("projects", project)
    of_kind: dict[Kind, list[Resource]] = {kind: [whole] for kind in kinds}
    chosen = list(dict.fromkeys(parts))
    if chosen and "classifications" in of_kind:
        of_kind["classifications"] = chosen
    return [Export(kind, resource, project) for kind, resources in of_kind.items() for resource in resources]
