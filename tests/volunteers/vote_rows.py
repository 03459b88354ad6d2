"""Rows of the table `votes`."""

from datetime import UTC, datetime, timedelta

import polars as pl

from zoo_dag.tables import TABLES

START = datetime(2025, 3, 1, 12, tzinfo=UTC)
# Subject, volunteer, what they said; votes are a minute apart, in this order.
Vote = tuple[str, str, str]


def vote_rows(
    votes: list[Vote], *, task: str = "T0", gold: dict[str, str] | None = None, version: str = "1.1"
) -> pl.LazyFrame:
    """Votes on a question with one answer."""
    rows = [
        {
            "subject_ids": subject,
            "user_key": f"user:{who}",
            "label": said,
            "gold": (gold or {}).get(subject),
            "created_at": START + timedelta(minutes=number),
            "classification_id": number,
            "option": None,
            "of_several": False,
        }
        for number, (subject, who, said) in enumerate(votes)
    ]
    return _table(rows, task, version)


def yes_and_no(votes: list[tuple[str, str, set[str]]], *, version: str = "1.1") -> pl.LazyFrame:
    """Votes on a task with several answers, from the answers of each volunteer: ids in lower case."""
    named: dict[str, set[str]] = {}
    for subject, _, chosen in votes:
        named.setdefault(subject, set()).update(chosen)
    rows = [
        {
            "subject_ids": subject,
            "user_key": f"user:{who}",
            "label": "yes" if option in chosen else "no",
            "gold": None,
            "created_at": START + timedelta(minutes=number),
            "classification_id": number,
            "option": option,
            "option_label": option.capitalize(),
            "of_several": True,
        }
        for number, (subject, who, chosen) in enumerate(votes)
        for option in sorted(named[subject])
    ]
    return _table(rows, "T1", version)


def _table(rows: list[dict[str, object]], task: str, version: str) -> pl.LazyFrame:
    of_task = {
        "workflow_id": 11,
        "parent_task": None,
        "task": task,
        "task_revision": f"{task}@1.1",
        "task_label": "What is it?",
        "workflow_version": version,
    }
    return pl.DataFrame([{**of_task, **row} for row in rows], schema=TABLES["votes"].dtypes).lazy()
