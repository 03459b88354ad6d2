"""Votes for the choices of surveys, and for the answers about them."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from tests.recount.classifications import Record
from tests.recount.counts import counting_questions, counts_of, task_of
from tests.recount.definitions import Definition, Workflows
from tests.recount.shares import entropy, interval, n_blank, ranked, voted
from tests.recount.units import Unit, version_of

# Choices that say that there is nothing, by id or by label.
BLANK_IDS = {"NOTHINGHERE", "NTHNGHR", "NOANIMALSPRESENT"}
BLANK_LABELS = {"nothing here", "no animals present", "none"}


def survey_votes(units: Sequence[Unit], workflows: Workflows) -> Iterator[Record]:
    """Votes of `survey_consensus`: classifications that named a choice, once or several times."""
    questions = counting_questions(units, workflows)
    for unit in units:
        definition, _ = workflows.find(unit.columns["workflow_id"], max(map(version_of, unit.rows)))
        order = definition.order(unit.columns["task"], "choices") if definition else []
        said = unit.together()
        labels = {row["choice_id"]: row["choice_label"] for row in unit.rows}
        blank = {
            choice for choice in labels if choice in BLANK_IDS or (labels[choice] or "").lower() in BLANK_LABELS
        }
        # Who names an animal does not say that there is nothing.
        chosen = [choices - blank or choices for choices in voted(said, lambda row: row["choice_id"])]
        said = [without_blanks(rows, blank) for rows in said]
        votes = Counter(choice for choices in chosen for choice in choices)
        of_all = of_all_choices(said, chosen, votes, blank)
        shared = unit.columns | unit.denominators() | of_all
        decided_against = partial(is_other, blank, of_all["is_blank"])
        for choice, ranks in ranked(votes, partial(place_in, order), len(chosen), decided_against):
            answers = answers_about(choice, said, votes[choice], unit.columns["task"], definition)
            names = {"choice_id": choice, "choice_label": labels[choice], "answers": answers}
            names["is_blank_choice"] = choice in blank
            counts = counts_of(choice, said, questions[task_of(unit)], is_defined=definition is not None)
            yield {**shared, **names, **ranks, **counts, **shares_of_all(votes[choice], len(said))}
        if not votes:
            nothing = dict.fromkeys(("choice_id", "choice_label", "rank", "tied"))
            yield {**shared, **nothing, "answers": [], "votes": 0, **shares_of_all(0, len(said))}


def without_blanks(rows: Sequence[Record], blank: set[str]) -> list[Record]:
    """What a classification said, without blank choices where it named an animal."""
    animals = any(row["status"] == "answered" and row["choice_id"] not in blank for row in rows)
    return [row for row in rows if not (animals and row["status"] == "answered" and row["choice_id"] in blank)]


def is_other(blank: set[str], is_blank: bool, choice: str) -> bool:
    """Whether it was decided against a choice, since the subject is blank or is not."""
    return (choice in blank) != is_blank


def of_all_choices(
    said: Sequence[Sequence[Record]], chosen: Sequence[set[str]], votes: Counter[str], blank: set[str]
) -> Record:
    """The measures of a subject that are the same for all its choices; `blank` are those that say so."""
    animals = [len(choices) for choices in chosen if not choices <= blank]
    empty = n_blank(said) + len(chosen) - len(animals)
    seen = [number for choice, number in votes.items() if choice not in blank]
    return {
        "n_answered": len(chosen),
        "n_choices": float(statistics.median(animals)) if animals else None,
        "evenness": entropy(list(votes.values()), len(votes)) if votes else None,
        "fraction_blank": empty / len(said),
        "is_blank": len(animals) <= len(chosen) / 2 if chosen else None,
        "evenness_without_blanks": entropy(seen, len(seen)) if seen else None,
    }


def shares_of_all(votes: int, n: int) -> dict[str, float]:
    low, high = interval(votes, n)
    return {"fraction_of_all": votes / n, "fraction_low": low, "fraction_high": high}


def place_in(order: Sequence[str], option: str) -> tuple[int, str]:
    """Options in the order of the workflow, then the others by their id."""
    return (order.index(option) if option in order else len(order)), option


def answers_about(
    choice: str, said: Sequence[Sequence[Record]], n: int, task: str, definition: Definition | None
) -> list[Record]:
    """The answers about a choice, in the order of the workflow: a classification votes once for each."""
    votes: Counter[tuple[Any, ...]] = Counter()
    for rows in said:
        named = [row for row in rows if row["choice_id"] == choice and row["status"] == "answered"]
        votes.update({tuple(answer.values()) for row in named for answer in row["answers"]})

    def place(answer: tuple[Any, ...]) -> tuple[Any, ...]:
        question, _, answer_id, _ = answer
        questions = definition.order(task, "questions") if definition else []
        answers = definition.order(task, "questions", question, "answers") if definition else []
        return place_in(questions, question), place_in(answers, answer_id)

    names = ("question_id", "question_label", "answer_id", "answer_label")
    return [
        dict(zip(names, answer, strict=True)) | {"votes": votes[answer], "fraction": votes[answer] / n}
        for answer in sorted(votes, key=place)
    ]
