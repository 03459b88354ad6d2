"""Surveys (docs/exports.md, Surveys), one row per identification; alike in both generations."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson

from zoo_dag.annotations.definitions import TaskDefinition, TaskOption
from zoo_dag.annotations.elements import Element
from zoo_dag.annotations.values import as_text, is_blank, json_text

_Answer = tuple[str | None, str | None, str | None, str | None]
_Filter = tuple[str | None, str | None]


class _Survey:
    """A survey as its definition describes it; without one it knows no labels."""

    def __init__(self, options: Iterable[TaskOption] = ()) -> None:
        self.choices: dict[str, str | None] = {}
        self._questions: dict[str, str | None] = {}
        self._known: dict[str, dict[str, _Answer]] = {}
        for option in options:
            if option.id is None:
                continue
            if option.kind == "choice":
                self.choices[option.id] = option.label
            elif option.kind == "question":
                self._questions[option.id] = option.label
            elif option.kind == "question answer":
                question = option.path.removeprefix("questions.").removesuffix(f".answers.{option.id}")
                row = (question, self._questions.get(question), option.id, option.label)
                self._known.setdefault(question, {})[option.id] = row
        # Few different answers, many identifications.
        self._read = lru_cache(maxsize=1 << 14)(self._answers)

    def answers(self, answers: Any) -> tuple[_Answer, ...]:
        """The answers about an identification, in the order of the export."""
        return self._read(json_text(answers))

    def _answers(self, exported: str) -> tuple[_Answer, ...]:
        answers = orjson.loads(exported)
        if not isinstance(answers, dict):
            return ((None, None, exported, None),)
        rows: list[_Answer] = []
        for question, value in answers.items():
            known = self._known.get(question, {})
            for answer in value if isinstance(value, list) else (value,):
                if answer is not None:
                    identifier = as_text(answer)
                    row = known.get(identifier)
                    rows.append(row or (question, self._questions.get(question), identifier, None))
        return tuple(rows)


_UNDEFINED = _Survey()


@lru_cache(maxsize=256)
def _defined(definition: TaskDefinition) -> _Survey:
    return _Survey(definition.options)


def flatten(element: Element) -> list[tuple[Any, ...]]:
    """Rows of `status, identification_index, choice_id, choice_label, answers, filters`.

    An element without identifications is one blank row: "nothing here" is a choice, and none is not. Exports hold
    ids only. They are kept as they are, and get the labels that the definition has for them.
    """
    value = element.value
    items = value if isinstance(value, list) else [] if is_blank(value) else [value]
    survey = _defined(element.definition) if element.definition else _UNDEFINED
    if not items:
        return [("blank", None, None, None, (), ())]
    return [_identification(index, item, survey) for index, item in enumerate(items)]


def _identification(index: int, item: Any, survey: _Survey) -> tuple[Any, ...]:
    choice = item.get("choice") if isinstance(item, dict) else None
    # Without a definition nothing says that an empty id is no choice.
    if not isinstance(choice, str) or (not choice and survey.choices and choice not in survey.choices):
        return "malformed", index, json_text(item), None, (), ()
    answers, filters = item.get("answers"), item.get("filters")
    readable = (isinstance(answers, dict) or not answers) and (isinstance(filters, dict) or not filters)
    return (
        "answered" if readable else "malformed",
        index,
        choice,
        survey.choices.get(choice),
        survey.answers(answers) if answers else (),
        _filters(filters) if filters else (),
    )


def _filters(filters: Any) -> tuple[_Filter, ...]:
    if not isinstance(filters, dict):
        return ((None, json_text(filters)),)
    return tuple((name, as_text(value)) for name, value in filters.items() if value is not None)
