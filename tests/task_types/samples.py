"""Classifications of one workflow version, taken through parsing and flattening in memory."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tests.builders import answer, classification_row, json_text, question, question_strings, workflow_row
from zoo_dag.consensus.seen import SEEN
from zoo_dag.consensus.units import VERSION as IN_VERSION
from zoo_dag.consensus.units import Scope
from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.ledger.accounting import ElementCounts, version_accounting
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.versions import VersionKey
from zoo_dag.task_types.aggregation import aggregate
from zoo_dag.task_types.declaration import TaskType
from zoo_dag.task_types.flatten_all import flatten
from zoo_dag.task_types.flattened_rows import QUARANTINE
from zoo_dag.task_types.questions import QUESTIONS

Row = dict[str, Any]

VERSION = VersionKey(11, 3, 10)
NO_WORKFLOWS: tuple[Row, ...] = ()
NO_ELEMENTS = ElementCounts(0, 0)
FIRST_OF_REPEATED = Settings.model_validate({"consensus": {"of_repeated_task": "first"}})

# One task of each kind that the tests of questions meet.
TASKS: dict[str, Any] = {
    "T0": question(next="T1"),
    "T1": question("T1", answers=3, kind="multiple", next="T9"),
    "T2": {
        "type": "drawing",
        "instruction": "T2.instruction",
        "tools": [{"type": "point", "label": "T2.tools.0.label", "details": []}],
    },
    "T3": {"type": "text", "instruction": "T3.instruction"},
    "T4": question("T4", kind="shortcut"),
    "T5": {"type": "survey", "choices": {"LION": {"label": "T5.choices.LION.label"}}, "choicesOrder": ["LION"]},
    "T6": {"type": "slider", "instruction": "T6.instruction", "min": "0", "max": "9"},
    "T9": {"type": "combo", "tasks": ["T0", "T1", "T4", "T3"]},
}
STRINGS: dict[str, Any] = {
    **question_strings(),
    **question_strings("T1", "Which colours?", ("Red", "Green", "Blue")),
    **question_strings("T4", "Quick exit", ("Nothing here", "Fire")),
    "T2.instruction": "Mark the nests",
    "T2.tools.0.label": "Nest",
    "T3.instruction": "Notes",
    "T5.choices.LION.label": "Lion",
    "T6.instruction": "How sure?",
}


def birds(**overrides: Any) -> Row:
    """The row of a workflows export that defines TASKS as version 3.10."""
    return workflow_row(**{"tasks": TASKS, "strings": STRINGS, **overrides})


def one_question(*labels: str | None, kind: str = "single", **overrides: Any) -> Row:
    """The row of a workflows export whose only task T0 is a question with these answers."""
    strings = question_strings("T0", "Is there a bird?", [label or "" for label in labels])
    for index, label in enumerate(labels):
        if label is None:
            del strings[f"T0.answers.{index}.label"]
    tasks = {"T0": question(answers=len(labels), kind=kind)}
    return workflow_row(**{"tasks": tasks, "strings": strings, **overrides})


@dataclass(frozen=True)
class Sample:
    """One workflow version: what went in, and every table that came out."""

    raw: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    n_elements: ElementCounts = NO_ELEMENTS

    @property
    def questions(self) -> pl.DataFrame:
        """The table `question_annotations`."""
        return self.tables["question_annotations"]

    @property
    def quarantine(self) -> pl.DataFrame:
        """The rejected elements."""
        return self.tables[QUARANTINE]

    def answers(self, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of `question_annotations`, by default `task, status, answer_index, answer`."""
        return self.questions.select(columns or ("task", "status", "answer_index", "answer")).rows()

    def elements(self) -> list[tuple[Any, ...]]:
        """`classification_id, annotation_index, task, task_type, status` of every flattened row, in order."""
        columns = ["classification_id", "annotation_index", "task", "task_type", "status"]
        return pl.concat([self.tables[name].select(columns) for name in FLATTENED]).sort(columns).rows()

    def consensus(self, settings: Settings | None = None) -> pl.DataFrame:
        """The table `question_consensus`."""
        return aggregated(QUESTIONS, self.tables, self.tables["tasks"], settings)

    def row_accounting(self) -> dict[str, Any]:
        """The accounting of the stage flattened."""
        frames = {name: table.lazy() for name, table in self.tables.items()}
        accounting = version_accounting(VERSION, self.raw.lazy(), frames, self.n_elements)
        return accounting.row(by_predicate=pl.col("stage") == "flattened", named=True)


