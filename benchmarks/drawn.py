"""Kinds of generated workflows in which volunteers draw: points of one tool, and marks of four tools."""

from random import Random
from typing import Any

from kinds import HEIGHT, WIDTH, Json, Kind
from people import Session, Subject, json_text, stored_order

# Of the things on a subject, each volunteer marks this share, and is about this far off. Coordinates are not
# rounded, as the front ends do not round them for these tools.
SHARE_MARKED = 0.8
PIXELS_OFF = 2.0


def place(subject: Subject, thing: int) -> tuple[float, float]:
    """Where a thing is: anywhere, but for all volunteers in the same place."""
    scattered = (subject.subject_id * 8 + thing) * 2_654_435_761 % 2**32
    return scattered % (WIDTH - 200) + 100.0, scattered // WIDTH % (HEIGHT - 200) + 100.0


def drawing_task(key: str, tools: list[Json]) -> Json:
    """A drawing task; `tools` have a type and their sub-tasks."""
    labelled = [{"label": f"{key}.tools.{index}.label", **tool} for index, tool in enumerate(tools)]
    return {"type": "drawing", "help": f"{key}.help", "instruction": f"{key}.instruction", "tools": labelled}


class Point(Kind):
    """Five things on each subject, of which a volunteer marks four on average.

    Only in the form of the old front end: `point_extractor_by_frame`, which panoptes_aggregation configures for
    points, refuses the new one.
    """

    share_new = 0.0
    things = 5
    instruction = "Mark the nose of every animal."
    label = "Nose"

    def tasks(self) -> Json:
        """One drawing task with one tool."""
        return {"T3": drawing_task("T3", [{"type": "point", "details": []}])}

    def strings(self, position: int) -> dict[str, str]:
        """The same in all versions."""
        return {"T3.help": "Zoom in.", "T3.instruction": self.instruction, "T3.tools.0.label": self.label}

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """The marks, none where all were overlooked."""
        marks = []
        for thing in range(self.things):
            if random.random() < SHARE_MARKED:
                x, y = (random.gauss(at, PIXELS_OFF) for at in place(subject, thing))
                marks.append({"x": x, "y": y, "tool": 0, "frame": 0, "details": [], "tool_label": self.label})
        return [json_text({"task": "T3", "task_label": self.instruction, "value": marks})]


class Drawing(Kind):
    """Four marks in each classification, each of another tool; the point has a sub-task."""

    instruction = "Mark what you see."
    tools = ("point", "line", "rectangle", "circle")
    answers = ("Adult", "Young")

    def tasks(self) -> Json:
        """One drawing task with four tools."""
        path = "T4.tools.0.details.0"
        answers = [{"label": f"{path}.answers.{index}.label"} for index in range(len(self.answers))]
        question = {"type": "single", "question": f"{path}.question", "answers": answers}
        return {
            "T4": drawing_task(
                "T4",
                [{"type": tool, "details": [question] if tool == "point" else []} for tool in self.tools],
            )
        }

    def strings(self, position: int) -> dict[str, str]:
        """The same in all versions."""
        path = "T4.tools.0.details.0"
        texts = {"T4.help": "Zoom in.", "T4.instruction": self.instruction, f"{path}.question": "How old?"}
        texts |= {f"{path}.answers.{index}.label": answer for index, answer in enumerate(self.answers)}
        return texts | {f"T4.tools.{index}.label": tool.title() for index, tool in enumerate(self.tools)}

    def elements(self, subject: Subject, session: Session, position: int, random: Random) -> list[str]:
        """The marks in the form of either front end; the new one has answers about marks as elements."""
        new, answer = session.is_new_classifier, random.randrange(len(self.answers))
        marks = []
        for index, tool in enumerate(self.tools):
            mark: Json = {"frame": 0, "details": [], **geometry(tool, subject, index, new, random)}
            mark |= {"toolIndex": index, "toolType": tool} if new else {"tool": index}
            if tool == "point":
                mark["details"] = [{"task": "T4.0.0"} if new else {"value": answer}]
            marks.append({**stored_order(mark), "tool_label": tool.title()})
        found = [{"task": "T4", "task_label": self.instruction, "value": marks}]
        if new:
            found.append({"task": "T4.0.0", "value": answer, "taskType": "single", "markIndex": 0})
        return [json_text(element) for element in found]


def geometry(tool: str, subject: Subject, thing: int, new: bool, random: Random) -> dict[str, Any]:
    """The numbers of a mark, in the names of either front end."""
    x, y, long, short = (random.gauss(at, PIXELS_OFF) for at in (*place(subject, thing), 80, 60))
    if tool == "line":
        return {"x1": x, "y1": y, "x2": x + 80, "y2": y + 60}
    if tool == "rectangle":
        centre = {"x_center": x + 40, "y_center": y + 30}
        return {**(centre if new else {"x": x, "y": y}), "width": long, "height": short}
    if tool == "circle":
        return {"x_center": x, "y_center": y, "r": short} if new else {"x": x, "y": y, "r": short, "angle": long}
    return {"x": x, "y": y}
