"""How many there are of a choice of a survey, for each question that counts."""

import re
from collections.abc import Sequence
from typing import Any

from tests.recount.classifications import Record
from tests.recount.definitions import Definition, Workflows
from tests.recount.units import Unit, version_of

BIN = re.compile(r"[<>~]?\s*\d+\s*(\+|or more|(-|to)\s*\d+)?")
WORDS = {"none", "many", "lots", "one", "two", "three", "several"}
# By question: its label, and the labels of its answers.
Questions = dict[str, tuple[str | None, dict[str, str | None]]]


def counting_questions(units: Sequence[Unit], workflows: Workflows) -> dict[tuple[Any, ...], Questions]:
    """The questions of each task that ask how many, or whose answers are numbers, in the order of the workflow."""
    found: dict[tuple[Any, ...], Questions] = {}
    for unit in sorted(units, key=newest):
        definition, _ = workflows.find(unit.columns["workflow_id"], newest(unit))
        found[task_of(unit)] = defined(definition, unit.columns["task"]) if definition else {}
    for unit in units:
        questions = found[task_of(unit)]
        for answer in (answer for row in unit.rows for answer in row["answers"] or []):
            label, answers = questions.get(answer["question_id"], (answer["question_label"], {}))
            answers.setdefault(answer["answer_id"], answer["answer_label"])
            questions[answer["question_id"]] = (label, answers)
    return {
        task: {question: about for question, about in questions.items() if is_counting(question, *about)}
        for task, questions in found.items()
    }


def newest(unit: Unit) -> tuple[int, int]:
    return max(map(version_of, unit.rows))


def task_of(unit: Unit) -> tuple[Any, ...]:
    return tuple(unit.columns.get(name) for name in ("workflow_id", "workflow_version", "task", "task_revision"))


def defined(definition: Definition, task: str) -> Questions:
    found: Questions = {}
    for question in definition.order(task, "questions"):
        asked = definition.tasks[task]["questions"][question]
        order = definition.order(task, "questions", question, "answers")
        answers = {answer: definition.text(asked["answers"][answer].get("label")) for answer in order}
        found[question] = definition.text(asked.get("label")), answers
    return found


def is_counting(question: str, label: str | None, answers: dict[str, str | None]) -> bool:
    asks = "how many" in (label or "").lower() or question.startswith(("HOWMANY", "HWMN"))
    bins = [BIN.fullmatch(text or answer) for answer, text in answers.items()]
    return asks or sum(map(bool, bins)) >= len(bins) / 2


def numbers_of(answers: dict[str, str | None]) -> list[str]:
    """The answers that are numbers: where one has a digit, "Can't tell" is none."""
    texts = {answer: label or answer for answer, label in answers.items()}
    digits = {answer for answer, text in texts.items() if re.search(r"\d", text)}
    return [answer for answer, text in texts.items() if not digits or answer in digits or text.lower() in WORDS]


def counts_of(choice: str, said: Sequence[Sequence[Record]], questions: Questions, *, is_defined: bool) -> Record:
    """`counts` of a choice, and those of the question that is the count."""
    named = [[row for row in rows if row["choice_id"] == choice] for rows in said]
    named = [rows for rows in named if any(row["status"] == "answered" for row in rows)]
    counts = {
        question: {
            "question_id": question,
            "question_label": label,
            **spread(given(question, named), answers, is_defined=is_defined),
        }
        for question, (label, answers) in questions.items()
    }
    preferred = [question for question in ("HOWMANY", "HWMN") if question in counts]
    preferred += list(counts) if len(counts) == 1 else []
    of_all = counts[preferred[0]] if preferred else {}
    the_count = {f"count_{part}": of_all.get(part) for part in ("min", "median", "max")}
    return {"counts": list(counts.values()), **the_count}


def given(question: str, named: Sequence[Sequence[Record]]) -> list[set[str]]:
    """The answers to a question of each classification that named the choice."""
    return [
        {
            answer["answer_id"]
            for row in rows
            if row["status"] == "answered"
            for answer in row["answers"]
            if answer["question_id"] == question
        }
        for rows in named
    ]


def spread(said: Sequence[set[str]], answers: dict[str, str | None], *, is_defined: bool) -> Record:
    """Lowest, median and highest bin; each classification counts with its highest one."""
    numbers = numbers_of(answers)
    order = numbers if is_defined else sorted(numbers)
    counts = sorted(max(map(order.index, bins)) for bins in (each & set(numbers) for each in said) if bins)
    used = {answer for each in said for answer in each if answer in numbers}
    # Without a definition an id such as 35 may mean 3 to 5.
    if not counts or not (is_defined or all(len(one) == 1 and one.isdigit() for one in used)):
        return {"votes": 0, "min": None, "median": None, "max": None}
    places = {"min": counts[0], "median": counts[len(counts) // 2], "max": counts[-1]}
    found = {part: answers[order[place]] or order[place] for part, place in places.items()}
    return {"votes": len(counts), **found}
