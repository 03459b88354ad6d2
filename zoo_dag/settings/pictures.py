"""The section [pictures]: objects on pictures in formats of computer vision."""

from typing import Literal

from pydantic import Field

from zoo_dag.settings.section import Section


class Pictures(Section):
    """What `zoo-dag export --format yolo` makes of marks."""

    point_pixels: float | None = Field(
        default=None,
        gt=0,
        description="Side of the box around a point in YOLO, which has no points, in pixels of the natural "
        "picture. Where it is unset, points are left out.",
    )
    yolo: Literal["boxes", "outlines"] = Field(
        default="boxes",
        description="What YOLO is to be trained on. With `outlines`, for segmentation, only what has one is "
        "written.",
    )
