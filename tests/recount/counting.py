"""Votes and denominators of each subject and task, with the columns of the consensus tables."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tests.recount.classifications import Record
from tests.recount.definitions import Workflows
from tests.recount.shares import entropy, in_order, n_blank, no_ranks, ranked, shares, voted, yes_or_no
from tests.recount.surveys import survey_votes
from tests.recount.units import Unit, version_of


def question_votes(units: Sequence[Unit], workflows: Workflows) -> Iterator[Record]:
    """Votes of `question_consensus`; where several answers are allowed an empty one is a no to each."""
    options = options_of(units, workflows)
    for unit in units:
        several = any(row["task_type"] in {"multiple", "shortcut"} for row in unit.rows)
        said = unit.together() if several else unit.chosen()
        chosen = voted(said, answer_of) + [set()] * (n_blank(said) if several else 0)
        votes = Counter(answer for answers in chosen for answer in answers)
        shared = {**unit.columns, **unit.denominators(), "n_answered": len(chosen)}
        shared["entropy"] = entropy(list(votes.values()), options[task_of(unit)]) if votes else None
        shared["agreement"] = max(votes.values()) / len(chosen) if votes else None
        if several:
            sets = Counter(map(frozenset, chosen))
            shared["answer_set_votes"] = max(sets.values()) if chosen else None
            shared["mean_selected"] = votes.total() / len(chosen) if chosen else None
        if several and chosen:
            shared |= yes_or_no(votes, len(chosen), options[task_of(unit)])
        for (index, answer), ranks in ranked(votes, in_order, len(chosen)):
            of_all = shares(ranks["votes"], len(chosen), shared["n_classifications"])
            yield {**shared, "answer_index": index, "answer": answer, **ranks, **of_all}
        if not votes:
            # Several answers are allowed, and everybody chose none of them: that is an answer as well.
            ranks = {"votes": 0, "rank": 1, "tied": False} if chosen else no_ranks()
            of_all = shares(0, len(chosen), shared["n_classifications"])
            yield {**shared, "answer_index": None, "answer": None, **ranks, **of_all}


def answer_of(row: Record) -> tuple[int | None, str | None]:
    return row["answer_index"], row["answer"]


def task_of(unit: Unit) -> tuple[Any, ...]:
    names = ("workflow_id", "workflow_version", "parent_task", "task", "task_revision")
    return tuple(unit.columns.get(name) for name in names)


def options_of(units: Sequence[Unit], workflows: Workflows) -> dict[tuple[Any, ...], int]:
    """The number of answers that a task offers, or of the different answers that were given to it."""
    given: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    offered: dict[tuple[Any, ...], int] = {}
    for unit in units:
        given[task_of(unit)] |= {answer_of(row) for row in unit.rows if row["status"] == "answered"}
        definition, _ = workflows.find(unit.columns["workflow_id"], max(map(version_of, unit.rows)))
        task = definition.tasks.get(unit.columns["task"], {}) if definition else {}
        offered[task_of(unit)] = len(task.get("answers") or [])
    return {task: max(offered[task], len(answers)) for task, answers in given.items()}


def dropdown_votes(units: Sequence[Unit], _: Workflows) -> Iterator[Record]:
    """Votes of `dropdown_consensus`: each select is a question by itself."""
    names = ("option_value", "option_label", "free_text")
    for unit in units:
        answers = Counter(
            frozenset(
                tuple(row[name] for name in ("select_index", *names)) for row in rows if row["status"] != "blank"
            )
            for rows in unit.chosen()
            if {row["status"] for row in rows} in ({"answered"}, {"answered", "blank"})
        )
        whole = max(answers.values()) / answers.total() if answers else None
        for index, label in sorted({(row["select_index"], row["select_label"]) for row in unit.rows}, key=str):
            said = [[row for row in rows if row["select_index"] == index] for rows in unit.chosen()]
            chosen = voted(said, lambda row: tuple(row[name] for name in names))
            votes = Counter(option for options in chosen for option in options)
            shared = {**unit.columns, **unit.denominators(), "select_index": index, "select_label": label}
            shared |= {"n_answered": len(chosen), "n_blank": n_blank(said)}
            shared["agreement"] = max(votes.values()) / len(chosen) if votes else None
            shared["whole_agreement"] = whole
            for option, ranks in ranked(votes, in_order, len(chosen)):
                # The order of options with equal votes is that of the workflow, whose lists are nested.
                del ranks["rank"]
                of_all = shares(ranks["votes"], len(chosen), shared["n_classifications"])
                yield {**shared, **dict(zip(names, option, strict=True)), **ranks, **of_all}
            if not votes:
                of_all = shares(0, 0, shared["n_classifications"])
                yield {**shared, **dict.fromkeys((*names, "tied")), "votes": 0, **of_all}


def slider_values(units: Sequence[Unit], _: Workflows) -> Iterator[Record]:
    """The numbers of `slider_consensus`."""
    for unit in units:
        said = [row for rows in unit.chosen() for row in rows if row["status"] == "answered"]
        values = sorted(row["value"] for row in said)
        untouched = {"n_untouched": sum(row["untouched"] for row in said)}
        middle = statistics.median(values) if values else None
        distance = statistics.median(abs(value - middle) for value in values) if values else None
        yield {**unit.columns, **unit.denominators(), **untouched, **spread(values), "mad": distance}


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """The mean, the quartiles and the range of numbers."""
    if not values:
        return dict.fromkeys(("mean", "median", "std", "min", "max", "q25", "q75"))
    quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3
    return {
        "mean": math.fsum(values) / len(values),
        "median": statistics.median(values),
        "std": statistics.stdev(values) if len(values) > 1 else None,
        "min": min(values),
        "max": max(values),
        "q25": quartiles[0],
        "q75": quartiles[2],
    }


def mark_counts(units: Sequence[Unit], workflows: Workflows) -> Iterator[Record]:
    """The rows of `mark_counts`: marks of each classification, for each tool and for all together."""
    used: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for unit in units:
        used[task_of(unit)] |= {row["tool_index"] for row in unit.rows if row["status"] == "answered"}
        definition, _ = workflows.find(unit.columns["workflow_id"], max(map(version_of, unit.rows)))
        task = definition.tasks.get(unit.columns["task"], {}) if definition else {}
        used[task_of(unit)] |= set(range(len(task.get("tools") or [])))
    for unit in units:
        marks = [[row["tool_index"] for row in rows if row["status"] == "answered"] for rows in unit.together()]
        for tool in [None, *sorted(used[task_of(unit)])]:
            numbers = [len(tools) if tool is None else tools.count(tool) for tools in marks]
            counts = {"n_none": numbers.count(0), "mode": min(statistics.multimode(numbers))}
            yield {**unit.columns, **unit.denominators(), "tool_index": tool, **counts, **spread(numbers)}


def texts_counted(units: Sequence[Unit], _: Workflows) -> Iterator[Record]:
    """The denominators of `text_consensus`, and what numbers were typed."""
    for unit in units:
        written = [[row["text"] for row in rows if row["status"] == "answered"] for rows in unit.together()]
        typed = [text for texts in written for text in texts if len(texts) == 1]
        numbers = spread([number for text in typed if (number := typed_number(text)) is not None])
        measures = {f"number_{name}": numbers[name] for name in ("median", "mean", "std")}
        yield {**unit.columns, **unit.denominators(), "n_answered": sum(map(bool, written)), **measures}


def typed_number(text: str) -> float | None:
    """The number that a text is, with commas between thousands or a decimal one."""
    bare = text.strip()
    sign = -1 if bare[:1] in {"-", "\u2212", "\u2013"} else 1
    whole, point, rest = (bare[1:] if sign < 0 or bare[:1] == "+" else bare).partition(".")
    head, *groups = whole.split(",")
    digits = head + "".join(groups) + rest
    if (
        not digits.isdecimal()
        or not digits.isascii()
        or len(digits) > 15
        or (groups and not (head and all(groups)))
    ):
        return None
    if not groups or (head[0] != "0" and len(head) <= 3 and all(len(group) == 3 for group in groups)):
        return sign * float(f"0{head}{''.join(groups)}.{rest}")
    return sign * float(f"{head}.{groups[0]}") if len(groups) == 1 and not point else None


def drawings_counted(units: Sequence[Unit], _: Workflows) -> Iterator[Record]:
    """The denominators of `drawing_consensus`."""
    for unit in units:
        yield {**unit.columns, **unit.denominators()}


# By consensus table: the flattened table that it is from, the columns of an option, and the recount.
COUNTS: dict[str, tuple[str, tuple[str, ...], Callable[[Sequence[Unit], Workflows], Iterable[Record]]]] = {
    "question_consensus": ("question", ("answer",), question_votes),
    "dropdown_consensus": ("dropdown", ("select_index", "option_value", "free_text"), dropdown_votes),
    "survey_consensus": ("survey", ("choice_id",), survey_votes),
    "drawing_consensus": ("drawing", (), drawings_counted),
    "mark_counts": ("drawing", ("tool_index",), mark_counts),
    "text_consensus": ("text", (), texts_counted),
    "slider_consensus": ("slider", (), slider_values),
}
