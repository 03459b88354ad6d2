"""Revisions of tasks without a definition of their own: from what the server wrote into the rows.

Without a workflows export, and in versions that it lacks, the rows show the type and text of a task and the labels
of its options. A task goes on with the revision of the version before while these agree (docs/consensus.md, Task
revisions).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import polars as pl

from zoo_dag.exports.question_texts import ASKING, asks_the_same
from zoo_dag.exports.revisions import normalised
from zoo_dag.settings.results import Pooling
from zoo_dag.tables.versions import version_order

Part = Literal["index", "id", "label"]
_SCHEMA = {"workflow_version": pl.String(), "task": pl.String(), "learned": pl.String()}


@dataclass(frozen=True)
class OptionColumns:
    """The columns of a flattened table that name an option of a task.

    `kind` is the `option_kind` of `tasks`. `key` is the column that identifies the option, by its part `key_part`.
    `columns` hold parts of it, which pooling replaces by those of the newest version.
    """

    kind: str
    key: str
    key_part: Part
    columns: Mapping[Part, str]

    @property
    def by_label(self) -> "OptionColumns":
        """The same option, identified by its label."""
        return OptionColumns(self.kind, self.columns["label"], "label", self.columns)

    @property
    def position(self) -> pl.Expr:
        """The position of the option, where it is what identifies it."""
        return pl.col(self.key) if self.key_part == "index" else pl.lit(None, pl.Int32)


def with_revisions(
    rows: pl.LazyFrame, options: Iterable[OptionColumns], tasks: pl.LazyFrame, overruled: Pooling
) -> pl.LazyFrame:
    """The rows of a flattened table, those without a `task_revision` with the learned one.

    Takes what `learned_revisions` takes.
    """
    learned = learned_revisions(rows, options, tasks, overruled)
    if learned.is_empty():
        return rows
    filled = pl.coalesce("task_revision", "learned").alias("task_revision")
    return (
        rows.join(learned.lazy(), on=["workflow_version", "task"], how="left", maintain_order="left")
        .with_columns(filled)
        .drop("learned")
    )


def learned_revisions(
    rows: pl.LazyFrame, options: Iterable[OptionColumns], tasks: pl.LazyFrame, overruled: Pooling
) -> pl.DataFrame:
    """The revisions of the tasks whose rows have none: `workflow_version, task, learned`, all text.

    Takes a flattened table of all versions of a workflow, its columns that name options, and `tasks`. The settings
    overrule what the rows say.
    """
    undefined = _seen(rows, options)
    names = []
    current: dict[str, tuple[str, _Known]] = {}
    for step in sorted([*_defined(tasks, undefined), *undefined], key=lambda step: (step.order, step.task)):
        before = current.get(step.task)
        if step.revision or before is None or not _is_continued(step, before[1], overruled):
            current[step.task] = (step.revision or f"{step.task}@{step.version}", step.known)
        else:
            current[step.task] = (before[0], before[1].and_then(step.known))
        if not step.revision:
            names.append((step.version, step.task, current[step.task][0]))
    return pl.DataFrame(names, schema=_SCHEMA, orient="row")


class _Known(NamedTuple):
    """What is known of a task: its type, its text, and labels of options by kind and position.

    The labels are all that the task has where it is `defined`; else those that somebody chose.
    """

    task_type: str | None
    text: str | None
    labels: Mapping[tuple[str, int | None], frozenset[str]]
    defined: bool = False

    def and_then(self, later: "_Known") -> "_Known":
        """The same task, known from one more version."""
        places = self.labels.keys() if self.defined else {**self.labels, **later.labels}.keys()
        none: frozenset[str] = frozenset()
        labels = {place: self.labels.get(place, none) | later.labels.get(place, none) for place in places}
        return _Known(self.task_type, later.text or self.text, labels, self.defined)

    def of_kind(self, kind: str) -> frozenset[str]:
        """The labels of one kind of option at any position."""
        return frozenset(label for (each, _), labels in self.labels.items() if each == kind for label in labels)


class _Step(NamedTuple):
    """A task in a version, with the revision that its definition gives it, if any."""

    order: int
    workflow_id: int
    version: str
    task: str
    known: _Known
    revision: str | None = None


def _is_continued(step: _Step, before: _Known, overruled: Pooling) -> bool:
    place = f"{step.workflow_id} {step.task}@{step.version}"
    return place not in overruled.new and (place in overruled.same or _goes_on(before, step.known))


def _goes_on(before: _Known, after: _Known) -> bool:
    """Whether a task may be the same as before, as far as the rows show it."""
    if before.task_type != after.task_type:
        return False
    # Where no label of an option is known, the text is all there is.
    text_counts = after.task_type in ASKING or not (before.labels or after.labels)
    if text_counts and not asks_the_same(before.text, after.text):
        return False
    if before.defined:
        kinds = {kind for kind, _ in after.labels}
        return all(not before.of_kind(kind) or after.of_kind(kind) <= before.of_kind(kind) for kind in kinds)
    # Rows show only what was chosen, so two versions may show other options of one task; not so at one position.
    placed = [place for place in before.labels.keys() & after.labels.keys() if place[1] is not None]
    return all(before.labels[place] & after.labels[place] for place in placed)


def _seen(rows: pl.LazyFrame, options: Iterable[OptionColumns]) -> list[_Step]:
    """The tasks that rows without a revision have."""
    by = ["workflow_id", "workflow_version", "task"]
    undefined = rows.filter(pl.col("task_revision").is_null())
    tasks = undefined.group_by(by).agg(
        pl.col("task_type").drop_nulls().mode().sort().first(),
        pl.col("task_label").drop_nulls().sort().last(),
        order=version_order().first(),
    )
    answered = undefined.filter(pl.col("status") == "answered")
    labelled = [
        answered.select(*by, kind=pl.lit(each.kind), position=each.position, label=pl.col(each.columns["label"]))
        .drop_nulls("label")
        .unique()
        for each in options
    ]
    labels: dict[tuple[Any, ...], list[tuple[str, int | None, str]]] = {}
    for *place, kind, position, label in pl.concat(labelled).collect().iter_rows() if labelled else ():
        labels.setdefault(tuple(place), []).append((kind, position, label))
    steps = []
    for workflow_id, version, task, task_type, text, order in tasks.collect().iter_rows():
        known = _Known(task_type, text, _labels(labels.get((workflow_id, version, task), ())))
        steps.append(_Step(order, workflow_id, version, task, known))
    return steps


def _defined(tasks: pl.LazyFrame, undefined: Iterable[_Step]) -> list[_Step]:
    """The same tasks in the versions that define them, those of which the rows disagree left out."""
    without = {(step.version, step.task) for step in undefined}
    if not without:
        return []
    rows = tasks.filter(pl.col("task").is_in(sorted({task for _, task in without})))
    steps = []
    for (workflow_id, version, task), part in rows.collect().group_by("workflow_id", "workflow_version", "task"):
        if (version, task) in without:
            continue
        options = part.select("option_kind", pl.lit(None, pl.Int32), "option_label").drop_nulls("option_label")
        head = part.row(0, named=True)
        known = _Known(head["task_type"], head["task_label"], _labels(options.iter_rows()), defined=True)
        order = part.select(version_order().first()).item()
        steps.append(_Step(order, int(str(workflow_id)), str(version), str(task), known, head["task_revision"]))
    return steps


def _labels(options: Iterable[tuple[Any, ...]]) -> dict[tuple[str, int | None], frozenset[str]]:
    labels: dict[tuple[str, int | None], set[str]] = {}
    for kind, position, label in options:
        labels.setdefault((kind, position), set()).add(normalised(label) or label)
    return {place: frozenset(found) for place, found in labels.items()}
