"""Names for the answers to the tasks of a workflow, from which names of columns are made: `t0_yes`.

What was there first keeps a name that another one would have as well, so that names stay when others come. Of a
task it is the first revision; of answers those of the definition, in the order of its first version, then those
that volunteers gave first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from zoo_dag.consensus.units import POOLED
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.catalogue import consensus_types
from zoo_dag.task_types.codebook import Naming
from zoo_dag.task_types.declaration import Posteriors
from zoo_dag.volunteers.ballots import plain
from zoo_dag.wording.column_names import column_name, name_part, taken_name
from zoo_dag.wording.markdown import without_markup

# By pooled table how its answers are told apart, and named.
VOTED: Mapping[str, tuple[Posteriors, Naming]] = {
    each.pooled_table: (each.posteriors, each.posteriors.naming)
    for each in consensus_types()
    if each.posteriors and each.posteriors.naming
}
# What identifies an answer in rows of `identified`.
IDENTITY = (*POOLED.task, "option", "label")
# What identifies what a task asks.
QUESTION = (*POOLED.task, "part")
# The `label` of all texts that volunteers typed: of these there may be any number.
TYPED = "\0typed"
# A question with more answers, such as a select of all places of a country, has no columns: memory is bounded.
MOST_ANSWERS = 300
_OFFERED = "option_origin"
_LAST = float("inf")


class Answer(NamedTuple):
    """An answer: its name, and that of its question, which the names of all of its answers begin with.

    `identity` are the values of IDENTITY in the pooled consensus `table`, and `part` is the position of what is
    asked, where a task asks several things. `text`, `task_label` and `part_label` are what volunteers saw.
    """

    name: str
    question: str
    table: str
    identity: tuple[Any, ...]
    part: int | None
    text: str | None
    task_label: str | None
    part_label: str | None


def identified(table: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a pooled consensus with IDENTITY and `part`: a row without an answer has none.

    `option` and `label` are those of the ballots: all texts that volunteers typed are one answer.
    """
    declared, naming = VOTED[table]
    return _identified(rows.with_columns(several=declared.several), declared, naming)


def answers_of(pooled: Mapping[str, pl.LazyFrame], tasks: pl.LazyFrame, votes: pl.LazyFrame) -> list[Answer]:
    """All answers that the tasks of a workflow offer, or that anybody gave, with different names.

    Takes the pooled tables of VOTED, `tasks` and `votes` of the workflow. An answer that can be in no name is
    `answer_` and its place, and texts that volunteers typed are `typed`. Questions with more than MOST_ANSWERS
    are left out.
    """
    found = [row | {"table": table} for table in VOTED for row in _answers(table, pooled[table], tasks)]
    n_answers = Counter(_values(row, QUESTION) for row in found)
    rows = [row for row in found if n_answers[_values(row, QUESTION)] <= MOST_ANSWERS]
    taken: set[str] = set()
    questions = _question_names(rows, taken)
    wanted = [(row, f"{questions[_values(row, QUESTION)]}_{_part_of_name(row)}") for row in rows]
    # Only these need their votes, and few workflows have any.
    undefined = [name for row, name in wanted if row[_OFFERED] is None]
    first = _first_votes(votes) if len(undefined) > len(set(undefined)) else {}

    def in_order(named: tuple[Mapping[str, Any], str]) -> tuple[Any, ...]:
        row, _ = named
        offered = _LAST if row[_OFFERED] is None else row[_OFFERED]
        place = first.get(_values(row, IDENTITY), _LAST)
        return (
            _age(row),
            row["part"] or 0,
            row["label"] == TYPED,
            offered,
            place,
            row["label"],
            row["option"] or "",
        )

    return [
        Answer(
            taken_name(name, taken),
            questions[_values(row, QUESTION)],
            row["table"],
            _values(row, IDENTITY),
            row["part"],
            row["text"],
            row["task_label"],
            row["part_label"],
        )
        for row, name in sorted(wanted, key=in_order)
    ]


