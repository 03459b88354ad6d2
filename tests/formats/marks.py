"""Clusters of marks on a few pictures."""

from typing import Any

from tests.formats.stored import Tables

MARK = {
    "task": "T0",
    "task_revision": "T0@1.1",
    "task_label": "Mark all birds",
    "frame": 0,
    "unit": "pixels",
    "cluster_index": 0,
    "is_candidate": False,
    "detection": 0.75,
}


def mark(subject: int, tool: str, label: str | None, **columns: Any) -> dict[str, Any]:
    """A cluster of marks."""
    return {
        **MARK,
        "subject_id": subject,
        "subject_ids": str(subject),
        "tool_type": tool,
        "tool_label": label,
        **columns,
    }


def frame(subject: int, number: int, width: float = 100, height: float = 80, n: int = 5) -> dict[str, Any]:
    """The size of a frame."""
    return {"subject_id": subject, "frame": number, "width": width, "height": height, "n_classifications": n}


def outline(*points: tuple[float, float]) -> list[dict[str, float]]:
    """The points of a path."""
    return [{"x": x, "y": y} for x, y in points]


# Subject 1 has objects of all forms, on two frames; 2 has none; of 3 no size is known; 4 has no objects task.
CLUSTERS = [
    mark(
        1,
        "rectangle",
        "Bird",
        tool_index=0,
        x=50.0,
        y=40.0,
        width=20.0,
        height=10.0,
        details=[{"detail_index": 0, "answer_label": "Yes", "votes": 2, "fraction": 0.67}],
    ),
    mark(
        1,
        "rotateRectangle",
        "Bird",
        tool_index=0,
        cluster_index=1,
        x=50.0,
        y=40.0,
        width=20.0,
        height=10.0,
        angle=90.0,
    ),
    mark(1, "circle", "Nest", tool_index=1, x=5.0, y=40.0, r=10.0, detection=0.5),
    mark(1, "ellipse", "Nest", tool_index=2, frame=1, x=50.0, y=40.0, rx=20.0, ry=10.0, angle=90.0),
    mark(1, "point", "Egg", tool_index=3, x=30.0, y=20.0),
    mark(1, "polygon", "Reed", tool_index=4, closed=True, points=outline((10, 10), (30, 10), (30, 30))),
    mark(
        1,
        "polygon",
        "Reed",
        tool_index=4,
        cluster_index=1,
        closed=True,
        points=outline((90, 0), (110, 0), (110, 10), (90, 10)),
    ),
    mark(1, "line", "Path", tool_index=5, x1=0.0, y1=0.0, x2=9.0, y2=9.0),
    mark(1, "point", "Egg", tool_index=3, cluster_index=1, x=130.0, y=20.0),
    mark(1, "point", "Egg", tool_index=3, cluster_index=2, x=31.0, y=20.0, is_candidate=True),
    {**MARK, "subject_id": 2, "subject_ids": "2", "frame": None, "cluster_index": None, "is_candidate": None},
    mark(3, "rectangle", "Bird", tool_index=0, x=50.0, y=40.0, width=20.0, height=10.0),
    mark(4, "line", "=Street", tool_index=0, task="T9", x1=0.0, y1=0.0, x2=9.0, y2=9.0),
]
TABLES: Tables = {
    "pooled_drawing_consensus": CLUSTERS,
    "subject_frames": [frame(1, 0), frame(1, 1), frame(2, 0), frame(4, 0), frame(2, 0, 10, 8, 1)],
    "subjects": [
        {
            "subject_id": 1,
            "locations": ["https://example.org/a.JPG?x=.png", "https://example.org/b"],
            "metadata": "{}",
        },
        {
            "subject_id": 2,
            "is_current": True,
            "locations": ["https://example.org/c.png"],
            "metadata": '{"#file": "../=c.png"}',
        },
    ],
    "shown_subjects": [],
    "tasks": [
        {
            "task": "T0",
            "task_revision": "T0@1.1",
            "option_path": "tools.0.details.0",
            "option_id": "single",
            "option_label": "Does it **fly**?",
        }
    ],
}
UNKNOWN_SIZE = (
    "Left out: 1 picture whose size no browser wrote into the metadata of a classification: frame 0 of subject 3."
)
NO_FORM = "Left out: 2 objects without a form there: line (2)."
