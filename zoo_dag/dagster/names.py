"""What everything of a project is called in Dagster: all names that zoo_dag gives there are derived here.

Dagster tells assets, partitions, jobs, sensors and runs apart by their names alone. So that several projects can
share an instance, each has a name of its own, with which all others begin. A project without a name has an
instance to itself, and its names are as the tables are called.
"""

import re
from dataclasses import dataclass

import dagster as dg

from zoo_dag.errors import ZooDagError

# No two underscores in a row: they separate the name of the project from what follows. No digit at the start:
# for Dagster the key of a resource is an identifier of Python.
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
# Dagster's tags have at most 63 letters.
_LONGEST = 40
# Dagster's pages hide tags of this kind: three on each run would hide what matters.
_HIDDEN = ".dagster/"


@dataclass(frozen=True)
class Names:
    """The names of a project that is called `project` on its Dagster instance; "" where it is the only one.

    Raises ZooDagError for a name that Dagster does not take.
    """

    project: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no name before anything is called so."""
        if self.project and (len(self.project) > _LONGEST or not _PROJECT.fullmatch(self.project)):
            near = "_".join(re.findall("[A-Za-z0-9]+", self.project)) or "penguins"
            near = (near if near[0].isalpha() else f"project_{near}")[:_LONGEST].rstrip("_")
            raise ZooDagError(
                f"{self.project!r} is no name for a project on Dagster: write up to {_LONGEST} letters without "
                f"accents, digits, and single underscores between them, a letter first, such as {near!r}."
            )

    def of(self, name: str) -> str:
        """The name of a job, step, sensor, schedule, group, resource or set of partitions, or a key of a run."""
        return f"{self.project}__{name}" if self.project else name

    def asset(self, table: str) -> dg.AssetKey:
        """The key of the asset of a table."""
        return dg.AssetKey([self.project, table] if self.project else [table])

    def path(self, table: str) -> str:
        """The key of the asset of a table as Dagster writes it in tags and addresses."""
        return f"{self.project}/{table}" if self.project else table

    def is_own(self, key: dg.AssetKey, tables: frozenset[str]) -> bool:
        """Whether the asset is one of these of the project."""
        return key.path[-1] in tables and key == self.asset(key.path[-1])

    def run_tag(self, name: str) -> str:
        """The key of a tag of runs. A run may build assets of several projects, and has the tags of each."""
        return f"{_HIDDEN}{self.of(name)}"

    @property
    def tags(self) -> dict[str, str]:
        """The tag of the assets of the project and of the runs of its jobs: `zoo_dag/project: penguins`."""
        return {"zoo_dag/project": self.project} if self.project else {}


# The names on an instance that belongs to one project.
ALONE = Names()