def _identified(rows: pl.LazyFrame, declared: Posteriors, naming: Naming) -> pl.LazyFrame:
    typed = pl.col(naming.typed).is_not_null() if naming.typed else pl.lit(value=False)
    is_answer = pl.any_horizontal(pl.col(name).is_not_null() for name in naming.columns if name != naming.part)
    return rows.with_columns(
        part=pl.col(naming.part).cast(pl.Int32) if naming.part else pl.lit(None, pl.Int32),
        option=pl.when(is_answer).then(declared.option.cast(pl.String)),
        label=pl.when(typed).then(pl.lit(TYPED)).when(is_answer).then(declared.label.pipe(plain)),
        text=pl.when(~typed).then(pl.coalesce(each.cast(pl.String) for each in naming.names)),
    )


def _answers(table: str, pooled: pl.LazyFrame, tasks: pl.LazyFrame) -> list[dict[str, Any]]:
    """The answers to the tasks of one type: QUESTION, IDENTITY, `text`, and the place where it is offered."""
    declared, naming = VOTED[table]
    newest = pl.col("versions").list.last().alias("newest")
    of_answers = {*naming.columns, *declared.option_label.meta.root_names(), "several"}
    told = pooled.with_columns(several=declared.several).select(
        *POOLED.task, "task_label", newest, *sorted(of_answers)
    )
    # Few different ones, many rows; of equal ones the last counts.
    number = pl.struct(pl.all()).hash().alias("number")
    different = told.with_columns(number).unique("number", keep="last", maintain_order=True)
    rows = different.sort(version_order(pl.col("newest")), maintain_order=True)
    asked = rows.group_by(POOLED.task).agg(pl.col("several").max(), pl.col("task_label").drop_nulls().last())
    offered = naming.offered(tasks).join(asked, on=POOLED.defined)
    columns = [*QUESTION, "option", "label", "text"]
    given = _identified(rows, declared, naming)
    parts = given.group_by(*QUESTION, "option").agg(part_label=declared.option_label.drop_nulls().last())
    every = pl.concat(
        [
            _identified(offered, declared, naming).select(*columns, _OFFERED),
            given.select(*columns, pl.lit(None, pl.Int32).alias(_OFFERED)),
        ]
    )
    known = every.filter(pl.col("label").is_not_null())
    distinct = known.group_by(*QUESTION, "option", "label", maintain_order=True).agg(
        pl.col("text").drop_nulls().last(), pl.col(_OFFERED).min()
    )
    labelled = distinct.join(
        asked.drop("several"), on=POOLED.task, how="left", nulls_equal=True, maintain_order="left"
    )
    question = [*QUESTION, "option"]
    return (
        labelled.join(parts, on=question, how="left", nulls_equal=True, maintain_order="left").collect().to_dicts()
    )


def _question_names(rows: Iterable[Mapping[str, Any]], taken: set[str]) -> dict[tuple[Any, ...], str]:
    """The name of each question: `t0`, of a later revision of the task `t0_v14_1`, of a select `t0_1`."""
    questions = {_values(row, QUESTION): row for row in rows}
    names: dict[tuple[Any, ...], str] = {}
    first: dict[tuple[Any, ...], Any] = {}
    for key, row in sorted(questions.items(), key=lambda each: (*_age(each[1]), each[1]["part"] or 0)):
        task = row["parent_task"], row["task"]
        revision = first.setdefault(task, row["task_revision"])
        words = [word for word in task if word is not None]
        if row["task_revision"] != revision:
            words.append(f"v{row['task_revision'].rpartition('@')[2]}")
        if row["part"] is not None:
            words.append(str(row["part"]))
        names[key] = taken_name(column_name(" ".join(words), "task"), taken)
    return names


def _age(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sorts rows by the first version of their task revision, of which the numbers are numbers."""
    numbers = row["task_revision"].rpartition("@")[2].split(".")
    return (
        tuple(int(number) if number.isdecimal() else 0 for number in numbers),
        row["parent_task"] or "",
        row["task"],
    )


def _part_of_name(row: Mapping[str, Any]) -> str:
    if row["label"] == TYPED:
        return "typed"
    return name_part(without_markup(row["text"] or "")) or f"answer_{row[_OFFERED] or 0}"


def _first_votes(votes: pl.LazyFrame) -> dict[tuple[Any, ...], int]:
    """The first classification that gave an answer, by IDENTITY."""
    first = votes.group_by(IDENTITY).agg(pl.col("classification_id").min()).drop_nulls("classification_id")
    return {_values(row, IDENTITY): row["classification_id"] for row in first.collect().iter_rows(named=True)}


def _values(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in columns)
