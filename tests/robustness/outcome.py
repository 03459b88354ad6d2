"""What reading an export gave: its sums, and what became of each classification."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import polars as pl

from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.files import identify
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import RawTables
from zoo_dag.exports.subjects import parse_subjects
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import FLATTENED, TABLES
from zoo_dag.tables.versions import parse_key
from zoo_dag.task_types.flatten_all import flatten
from zoo_dag.task_types.flattened_rows import QUARANTINE


@dataclass
class Outcome:
    """What reading gave.

    `problems` are sums that do not match. `rows` has, by classification, a hash of its typed row and of all its
    flattened rows. `quarantined` are the reasons, with how often each was given.
    """

    problems: list[str] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)
    quarantined: Counter[str] = field(default_factory=Counter)


def read_export(paths: Sequence[Path], staging: Path) -> Outcome:
    """Import, type and flatten exports, as `zoo-dag check` does. Raises ExportError where one is refused."""
    outcome = Outcome()
    records = [TABLES[name].empty() for name in ("raw_quarantine", "imports", "forgotten")]
    imported = import_exports([*map(identify, paths)], RawTables({}, None, None, {}, *records), staging)
    assert imported.imports is not None
    assert imported.quarantine is not None
    read, rejected = imported.imports.select(pl.col("n_rows", "n_quarantined").sum()).row(0)
    _compare(outcome, "quarantined rows", rejected, imported.quarantine.height)
    n_read = rejected + sum(version.reads.n_read for version in imported.classifications.values())
    n_read += sum(imported.reads[kind].n_read for kind in ("subjects", "workflows") if kind in imported.reads)
    _compare(outcome, "rows read", read, n_read)
    outcome.quarantined.update(imported.quarantine["reason"])
    versions = TABLES["workflow_versions"].empty()
    if imported.workflows is not None:
        versions, bad = parse_workflows(imported.workflows.collect())
        _compare(outcome, "workflows", imported.workflows.collect().height, versions.height + bad.height)
        outcome.quarantined.update(bad["reason"])
    if imported.subjects is not None:
        typed, bad_subjects = parse_subjects(imported.subjects, staging / "subjects")
        typed.collect()
        outcome.quarantined.update(bad_subjects.collect()["reason"])
    tasks = task_tables([parse_key(key) for key in imported.classifications], versions)
    for key, version in imported.classifications.items():
        _compare(outcome, f"merged {key}", version.n_rows, version.reads.n_read - version.reads.n_merged)
        _read_version(outcome, key, version.frame, tasks[parse_key(key)].lazy(), staging)
    return outcome


def _read_version(outcome: Outcome, key: str, raw: pl.LazyFrame, tasks: pl.LazyFrame, staging: Path) -> None:
    (staging / key).mkdir()
    parsed = parse_classifications(raw, tasks, Settings(), staging / key)
    typed, bad = parsed.classifications.collect(), parsed.quarantine.collect()
    _compare(outcome, f"typed {key}", raw.collect().height, typed.height + bad.height)
    flattened = flatten(typed.lazy(), tasks, staging / key / "flattened")
    tables = {name: frame.collect() for name, frame in flattened.tables.items()}
    elements = [tables[name].select("classification_id", "annotation_index").unique() for name in FLATTENED]
    kept = pl.concat(elements).unique().height
    held = tables[QUARANTINE].height
    _compare(outcome, f"elements {key}", parsed.n_elements, kept + held + flattened.n_merged)
    outcome.quarantined.update(bad["reason"])
    outcome.quarantined.update(tables[QUARANTINE]["reason"])
    _add_rows(outcome, [typed, *(tables[name] for name in FLATTENED)])


def _add_rows(outcome: Outcome, tables: list[pl.DataFrame]) -> None:
    # Other rows decide which classification repeats another one.
    texts: dict[int, list[str]] = {}
    for table in tables:
        for row in table.drop("excluded", "source_file", "source_row", strict=False).to_dicts():
            text = orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS).decode()
            texts.setdefault(row["classification_id"], []).append(text)
    for identifier, lines in texts.items():
        outcome.rows[identifier] = hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _compare(outcome: Outcome, what: str, expected: int, found: int) -> None:
    if expected != found:
        outcome.problems.append(f"{what}: {expected} in, {found} out")
