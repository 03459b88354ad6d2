"""Checks of the flattened stage: unreadable answers, and annotation elements that fit no table."""

from collections.abc import Callable

import polars as pl

from zoo_dag.checks import quarantine
from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.tables.row_count import row_count
from zoo_dag.task_types.declaration import Flattening
from zoo_dag.wording.sentences import counted, percent, quoted, ratio, share

_TASKS_NAMED = 3


def answers_are_known(flattening: Flattening) -> Callable[[CheckInput], Finding]:
    """A check that in each task of a flattened table few answers have an unknown label or cannot be read at all.

    Blank answers are not counted.
    """

    def evaluate(inputs: CheckInput) -> Finding:
        tasks = _by_task(inputs.tables[flattening.table], flattening)
        answers, unknown, malformed = (int(tasks[name].sum()) for name in ("answers", "unknown", "malformed"))
        numbers = {
            "answers": answers,
            "with an unknown label": unknown,
            "malformed": malformed,
            "share unknown or malformed": ratio(unknown + malformed, answers),
        }
        limit = inputs.limits.unknown_answers
        wrong = tasks.filter((pl.col("unknown") + pl.col("malformed")) / pl.col("answers") > limit)
        if not wrong.height:
            sentence = (
                f"{share(unknown + malformed, answers, 'answers')} cannot be read." if answers else "No answers."
            )
            return Finding(sentence, numbers)
        each = [_of_task(row) for row in wrong.head(_TASKS_NAMED).to_dicts()]
        more = [f"and {counted(wrong.height - _TASKS_NAMED, 'tasks')} more"] if wrong.height > _TASKS_NAMED else []
        return Finding(
            f"More than {percent(limit)} of the answers cannot be read: {'; '.join([*each, *more])}.",
            numbers,
            passed=False,
            advice="They have no vote. Import the workflows export if it is missing or older than the "
            f"classifications; see status in {flattening.table}.",
            examples=wrong.select("task", "answers", "unknown", "malformed", "example"),
        )

    return evaluate


def _by_task(rows: pl.LazyFrame, flattening: Flattening) -> pl.DataFrame:
    """By `task` the number of `answers`, of `unknown` and `malformed` ones among them, and an `example`."""
    unknown, malformed = flattening.unknown, pl.col("status") == "malformed"
    example = pl.lit(None, pl.String) if flattening.example is None else flattening.example
    counts = (
        rows.filter(pl.col("status") != "blank")
        .group_by("task")
        .agg(
            answers=pl.len().cast(pl.Int64),
            unknown=unknown.sum().cast(pl.Int64),
            malformed=malformed.sum().cast(pl.Int64),
            example=example.filter(unknown | malformed).min(),
        )
    )
    return counts.sort("task").collect()


def _of_task(row: dict[str, object]) -> str:
    example = "" if row["example"] is None else f", such as {quoted(row['example'])}"
    kinds = [f"{row['unknown']:,} unknown" if row["unknown"] else "", f"{row['malformed']:,} malformed"]
    numbers = " and ".join(kind for kind, n in zip(kinds, (row["unknown"], row["malformed"]), strict=True) if n)
    return f"task {quoted(row['task'])} {numbers} of {row['answers']:,}{example}"


def few_classifications_lose_an_element(inputs: CheckInput) -> Finding:
    """Whether few classifications have an element of their annotations in the quarantine."""
    rows = inputs.tables["flattened_quarantine"]
    wrong = rows.select(pl.col("classification_id").n_unique()).collect().item()
    total = row_count(inputs.tables["classifications"])
    return quarantine.evaluate(
        quarantine.Quarantined(wrong, total, "classifications", "With an element in the quarantine"),
        rows,
        inputs.limits,
        "See reason and found in the table flattened_quarantine; the rest of these classifications counts.",
    )
