"""The clustering parameters for the marks of a tool, from the settings."""

from typing import NamedTuple

from zoo_dag.settings.results import Drawings, MarkOverride
from zoo_dag.task_types.drawings.shapes import Shape


class Parameters(NamedTuple):
    """Parameters of a clustering: `eps` in pixels, or 1 - IoU for shapes that overlap; `eps_time` of the video."""

    algorithm: str
    eps: float
    eps_time: float
    min_volunteers: int


def parameters(
    settings: Drawings, shape: Shape, workflow: int | None, task: str | None, tool: int | None
) -> Parameters:
    """The parameters for the marks of one shape that were drawn with a tool, by its position."""
    chosen = settings.model_dump(exclude={"overrides"})
    for override in settings.overrides:
        if fits(override, (workflow, task, tool)):
            chosen |= override.model_dump(exclude_none=True)
    eps = chosen["eps_overlap" if shape.overlaps else "eps_pixels"]
    return Parameters(chosen["algorithm"], eps, chosen["eps_time"], chosen["min_volunteers"])


def fits(override: MarkOverride, place: tuple[int | None, str | None, int | None]) -> bool:
    """Whether an override is for this workflow, task and position of a tool."""
    wanted = (override.workflow, override.task, override.tool)
    return all(one in (None, other) for one, other in zip(wanted, place, strict=True))
