"""The options of a task as its definition has them: answers, tools, choices, selects, and their texts."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from zoo_dag.exports.revisions import Option

# Old names of task types (docs/exports.md, Surveys).
_RENAMED = {"flexibleSurvey": "survey"}


class Text(NamedTuple):
    """Looks up the text of a placeholder in the strings of a version."""

    strings: Mapping[str, Any]

    def __call__(self, placeholder: Any, instead: str | None = None) -> str | None:
        """The text; `instead` where it is empty or the placeholder itself."""
        if not isinstance(placeholder, str):
            return None
        if placeholder in self.strings:
            text = self.strings[placeholder]
            if not isinstance(text, str):
                return None
            return text if text.strip() and text != placeholder else instead
        # Very old rows contain the text itself; a text that is a path means a missing text.
        path_like = "." in placeholder and " " not in placeholder and not placeholder.endswith(".")
        return None if path_like else placeholder


def options_of(task: Mapping[str, Any], text: Text) -> Iterator[Option]:
    """The options of a task, in the order shown to volunteers, those of its sub-tasks and selects among them."""
    yield from _answers(task, "", text)
    for index, child in enumerate(list_in(task.get("tasks"))):
        yield Option("task", f"tasks.{index}", index, str(child), None)
    for index, tool in enumerate(objects_in(task.get("tools"))):
        path = f"tools.{index}"
        name = text(tool.get("label"), numbered("tool", index))
        yield Option("tool", path, index, _id(tool.get("type")), name)
        yield from _sub_tasks(tool, f"{path}.", text)
    yield from _sub_tasks(task, "", text)
    yield from _survey(task, text)
    yield from _selects(task, "", text)
    yield from _scale(task)
    for index, option in enumerate(list_in(task.get("options"))):
        yield Option("select option", f"options.{index}", index, None, option if isinstance(option, str) else None)
    for index, label in enumerate(objects_in(task.get("highlighterLabels"))):
        yield Option(
            "label", f"highlighterLabels.{index}", index, _id(label.get("color")), text(label.get("label"))
        )


def _answers(task: Mapping[str, Any], prefix: str, text: Text, kind: str = "answer") -> Iterator[Option]:
    for index, answer in enumerate(objects_in(task.get("answers"))):
        following = answer.get("next")
        yield Option(
            kind,
            f"{prefix}answers.{index}",
            index,
            None,
            text(answer.get("label"), numbered("answer", index)),
            following if isinstance(following, str) else None,
        )


def _scale(task: Mapping[str, Any]) -> Iterator[Option]:
    """The ends of the scale of a slider; the editor stores numbers, or texts of numbers."""
    for index, end in enumerate(("min", "max") if type_of(task) == "slider" else ()):
        value = _id(task.get(end))
        if value is not None:
            yield Option("scale", end, index, None, _plain_number(value))


def _plain_number(text: str) -> str:
    """A number in one form, whether it is stored as 1, "1" or 1.0; another text as it is."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def _sub_tasks(owner: Mapping[str, Any], prefix: str, text: Text) -> Iterator[Option]:
    for index, detail in enumerate(objects_in(owner.get("details"))):
        path = f"{prefix}details.{index}"
        yield Option("sub-task", path, index, _id(detail.get("type")), label_of(detail, text))
        yield from _answers(detail, f"{path}.", text, "sub-task answer")
        for number, option in enumerate(list_in(detail.get("options"))):
            yield Option("sub-task answer", f"{path}.options.{number}", number, None, _id(option))
        yield from _selects(detail, f"{path}.", text, ("sub-task select", "sub-task answer"))


def _survey(task: Mapping[str, Any], text: Text) -> Iterator[Option]:
    for index, (choice, body) in enumerate(_ordered(task, "choices", "choicesOrder")):
        yield Option("choice", f"choices.{choice}", index, choice, text(body.get("label"), choice))
    for index, (question, body) in enumerate(_ordered(task, "questions", "questionsOrder")):
        path = f"questions.{question}"
        yield Option("question", path, index, question, text(body.get("label"), question))
        for number, (answer, inner) in enumerate(_ordered(body, "answers", "answersOrder")):
            yield Option(
                "question answer", f"{path}.answers.{answer}", number, answer, text(inner.get("label"), answer)
            )
    for index, (trait, body) in enumerate(_ordered(task, "characteristics", "characteristicsOrder")):
        path = f"characteristics.{trait}"
        yield Option("filter", path, index, trait, text(body.get("label"), trait))
        for number, (value, inner) in enumerate(_ordered(body, "values", "valuesOrder")):
            yield Option("filter value", f"{path}.values.{value}", number, value, text(inner.get("label"), value))


def _selects(
    task: Mapping[str, Any], prefix: str, text: Text, kinds: tuple[str, str] = ("select", "select option")
) -> Iterator[Option]:
    of_select, of_option = kinds
    for index, select in enumerate(objects_in(task.get("selects"))):
        path = f"{prefix}selects.{index}"
        title = select.get("title")
        yield Option(of_select, path, index, _id(select.get("id")), title if isinstance(title, str) else None)
        lists = select.get("options")
        for parent, options in lists.items() if isinstance(lists, dict) else ():
            for number, option in enumerate(objects_in(options)):
                place = f"{path}.options.{parent}.{number}"
                value = _id(option.get("value"))
                yield Option(of_option, place, number, value, text(option.get("label"), value))


def _ordered(owner: Mapping[str, Any], name: str, order: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Entries of an object of a survey: first in the order of its order list, then the others, by name."""
    entries = owner.get(name)
    if not isinstance(entries, dict):
        return
    listed = owner.get(order)
    keys = [key for key in listed if key in entries] if isinstance(listed, list) else []
    for key in dict.fromkeys([*keys, *sorted(entries)]):
        body = entries[key]
        yield key, body if isinstance(body, dict) else {}


def list_in(value: Any) -> list[Any]:
    """The value where it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def objects_in(value: Any) -> list[dict[str, Any]]:
    """A list of objects; any other item becomes an empty object, so that positions do not change."""
    return [item if isinstance(item, dict) else {} for item in list_in(value)]


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


def label_of(owner: Mapping[str, Any], text: Text) -> str | None:
    """The question or instruction of a task or sub-task."""
    return text(owner.get("question")) or text(owner.get("instruction"))


def numbered(kind: str, position: int) -> str:
    """What an option without a text is called: by its place, such as answer 1."""
    return f"{kind} {position + 1}"


def current_type(task_type: str) -> str:
    """The name of today for a task type."""
    return _RENAMED.get(task_type, task_type)


def type_of(task: Mapping[str, Any]) -> str | None:
    """The type of a task, by its name of today."""
    task_type = _id(task.get("type"))
    return None if task_type is None else current_type(task_type)
