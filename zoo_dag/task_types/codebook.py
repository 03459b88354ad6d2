"""What tasks and answers are called in files of a team: as exports and tables write them."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.exports.question_texts import asks_the_same
from zoo_dag.wording.markdown import plain_labels, without_markup
from zoo_dag.wording.sentences import listed, quoted

Options = Sequence[dict[str, Any]]
_NAME = "name "


@dataclass(frozen=True)
class Naming:
    """How the answers to the tasks of a type are named.

    `columns` identify an answer, in the flattened table as in the pooled consensus. `names` are the texts that may
    stand for it, from these columns: the label first, which goes before a key. `offered` has the answers that
    `tasks` offer, with the columns of `POOLED.defined`, `columns` and `option_origin`. `part` names the column
    with the position of what a task asks, where it may ask several things, and `typed` that with what volunteers
    typed.
    """

    columns: tuple[str, ...]
    names: tuple[pl.Expr, ...]
    offered: Callable[[pl.LazyFrame], pl.LazyFrame]
    part: str | None = None
    typed: str | None = None


@dataclass(frozen=True)
class Question:
    """What a file may answer: a task revision, or a select of one, with its answers by their names.

    `table` is the table of posteriors. `task` are the values of `POOLED.task`.
    """

    table: str
    task: tuple[Any, ...]
    label: str | None
    part: int | None
    several: bool
    answers: Mapping[str, dict[str, Any]]

    @property
    def revision(self) -> str:
        """The task revision."""
        return str(self.task[-1])

    def names(self) -> Iterator[str]:
        """What the task may be called: as the columns of `subject_summary` begin."""
        _, parent, key, revision = self.task
        for prefix in ("", *([f"{parent}."] if parent else [])):
            for name in (key, revision):
                yield f"{prefix}{name}"
                if self.part is not None:
                    yield f"{prefix}{name}_{self.part}"

    def chosen(self, answer: str) -> Options | None:
        """The options that an answer names, none where it is empty; None where one of them is unknown."""
        if not answer:
            return [] if self.several else None
        whole = self._option(answer)
        if whole is not None or not self.several:
            return None if whole is None else [whole]
        parts = [self._option(part.strip()) for part in answer.split(";") if part.strip()]
        known = [part for part in parts if part is not None]
        return known if parts and len(known) == len(parts) else None

    def _option(self, name: str) -> dict[str, Any] | None:
        return self.answers.get(name) or self.answers.get(_plain(name))


class Problem(NamedTuple):
    """Why a task or an answer of a file is not known, and what to do."""

    sentence: str


class Codebook:
    """The questions of a workflow, by what they may be called."""

    def __init__(self, questions: Iterable[Question]) -> None:
        """Take all questions of a workflow."""
        self._by_name: dict[str, list[Question]] = {}
        for question in questions:
            for name in question.names():
                self._by_name.setdefault(name, []).append(question)

    @property
    def tasks(self) -> frozenset[str]:
        """What tasks may be called."""
        return frozenset(self._by_name)

    def find(self, task: str, answer: str) -> list[tuple[Question, Options]] | Problem:
        """The questions that a task names and that have the answer, each with the options that it names."""
        named = self._by_name.get(task, [])
        if not named:
            return unknown_task(task, self.tasks)
        parts = sorted({question.part for question in named if question.part is not None})
        if len(parts) > 1:
            return Problem(f"{task} has several selects. Write {listed(f'{task}_{part}' for part in parts)}.")
        first = named[0]
        changed = next((each for each in named if not asks_the_same(each.label, first.label)), None)
        if changed:
            return Problem(
                f"the question {task} was changed: {first.revision} asks {quoted(first.label)}, "
                f"{changed.revision} asks {quoted(changed.label)}. Write {first.revision} or {changed.revision} "
                "as the task."
            )
        found = [(question, question.chosen(answer)) for question in named]
        known = [(question, options) for question, options in found if options is not None]
        return known or _unknown_answer(task, answer, named)


def unknown_task(task: str, known: Iterable[str]) -> Problem:
    """That there is no such task, with the one that is meant."""
    names = sorted(known)
    near = difflib.get_close_matches(task, names, n=1)
    keys = [name for name in names if "@" not in name]
    remedy = f"Did you mean {near[0]}?" if near else f"There is {listed(keys) or 'none'}."
    return Problem(f"there is no task {quoted(task)} that has answers to vote on. {remedy}")


def _unknown_answer(task: str, answer: str, questions: Sequence[Question]) -> Problem:
    if not answer:
        return Problem(f"no answer to {task}. Write one, or remove the line.")
    names = list(dict.fromkeys(name for question in questions for name in question.answers))
    parts = [answer, *(part.strip() for part in answer.split(";"))]
    unknown = next((part for part in parts[1:] if not any(q.chosen(part) for q in questions)), answer)
    near = difflib.get_close_matches(unknown, names, n=1) or difflib.get_close_matches(_plain(unknown), names, n=1)
    labels = list(dict.fromkeys(_label(option) for question in questions for option in question.answers.values()))
    remedy = (
        f"Did you mean {quoted(next(_label(q.answers[near[0]]) for q in questions if near[0] in q.answers))}?"
        if near
        else f"There is {listed(map(quoted, labels)) or 'none'}."
    )
    return Problem(f"{task} has no answer {quoted(unknown)}. {remedy}")


def _label(option: Mapping[str, Any]) -> str:
    """The first text that names an option."""
    return next((value for value in option.values() if isinstance(value, str)), "")


def _plain(text: str) -> str:
    """A text without pictures, bold type, case and spaces, as labels are compared that are not equal."""
    label = plain_labels([text]).get(text, text)
    return " ".join(without_markup(label).split()).casefold()


def questions_of(
    table: str, naming: Naming, several: pl.Expr, pooled: pl.LazyFrame, tasks: pl.LazyFrame
) -> Iterator[Question]:
    """The questions of a task type in a workflow that subjects were asked, by its pooled consensus and `tasks`."""
    part = [naming.part] if naming.part else []
    asked = pooled.with_columns(several=several)
    asked = asked.group_by([*POOLED.task, *part]).agg(pl.col("several", "task_label").max())
    columns = [*POOLED.defined, *naming.columns]
    given = pooled.filter(pl.any_horizontal(pl.col(naming.columns).is_not_null())).select(columns)
    options: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    # What was given goes before what is offered: it is what votes are compared with.
    for rows in (given, naming.offered(tasks).select(columns)):
        named = rows.unique().with_columns(
            expr.cast(pl.String).alias(f"{_NAME}{number}") for number, expr in enumerate(naming.names)
        )
        for row in named.collect().sort(columns, nulls_last=True).to_dicts():
            options.setdefault(tuple(row[name] for name in (*POOLED.defined, *part)), []).append(row)
    for row in asked.collect().sort([*POOLED.task, *part], nulls_last=True).to_dicts():
        if part and row[part[0]] is None:
            continue
        of_question = options.get(tuple(row[name] for name in (*POOLED.defined, *part)), [])
        yield Question(
            table,
            tuple(row[name] for name in POOLED.task),
            row["task_label"],
            row[part[0]] if part else None,
            bool(row["several"]),
            _by_name(of_question, naming),
        )


def _by_name(options: Options, naming: Naming) -> dict[str, dict[str, Any]]:
    """The values of `naming.columns` by all names; the earlier names of all options go before the later ones."""
    names: dict[str, dict[str, Any]] = {}
    for number in range(len(naming.names)):
        for row in options:
            if (name := row[f"{_NAME}{number}"]) is not None:
                names.setdefault(name, {column: row[column] for column in naming.columns})
    for name, option in list(names.items()):
        names.setdefault(_plain(name), option)
    return names
