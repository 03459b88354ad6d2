"""Right answers of subjects with training feedback (docs/exports.md, Subjects).

A task of a workflow has rules, each with an id and a strategy. The metadata of a subject name a rule by its id
(`#feedback_1_id`), and say what is right (`#feedback_1_answer`, `#feedback_1_choiceIds`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from zoo_dag.tables.versions import version_order

_PREFIX = "#feedback"
# How the answer is named: by its position, or by ids between commas.
_BY_POSITION = "singleAnswerQuestion"
_BY_IDS = ("survey", "surveySimple")
RULES = pl.Schema({"task": pl.String(), "rule": pl.String(), "strategy": pl.String()})
ANSWERS = pl.Schema(
    {
        "line": pl.Int64(),
        "subject_ids": pl.String(),
        "workflow_id": pl.Int64(),
        "task": pl.String(),
        "answer": pl.String(),
    }
)


def feedback_rules(workflow_versions: pl.LazyFrame, workflow_id: int) -> pl.DataFrame:
    """The rules of a workflow whose answers can be known, as RULES: as they are in the newest version."""
    rows = workflow_versions.filter(workflow_id=workflow_id).filter(pl.col("tasks").str.contains('"feedback"'))
    newest_first = rows.sort("version_major", "version_minor", descending=True, nulls_last=True)
    rules: dict[tuple[str, str], str] = {}
    for cell in newest_first.select("tasks").collect()["tasks"]:
        for task, rule, strategy in _rules(cell):
            rules.setdefault((task, rule), strategy)
    known = [(*key, strategy) for key, strategy in sorted(rules.items()) if strategy in (_BY_POSITION, *_BY_IDS)]
    return pl.DataFrame(known, schema=RULES, orient="row")


def _rules(cell: str) -> Iterator[tuple[str, str, str]]:
    for key, task in _object(cell).items():
        feedback = task.get("feedback") if isinstance(task, dict) else None
        rules = feedback.get("rules") if isinstance(feedback, dict) else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, dict) and rule.get("id") is not None:
                yield key, str(rule["id"]), str(rule.get("strategy"))


def feedback_answers(
    shown_subjects: pl.LazyFrame, rules: pl.DataFrame, labels: Mapping[tuple[str, int], str]
) -> pl.DataFrame:
    """What the metadata of subjects say is right, as ANSWERS: a row for each rule that applies to a subject.

    Takes `shown_subjects` of all versions, the `feedback_rules`, and the label of each answer by task and
    position. `line` numbers the rows, and `workflow_id` is null.
    """
    rows: list[tuple[int, str, None, str, str]] = []
    if rules.height:
        stated = with_feedback(shown_subjects).sort(version_order(), "subject_id")
        newest = stated.unique("subject_id", keep="last", maintain_order=True)
        for subject_id, metadata in (
            newest.sort("subject_id").select("subject_id", "metadata").collect().iter_rows()
        ):
            for task, answer in _answers(metadata, rules.rows(), labels):
                rows.append((len(rows) + 1, str(subject_id), None, task, answer))
    return pl.DataFrame(rows, schema=ANSWERS, orient="row")


def with_feedback(shown_subjects: pl.LazyFrame) -> pl.LazyFrame:
    """The subjects whose metadata have any field of feedback."""
    return shown_subjects.filter(pl.col("metadata").str.contains(f'"{_PREFIX}_', literal=True))


def _answers(
    metadata: str, rules: Sequence[tuple[Any, ...]], labels: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, str]]:
    own: dict[str, dict[str, str]] = {}
    for name, value in _object(metadata).items():
        prefix, *rest = name.strip().split("_", 2)
        if prefix == _PREFIX and len(rest) > 1 and value not in ("", None):
            own.setdefault(rest[0], {})[rest[1]] = str(value).strip()
    by_id = {each["id"]: each for each in own.values() if "id" in each}
    for task, rule, strategy in rules:
        stated = by_id.get(rule)
        if stated is None:
            continue
        if strategy in _BY_IDS:
            yield task, "; ".join(part.strip() for part in stated.get("choiceIds", "").split(","))
            continue
        position = stated.get("answer", "")
        label = labels.get((task, int(position))) if position.isdecimal() and len(position) < 10 else None
        if label is not None:
            yield task, label


def _object(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
