"""Votes for the choices of surveys, and for the answers about them."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from tests.recount.classifications import Record
from tests.recount.definitions import Definition, Workflows
from tests.recount.shares import entropy, interval, n_blank, ranked, voted
from tests.recount.units import Unit, version_of

# Choices that say that there is nothing, by id or by label.
BLANK_IDS = {"NOTHINGHERE", "NTHNGHR", "NOANIMALSPRESENT"}
BLANK_LABELS = {"nothing here", "no animals present", "none"}


def survey_votes(units: Sequence[Unit], workflows: Workflows) -> Iterator[Record]:
    """Votes of `survey_consensus`: classifications that named a choice, once or several times."""
    for unit in units:
        definition, _ = workflows.find(unit.columns["workflow_id"], max(map(version_of, unit.rows)))
        order = definition.order(unit.columns["task"], "choices") if definition else []
        said = unit.together()
        chosen = voted(said, lambda row: row["choice_id"])
        votes = Counter(choice for choices in chosen for choice in choices)
        labels = {row["choice_id"]: row["choice_label"] for row in unit.rows}
        blank = {
            choice for choice in votes if choice in BLANK_IDS or (labels[choice] or "").lower() in BLANK_LABELS
        }
        shared = unit.columns | unit.denominators() | of_all_choices(said, chosen, votes, blank)
        for choice, ranks in ranked(votes, partial(place_in, order)):
            answers = answers_about(choice, said, votes[choice], unit.columns["task"], definition)
            names = {"choice_id": choice, "choice_label": labels[choice], "answers": answers}
            counts = counts_of(choice, said, unit.columns["task"], definition)
            yield {**shared, **names, **ranks, **counts, **shares_of_all(votes[choice], len(said))}
        if not votes:
            nothing = dict.fromkeys(("choice_id", "choice_label", "rank", "tied"))
            yield {**shared, **nothing, "answers": [], "votes": 0, **shares_of_all(0, len(said))}


def of_all_choices(
    said: Sequence[Sequence[Record]], chosen: Sequence[set[str]], votes: Counter[str], blank: set[str]
) -> Record:
    """The measures of a subject that are the same for all its choices; `blank` are those that say so."""
    empty = n_blank(said) + sum(choices <= blank for choices in chosen)
    seen = [number for choice, number in votes.items() if choice not in blank]
    most = {choice for choice, number in votes.items() if number == max(votes.values())}
    return {
        "n_answered": len(chosen),
        "n_choices": float(statistics.median(map(len, chosen))) if chosen else None,
        "evenness": entropy(list(votes.values()), len(votes)) if votes else None,
        "fraction_blank": empty / len(said),
        "is_blank": bool(most) and most <= blank,
        "evenness_without_blanks": entropy(seen, len(seen)) if seen else None,
    }


def shares_of_all(votes: int, n: int) -> dict[str, float]:
    low, high = interval(votes, n)
    return {"fraction_of_all": votes / n, "fraction_low": low, "fraction_high": high}


def place_in(order: Sequence[str], option: str) -> tuple[int, str]:
    """Options in the order of the workflow, then the others by their id."""
    return (order.index(option) if option in order else len(order)), option


def counts_of(
    choice: str, said: Sequence[Sequence[Record]], task: str, definition: Definition | None
) -> dict[str, str | None]:
    """How many there are of a choice: each classification counts with its highest bin."""
    rows = [[row for row in rows if row["choice_id"] == choice] for rows in said]
    given = [[answer for row in named for answer in row["answers"] if is_count(answer)] for named in rows]
    bins = {answer["answer_id"] for answers in given for answer in answers}
    question = next((answer["question_id"] for answers in given for answer in answers), "")
    order = definition.order(task, "questions", question, "answers") if definition else sorted(bins)
    counts = sorted(max(order.index(answer["answer_id"]) for answer in answers) for answers in given if answers)
    # Without a definition an id such as 35 may mean 3 to 5.
    known = counts and (definition or all(len(bin_) == 1 and bin_.isdigit() for bin_ in bins))
    labels = {answer["answer_id"]: answer["answer_label"] for answers in given for answer in answers}
    places = (counts[0], counts[len(counts) // 2], counts[-1]) if known else ()
    found = [labels[order[place]] or order[place] for place in places] or [None] * 3
    return dict(zip(("count_min", "count_median", "count_max"), found, strict=True))


def is_count(answer: Record) -> bool:
    return answer["question_id"] in {"HOWMANY", "HWMN"} or "how many" in (answer["question_label"] or "").lower()


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
