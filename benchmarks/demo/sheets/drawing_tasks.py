"""Drawings and transcriptions: how they are configured and how their marks are exported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.demo.export_form import Json, json_text, stored
from benchmarks.demo.sheets.marks import Mark, Tool, new_form, old_form
from benchmarks.demo.sheets.subjects import TRANSCRIBED, Line
from benchmarks.demo.sheets.tasks import NEW, SheetTask

MAP, PAGE = 0, 1
"""Frames of a sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingTask(SheetTask):
    """Marks on the map, in the order in which they were drawn."""

    task_type = "drawing"

    tools: tuple[Tool, ...]

    def options(self) -> Json:
        """The tools."""
        return {"tools": [self._tool(index, tool) for index, tool in enumerate(self.tools)]}

    def _tool(self, index: int, tool: Tool) -> Json:
        path = f"{self.key}.tools.{index}"
        answers = [{"label": f"{path}.details.0.answers.{place}.label"} for place in range(len(tool.answers))]
        question = {"type": "single", "question": f"{path}.details.0.question", "answers": answers}
        return {
            "type": tool.type,
            "color": f"#{index * 30:02x}80ff",
            "label": f"{path}.label",
            "details": [question] if tool.question else [],
        }

    def strings(self) -> Json:
        """The task's texts."""
        texts = SheetTask.strings(self)
        for index, tool in enumerate(self.tools):
            path = f"{self.key}.tools.{index}"
            texts[f"{path}.label"] = tool.label
            if tool.question:
                texts[f"{path}.details.0.question"] = tool.question
            texts |= {f"{path}.details.0.answers.{place}.label": label for place, label in enumerate(tool.answers)}
        return texts

    def exported(self, value: Sequence[Mark], new_classifier: bool) -> Iterator[Json]:
        """One element with the marks; answers to questions about marks follow in the new form."""
        # The new classifier sends the marks tool by tool.
        marks = sorted(value, key=lambda mark: self.tools.index(mark.tool)) if new_classifier else value
        written = [self._written(mark, new_classifier) for mark in marks]
        yield {"task": self.key, "task_label": self.instruction, "value": written}
        if new_classifier:
            for place, mark in enumerate(marks):
                if mark.tool.question:
                    key = f"{self.key}.{self.tools.index(mark.tool)}.0"
                    yield _answer(key, mark.answer, "single", place)

    def _written(self, mark: Mark, new_classifier: bool) -> Json:
        index = self.tools.index(mark.tool)
        entry: Json = {"frame": MAP}
        if new_classifier:
            tasks = [{"task": f"{self.key}.{index}.0"}] if mark.tool.question else []
            entry |= {"toolIndex": index, "toolType": mark.tool.type, "details": tasks, **new_form(mark)}
        else:
            # Handles stand anywhere, but in the same place whenever the export is written.
            handle = Random(json_text([mark.numbers, mark.points]))  # noqa: S311
            details = [{"value": mark.answer}] if mark.tool.question else []
            entry |= {"tool": index, "details": details, **old_form(mark, handle)}
        return {**stored(entry), "tool_label": mark.tool.label}


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionTask(SheetTask):
    """Lines of the page with what they say; only the new classifier has it."""

    task_type = "transcription"

    generations: tuple[bool, ...] = (NEW,)

    def options(self) -> Json:
        """The only tool."""
        path = f"{self.key}.tools.0"
        text = {"type": "text", "instruction": f"{path}.details.0.instruction", "text_tags": ["unclear"]}
        return {"tools": [{"type": TRANSCRIBED.type, "label": f"{path}.label", "details": [text]}]}

    def strings(self) -> Json:
        """The task's texts."""
        path = f"{self.key}.tools.0"
        tool: Json = {f"{path}.label": TRANSCRIBED.label, f"{path}.details.0.instruction": "What does it say?"}
        return SheetTask.strings(self) | tool

    def exported(self, value: Sequence[Line], new_classifier: bool) -> Iterator[Json]:
        """The lines, as they are stored, and then their texts."""
        key = f"{self.key}.0.0"
        lines = [
            {"frame": PAGE, "details": [{"task": key}], "toolType": TRANSCRIBED.type, "toolIndex": 0}
            | new_form(line.mark)
            for line in value
        ]
        yield self.raw(lines, new_classifier)
        for place, line in enumerate(value):
            yield _answer(key, line.text, "text", place)


def _answer(key: str, value: Any, task_type: str, mark_index: int) -> Json:
    return {"task": key, "value": value, "taskType": task_type, "markIndex": mark_index}
