"""What is known beside the votes, as the settings and the exports of a data folder say it.

It is an input of the posteriors by its content: with another file of gold they are stale.
"""

import functools
import hashlib
from pathlib import Path

import polars as pl

from zoo_dag.exports.content_hash import content_hash
from zoo_dag.exports.feedback import feedback_answers, feedback_rules, with_feedback
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import version_order
from zoo_dag.task_types.known_answers import AnswerFile, KnownAnswers, Workflow, known_answers
from zoo_dag.task_types.posteriors import WEIGHED
from zoo_dag.volunteers.answer_files import read_gold, read_predictions, require_predictions

_DEFINITIONS = "workflow_versions"
_SHOWN = TABLES["shown_subjects"]


def require_answer_files(folder: DataFolder) -> None:
    """Raise SettingsError where the file of gold has a problem that shows without tables, or one is missing."""
    gold, predictions = _paths(folder)
    if gold:
        read_gold(gold)
    if predictions:
        require_predictions(predictions)


def known_inputs(folder: DataFolder, workflow_id: int) -> dict[str, str]:
    """Hashes of what is known about the subjects of a workflow, by name; only of what there is."""
    gold, predictions = _paths(folder)
    named = {"gold": gold, "predictions": predictions}
    inputs = {name: _hash(path, *_state(path)) for name, path in named.items() if path}
    files = folder.tables
    rules = _rules(files, files.data_version(TABLES[_DEFINITIONS]), workflow_id)
    if not rules.height:
        return inputs
    shown = {key: files.data_version(_SHOWN, key) for key in files.select_keys(_SHOWN, workflow_id, None)}
    return {**inputs, "feedback rules": str(rules.rows()), "feedback": _stated(files, tuple(shown.items()))}


def known_of(
    folder: DataFolder, workflow_id: int, tasks: pl.LazyFrame, shown_subjects: pl.LazyFrame, subjects: pl.DataFrame
) -> KnownAnswers:
    """What is known about the subjects of a workflow, from the stored tables of its pooled consensus.

    `tasks` and `shown_subjects` are those of all its versions, `subjects` the `subject_ids` of what was shown.
    Raises SettingsError.
    """
    files, key = folder.tables, str(workflow_id)
    gold, predictions = _paths(folder)
    rules = _rules(files, files.data_version(TABLES[_DEFINITIONS]), workflow_id)
    feedback = feedback_answers(shown_subjects, rules, _labels(tasks) if rules.height else {})
    if not (gold or predictions or feedback.height):
        return KnownAnswers({}, {}, {})
    pooled = {
        each.pooled_table: files.scan(TABLES[each.pooled_table], key)
        for each, own in WEIGHED.values()
        if own.naming
    }
    workflow = Workflow(workflow_id, pooled, tasks, subjects, _tasks_elsewhere(files, workflow_id))
    return known_answers(
        WEIGHED,
        workflow,
        AnswerFile(gold, read_gold(gold)) if gold else None,
        AnswerFile(predictions, _predictions(predictions, *_state(predictions))) if predictions else None,
        feedback,
    )


def _paths(folder: DataFolder) -> tuple[Path | None, Path | None]:
    settings = folder.settings.volunteers
    gold, predictions = (folder.root / name if name else None for name in (settings.gold, settings.predictions))
    return gold, predictions


def _state(path: Path) -> tuple[int, ...]:
    """What changes with a file; nothing where there is none."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


# The search for stale tables asks often.
@functools.lru_cache(maxsize=8)
def _hash(path: Path, *_state: int) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError:
        # Whoever reads it says so.
        return "unreadable"


# All workflows of a run read the same file.
@functools.lru_cache(maxsize=1)
def _predictions(path: Path, *_state: int) -> pl.DataFrame:
    return read_predictions(path)


@functools.lru_cache(maxsize=100)
def _stated(files: TableFiles, versions: tuple[tuple[str, str], ...]) -> str:
    """A hash of what the metadata of the shown subjects of some versions say of feedback."""
    current = [key for key, _ in versions if files.is_current(_SHOWN, key)]
    return content_hash(with_feedback(files.scan_all(_SHOWN, current)).select("subject_id", "metadata"))[0]


@functools.lru_cache(maxsize=100)
def _rules(files: TableFiles, _version: str, workflow_id: int) -> pl.DataFrame:
    table = TABLES[_DEFINITIONS]
    rows = files.scan(table) if files.is_current(table) else table.empty().lazy()
    return feedback_rules(rows, workflow_id)


def _labels(tasks: pl.LazyFrame) -> dict[tuple[str, int], str]:
    """The label of each answer in the newest version that has it, by task and position."""
    answers = tasks.filter(option_kind="answer").sort(version_order(), maintain_order=True)
    rows = answers.select("task", "option_index", "option_label").drop_nulls().collect()
    return {(task, position): label for task, position, label in rows.iter_rows()}


def _tasks_elsewhere(files: TableFiles, workflow_id: int) -> frozenset[str] | None:
    """The keys and revisions of the tasks of the other workflows; None where a version has no definition."""
    table = TABLES["tasks"]
    keys = [key for key in files.keys(table) if not key.startswith(f"{workflow_id}-")]
    names = files.scan_all(table, keys).select("task", "task_revision").unique().collect()
    if names["task"].null_count():
        return None
    return frozenset([*names["task"], *names["task_revision"]])
