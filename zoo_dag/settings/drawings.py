"""The section [drawings]: how marks are clustered."""

from typing import Annotated, Literal

from pydantic import Field

from zoo_dag.settings.section import Section


class MarkOverride(Section):
    """Other parameters for the marks of a workflow, task or tool, or of a combination of them."""

    workflow: int | None = Field(default=None, description="Workflow id.")
    task: str | None = Field(default=None, description="Task key.")
    tool: int | None = Field(default=None, description="Position of the tool.")
    algorithm: Literal["dbscan", "optics", "hdbscan"] | None = Field(default=None, description="As in [drawings].")
    tools: Literal["apart", "together"] | None = Field(default=None, description="As in [drawings].")
    frames: Literal["apart", "together"] | None = Field(default=None, description="As in [drawings].")
    min_volunteers: int | None = Field(default=None, ge=1, description="As in [drawings].")
    min_detection: float | None = Field(default=None, ge=0, le=1, description="As in [drawings].")
    eps_share: float | None = Field(default=None, gt=0, lt=1, description="As in [drawings].")
    eps_pixels: float | None = Field(default=None, gt=0, description="As in [drawings].")
    eps_overlap: float | None = Field(default=None, gt=0, lt=1, description="As in [drawings].")
    eps_span: float | None = Field(default=None, gt=0, lt=1, description="As in [drawings].")
    eps_time: float | None = Field(default=None, ge=0, description="As in [drawings].")
    eps_seconds: float | None = Field(default=None, ge=0, description="As in [drawings].")
    tracks: bool | None = Field(default=None, description="As in [drawings].")
    closed: bool | None = Field(
        default=None,
        description="Whether paths are outlines; by default they are where at least half of those of a tool are "
        "closed.",
    )


class Drawings(Section):
    """Consensus of marks."""

    algorithm: Literal["dbscan", "optics", "hdbscan"] = Field(
        default="dbscan",
        description="How clusters are found; `optics` and `hdbscan` need the extra `cluster` (scikit-learn).",
    )
    tools: Literal["apart", "together"] = Field(
        default="apart",
        description="Whether marks of different tools are in one cluster, where their tools draw the same shape: "
        "`together` where one thing may be marked as an adult or a chick.",
    )
    frames: Literal["apart", "together"] = Field(
        default="apart",
        description="Whether marks on different frames of a subject are in one cluster: `together` where frames "
        "are pictures of one thing, such as a burst, and each volunteer marks it on a frame of their choice.",
    )
    min_volunteers: int = Field(
        default=2, ge=1, description="Number of different volunteers that a cluster needs at least."
    )
    min_detection: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of the classifications that reached the task that a cluster needs at least. What has "
        "less is a candidate.",
    )
    eps_share: float = Field(
        default=0.02,
        gt=0,
        lt=1,
        description="Largest distance of neighbours, as a share of the larger side of the picture: points, lines, "
        "circles, triangles, fans and paths.",
    )
    eps_pixels: float | None = Field(
        default=None,
        gt=0,
        description="The same in pixels of the natural image. Where it is set, it counts instead of `eps_share`.",
    )
    eps_overlap: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="The same for boxes, ellipses and outlines: 1 - area in common / area of both together.",
    )
    eps_span: float = Field(
        default=0.7,
        gt=0,
        lt=1,
        description="The same for columns and for spans on light curves: 1 - length in common / length of both "
        "together.",
    )
    eps_time: float = Field(
        default=0.05, ge=0, description="The same for marks on videos, in time, as a fraction of the video."
    )
    eps_seconds: float | None = Field(
        default=None,
        ge=0,
        description="The same in seconds. Where it is set, and the marks of a video say how long it is, it counts "
        "instead of `eps_time`.",
    )
    tracks: bool = Field(
        default=False,
        description="Link clusters on successive frames, or at successive times of a video, to tracks.",
    )
    contours: tuple[Annotated[float, Field(gt=0, le=1)], ...] | Literal["all"] = Field(
        default=(),
        description="The shares of volunteers for which `contour_consensus` has the area that they cover, such as "
        '`[0.25, 0.5, 0.75]`, or "all" for every number of them; nothing by default.',
    )
    overrides: tuple[MarkOverride, ...] = Field(
        default=(),
        description="Other values of the settings above for a `workflow`, `task` or `tool` (position): one "
        "`[[drawings.overrides]]` for each; if several match, the later one wins.",
    )