def seen_by(annotations: Sequence[pl.LazyFrame], scope: Scope = IN_VERSION) -> pl.LazyFrame:
    """Who saw a subject: those who are in any of these flattened tables."""
    unit = ["subject_ids", "workflow_id", *(["workflow_version"] if scope is IN_VERSION else [])]
    rows = (each.filter(pl.col("excluded").is_null()).select("classification_id", *unit) for each in annotations)
    number = pl.col("classification_id").n_unique().cast(pl.Int64)
    return pl.concat(rows).group_by(unit).agg(n_seen=number)


def aggregated(
    task_type: TaskType,
    tables: Mapping[str, pl.DataFrame],
    tasks: pl.DataFrame,
    settings: Settings | None = None,
    scope: Scope = IN_VERSION,
) -> pl.DataFrame:
    """The consensus of a task type, from its flattened tables by name."""
    consensus = task_type.consensus
    assert consensus is not None
    annotations = {name: tables[name].lazy() for name in consensus.inputs if name in tables}
    annotations[SEEN] = seen_by(list(annotations.values()), scope)
    annotations |= {name: tables[name].lazy() for name in consensus.from_outside if name in tables}
    return aggregate(consensus, annotations, tasks.lazy(), scope, settings or Settings()).table.collect()


def sample(
    rows: Sequence[Row], workflows: Sequence[Row] | None = None, *, settings: Settings | None = None
) -> Sample:
    """Flatten rows of a classifications export, all of the version of the first row.

    `workflows` are rows of the workflows export: by default `birds()`, NO_WORKFLOWS for an import without one.
    """
    raw = _raw("raw_classifications", rows)
    tasks = tasks_of(rows[0]["workflow_version"] if rows else VERSION.version, workflows, settings)
    with tempfile.TemporaryDirectory() as folder:
        folders = [Path(folder, name) for name in ("parsed", "flattened")]
        for staging in folders:
            staging.mkdir()
        parsed = parse_classifications(raw.lazy(), tasks.lazy(), settings or Settings(), folders[0])
        classifications = parsed.classifications.collect()
        flat = flatten(classifications.lazy(), tasks.lazy(), folders[1])
        tables = {name: frame.collect() for name, frame in flat.tables.items()}
        tables["parsed_quarantine"] = parsed.quarantine.collect()
        elements = ElementCounts(parsed.n_elements, flat.n_merged)
    return Sample(raw, {"tasks": tasks, "classifications": classifications, **tables}, elements)


def flat(*annotations: Sequence[Any], workflows: Sequence[Row] | None = None) -> Sample:
    """Flatten annotations, each of another volunteer, all of subject 101 and version 3.10."""
    return sample(
        [classification_row(number, annotations=list(items)) for number, items in enumerate(annotations, 1)],
        workflows,
    )


def votes(*values: Any, workflows: Sequence[Row] | None = None, **cells: Any) -> Sample:
    """Answers to T0, each of another volunteer."""
    rows = [
        classification_row(number, annotations=[answer(value=value)], **cells)
        for number, value in enumerate(values, 1)
    ]
    return sample(rows, workflows)


def tasks_of(
    version: str, workflows: Sequence[Row] | None = None, settings: Settings | None = None
) -> pl.DataFrame:
    """The table `tasks` of a version of workflow 11."""
    stored, _ = parse_workflows(_raw("raw_workflows", [birds()] if workflows is None else workflows))
    major, _, minor = version.partition(".")
    key = VersionKey(VERSION.workflow_id, int(major), int(minor))
    return task_tables([key], stored, (settings or Settings()).pooling)[key]


def _raw(table: str, rows: Sequence[Row]) -> pl.DataFrame:
    cells = [
        {name: _cell(value) for name, value in row.items()} | {"source_file": "birds.csv", "source_row": number}
        for number, row in enumerate(rows, 1)
    ]
    return pl.DataFrame(cells, schema=TABLES[table].dtypes)


def _cell(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json_text(value)
    return None if value is None else str(value)
