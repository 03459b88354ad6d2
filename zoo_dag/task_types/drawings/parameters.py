"""The clustering parameters for the marks of a tool, from the settings."""

from typing import Any, NamedTuple

from zoo_dag.settings.drawings import Drawings, MarkOverride
from zoo_dag.task_types.drawings.shapes import Shape

PIXELS, SHARE, OVERLAP = "pixels", "share of the larger side", "1 - IoU"


class Parameters(NamedTuple):
    """Parameters of a clustering.

    `eps` is in `eps_unit`: PIXELS, SHARE of the picture, or OVERLAP; `eps_time` is a fraction of the video, and
    `eps_seconds` counts instead where it is set and the length of the video is known. A
    cluster needs `min_volunteers`, and `min_detection` of the classifications. `tracks` are looked for, or not.
    """

    algorithm: str
    eps: float
    eps_unit: str
    eps_time: float
    eps_seconds: float | None
    min_volunteers: int
    min_detection: float
    tracks: bool


def parameters(
    settings: Drawings, shape: Shape, workflow: int | None, task: str | None, tool: int | None
) -> Parameters:
    """The parameters for the marks of one shape that were drawn with a tool, by its position."""
    chosen = _chosen(settings, (workflow, task, tool))
    if shape.overlap_eps:
        eps, unit = chosen[shape.overlap_eps], OVERLAP
    elif chosen["eps_pixels"] is not None:
        eps, unit = chosen["eps_pixels"], PIXELS
    else:
        eps, unit = chosen["eps_share"], SHARE
    own = ("eps_time", "eps_seconds", "min_volunteers", "min_detection", "tracks")
    return Parameters(chosen["algorithm"], eps, unit, *(chosen[name] for name in own))


def are_together(
    settings: Drawings, workflow: int | None, task: str | None, tool: int | None
) -> tuple[bool, bool]:
    """Whether the marks of a tool are clustered together with those of other tools, and those of all frames."""
    chosen = _chosen(settings, (workflow, task, tool))
    return chosen["tools"] == "together", chosen["frames"] == "together"


def _chosen(settings: Drawings, place: tuple[int | None, str | None, int | None]) -> dict[str, Any]:
    chosen = settings.model_dump(exclude={"overrides"})
    for override in settings.overrides:
        if fits(override, place):
            values = override.model_dump(exclude_none=True)
            if "eps_share" in values:
                # A share for one task counts there instead of pixels for all.
                chosen["eps_pixels"] = None
            chosen |= values
    return chosen


def fits(override: MarkOverride, place: tuple[int | None, str | None, int | None]) -> bool:
    """Whether an override is for this workflow, task and position of a tool."""
    wanted = (override.workflow, override.task, override.tool)
    return all(one in (None, other) for one, other in zip(wanted, place, strict=True))
