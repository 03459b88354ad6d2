"""One row for each subject of a workflow, with columns for each answer: what other programs train on."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from zoo_dag.consensus.subject_summary import in_order
from zoo_dag.consensus.task_columns import SUBJECT
from zoo_dag.consensus.units import POOLED
from zoo_dag.tables import TABLES
from zoo_dag.tables.columns import Column, count, measure
from zoo_dag.task_types.answer_names import IDENTITY, QUESTION, VOTED, Answer, answers_of, identified
from zoo_dag.task_types.summary_key import KEY
from zoo_dag.wording.markdown import without_markup

SUBJECT_VOTES = "subject_votes"
# In place of the label of texts that volunteers typed.
_TYPED = "(typed)"
REACHED, ANSWERED, _COUNT, _FRACTION = "n_classifications", "n_answered", "count", "fraction"
_OF_QUESTION, _OF_ANSWER = (REACHED, ANSWERED), (_COUNT, _FRACTION)
_ENDINGS: Mapping[str, Column] = {
    REACHED: count("Classifications that reached the task"),
    ANSWERED: count("Of these, those that answered; where several answers are allowed, also with none"),
    _COUNT: count("Votes for the answer"),
    _FRACTION: measure(
        "Share of the votes for the answer among those who answered, in a survey among all who reached the task; "
        "null where there are none"
    ),
}


def subject_votes(
    subjects: pl.LazyFrame, pooled: Mapping[str, pl.LazyFrame], tasks: pl.LazyFrame, votes: pl.LazyFrame
) -> pl.LazyFrame:
    """Count the votes for each answer by subject, with the columns of `subject_votes` and those of the answers.

    Takes `subject_summary`, whose subjects it has, and what `answers_of` takes. Numbers are 0 where nobody was
    asked. In memory are the numbers of all subjects.
    """
    declared = TABLES[SUBJECT_VOTES].dtypes.names()
    wide = subjects.select(declared).collect()
    answers = answers_of(pooled, tasks, votes)
    for table in VOTED:
        of_type = [answer for answer in answers if answer.table == table]
        if of_type:
            wide = wide.hstack(_numbers(pooled[table], of_type, wide[SUBJECT]))
    return wide.lazy().select(*declared, *_columns(answers))


def votes_key(
    workflow_id: int,
    columns: Sequence[str],
    pooled: Mapping[str, pl.LazyFrame],
    tasks: pl.LazyFrame,
    votes: pl.LazyFrame,
) -> pl.DataFrame:
    """A row for each column of the `subject_votes` of a workflow, as `KEY` has it; takes what `answers_of` takes.

    `task` is the revision, `part` the position of a select, or the id of a choice, and `answer` the label.
    """
    about: dict[str, tuple[Answer, str | None]] = {}
    for each in answers_of(pooled, tasks, votes):
        about |= {f"{each.question}_{ending}": (each, None) for ending in _OF_QUESTION}
        about |= {f"{each.name}_{ending}": (each, each.text or _TYPED) for ending in _OF_ANSWER}
    rows = []
    for name in columns:
        declared = TABLES[SUBJECT_VOTES].columns.get(name) or describe_votes(name)
        answer, label = about.get(name, (None, None))
        row = {
            "workflow_id": workflow_id,
            "column": name,
            "description": declared.description if declared else None,
        }
        rows.append(row | (_about(answer, label) if answer else {}))
    return pl.DataFrame(rows, schema=KEY)


def _about(answer: Answer, label: str | None) -> dict[str, str | None]:
    """What the key says of a column of an answer, or without a label of its question."""
    of_task = dict(zip(IDENTITY, answer.identity, strict=True))
    parent = of_task["parent_task"]
    has_part = label is not None or answer.part is not None
    return {
        "task": f"{parent}.{of_task['task_revision']}" if parent else of_task["task_revision"],
        "task_label": without_markup(answer.task_label or "") or None,
        "part": of_task["option"] if has_part else None,
        "part_label": answer.part_label if has_part else None,
        "answer": label,
    }


def describe_votes(name: str) -> Column | None:
    """The meaning of a column of `subject_votes` that is not declared, by how its name ends."""
    return next((column for ending, column in _ENDINGS.items() if name.endswith(f"_{ending}")), None)


def _columns(answers: Sequence[Answer]) -> list[str]:
    """The names of the columns in the order of tasks: of a question its numbers, the counts and the fractions."""
    names = []
    for question in sorted({answer.question for answer in answers}, key=in_order):
        names += [f"{question}_{ending}" for ending in _OF_QUESTION]
        of_question = [answer.name for answer in answers if answer.question == question]
        names += [f"{name}_{ending}" for ending in _OF_ANSWER for name in of_question]
    return names


def _numbers(pooled: pl.LazyFrame, answers: Sequence[Answer], subjects: pl.Series) -> pl.DataFrame:
    """The columns of the answers to all tasks of a type: a row for each of the `subjects`."""
    declared, naming = VOTED[answers[0].table]
    needed = ("subject", *IDENTITY, "part", "votes", *_OF_QUESTION)
    in_order = subjects.to_frame().with_row_index("subject").lazy()
    rows = identified(answers[0].table, pooled).join(in_order, on=SUBJECT).select(needed).collect()
    names = _names(rows, answers)
    of_answers = _by_name(rows.join(names, on=IDENTITY, nulls_equal=True), "name")
    questions = names.select(*QUESTION, "question").unique()
    of_questions = [_by_name(rows.join(questions, on=QUESTION, nulls_equal=True), "question")]
    if naming.part:
        # A task left blank without its selects is blank in each of them.
        blank = rows.filter(pl.col("part").is_null()).drop("part")
        of_questions.append(_by_name(blank.join(questions, on=POOLED.task, nulls_equal=True), "question"))
    columns = {}
    for question in questions["question"]:
        for number in _OF_QUESTION:
            column = np.zeros(len(subjects), np.int64)
            # The first row of a subject counts, and so it is written last.
            for part in reversed([found[question] for found in of_questions if question in found]):
                column[part["subject"].reverse().to_numpy()] = part[number].reverse().to_numpy()
            columns[f"{question}_{number}"] = column
    for answer in answers:
        column = np.zeros(len(subjects), np.int64)
        # An answer may be offered, and nobody gave it.
        if answer.name in of_answers:
            np.add.at(column, *(of_answers[answer.name][name].to_numpy() for name in ("subject", "votes")))
        columns[f"{answer.name}_{_COUNT}"] = column
    of_all = ANSWERED if declared.fraction == "fraction" else REACHED
    return pl.DataFrame(columns).with_columns(
        (pl.col(f"{answer.name}_{_COUNT}") / _positive(f"{answer.question}_{of_all}")).alias(
            f"{answer.name}_{_FRACTION}"
        )
        for answer in answers
    )


def _by_name(rows: pl.DataFrame, named_by: str) -> dict[str, pl.DataFrame]:
    """The rows by the values of a column."""
    return {
        str(name): part for (name,), part in rows.partition_by(named_by, as_dict=True, maintain_order=True).items()
    }


def _names(rows: pl.DataFrame, answers: Sequence[Answer]) -> pl.DataFrame:
    schema = {name: rows.schema[name] for name in (*IDENTITY, "part")} | {
        "name": pl.String(),
        "question": pl.String(),
    }
    values = [(*answer.identity, answer.part, answer.name, answer.question) for answer in answers]
    return pl.DataFrame(values, schema, orient="row")


def _positive(name: str) -> pl.Expr:
    return pl.when(pl.col(name) > 0).then(pl.col(name))
