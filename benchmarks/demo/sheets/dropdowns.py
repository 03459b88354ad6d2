"""Dropdowns: how they are configured and how their answers are exported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from benchmarks.demo.export_form import Json
from benchmarks.demo.sheets.tasks import SheetTask


@dataclass(frozen=True, slots=True)
class Select:
    """A select of a dropdown."""

    title: str
    options: tuple[str, ...]
    creates: bool = False
    """Whether volunteers may type a text that is no option."""

    def value_of(self, index: int) -> str:
        """The value of an option, by which exports name it."""
        return f"{crc32(self.options[index].encode()):08x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropdownTask(SheetTask):
    """One or more selects: for each the index of an option, a typed text, or None.

    The new classifier shows one select only.
    """

    task_type = "dropdown"

    selects: tuple[Select, ...]

    def options(self) -> Json:
        """The selects."""
        return {
            "selects": [
                {
                    "id": f"{self.key}-{number}",
                    "title": select.title,
                    "required": False,
                    "allowCreate": select.creates,
                    "options": {
                        "*": [
                            {"label": self._label(number, index), "value": select.value_of(index)}
                            for index in range(len(select.options))
                        ]
                    },
                }
                for number, select in enumerate(self.selects)
            ]
        }

    def _label(self, number: int, index: int) -> str:
        return f"{self.key}.selects.{number}.options.*.{index}.label"

    def strings(self) -> Json:
        """The task's texts."""
        labels = {
            self._label(number, index): label
            for number, select in enumerate(self.selects)
            for index, label in enumerate(select.options)
        }
        return SheetTask.strings(self) | labels

    def exported(self, value: Sequence[int | str | None], new_classifier: bool) -> Iterator[Json]:
        """One element: a list of selects in the old form, the only select in the new one."""
        entries = [
            self._entry(select, answer, new_classifier) for select, answer in zip(self.selects, value, strict=True)
        ]
        if new_classifier:
            yield {"task": self.key, "task_type": "dropdown-simple", "value": entries[0]}
        else:
            yield {"task": self.key, "value": entries}

    @staticmethod
    def _entry(select: Select, answer: int | str | None, new_classifier: bool) -> Json:
        entry: Json = {"select_label": select.title}
        if isinstance(answer, int):
            index = {"option_index": answer} if new_classifier else {}
            return entry | {
                "option": True,
                **index,
                "value": select.value_of(answer),
                "label": select.options[answer],
            }
        if answer is None and (new_classifier or not select.creates):
            return entry
        return entry | {"option": False, "value": answer}

    def n_blank(self, value: Sequence[int | str | None]) -> int:
        """Every select without an answer."""
        return sum(answer is None for answer in value)
