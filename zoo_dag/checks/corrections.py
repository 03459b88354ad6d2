"""Checks of corrections: the given texts are known, and half of those who corrected made each correction."""

import polars as pl

from zoo_dag.checks.finding import CheckInput, Finding
from zoo_dag.store.given_texts import PROBLEMS
from zoo_dag.wording.sentences import counted, quoted, share, verb

TABLE = "pooled_correction_consensus"
_UNIT = ("subject_ids", "parent_task", "task", "task_revision")


def given_texts_are_known(inputs: CheckInput) -> Finding:
    """Whether the text that volunteers were given is known of every subject that they corrected."""
    rows = inputs.tables[TABLE].filter(pl.col("n_answered") > 0)
    subjects = rows.group_by("subject_ids").agg(unknown=pl.col("n_changed").is_null().any()).collect()
    unknown = subjects.filter("unknown").sort("subject_ids")
    said = inputs.tables.get(PROBLEMS)
    problems = said.collect()["problem"].to_list() if said is not None and subjects.height else []
    numbers = {"subjects": subjects.height, "without a given text": unknown.height, "problems": len(problems)}
    if unknown.is_empty() and not problems:
        return Finding(f"Of {counted(subjects.height, 'subjects')} the given text is known.", numbers)
    of_all = share(unknown.height, subjects.height, "subjects")
    missing = [f"The text that volunteers corrected is not known of {of_all}."] if unknown.height else []
    return Finding(
        " ".join([*problems, *missing]),
        numbers,
        passed=False,
        advice="Their texts are aligned as if everybody had typed them, and they have no corrections. Name the "
        "field of the metadata that has it (texts.original), or a CSV (texts.original_table), or run "
        "zoo-dag fetch --texts.",
        examples=unknown.select("subject_ids").head(5),
    )


def corrections_are_of_half(inputs: CheckInput) -> Finding:
    """Whether at least half of those who changed anything made each accepted change: others are to be reviewed."""
    accepted = inputs.tables[TABLE].filter("accepted")
    order = [pl.col("fraction"), *_UNIT, "start"]
    columns = (*_UNIT, "before", "after", "votes", "n_changed")
    review = accepted.filter("to_review").sort(order).select(columns)
    total, rows = pl.collect_all([accepted.select(pl.len()), review])
    n, n_review = int(total.item()), rows.height
    numbers = {"accepted": n, "to review": n_review}
    if not n_review:
        return Finding(
            f"Of {counted(n, 'corrections')} each was made by half of those who changed anything.", numbers
        )
    first = rows.row(0, named=True)
    return Finding(
        f"{share(n_review, n, 'corrections')} {verb(n_review, 'is', 'are')} accepted that fewer than half of "
        f"those made who changed anything, such as {quoted(first['before'])} to {quoted(first['after'])} on "
        f"subject {first['subject_ids']} ({first['votes']} of {first['n_changed']}).",
        numbers,
        passed=False,
        advice=f"Habits that volunteers share, such as modern spelling, pass so: see to_review in {TABLE}.",
        examples=rows.head(5),
    )
