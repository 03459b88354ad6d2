"""What checks found that still stands: kept beside the tables, so that the next run can repeat it.

A check is evaluated when its table is written. What did not pass is a file beside that of the table; the file goes
with the table, and where all checks pass. What passed leaves no file: the limits by which it did are kept once for
all tables, so that tighter ones hold for tables that were written before.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from zoo_dag.checks.evaluation import StoredTables, evaluate
from zoo_dag.checks.finding import PASSED, Check, CheckInput, CheckResult, Finding, combine
from zoo_dag.checks.registry import CHECKS
from zoo_dag.settings.loading import Settings
from zoo_dag.store.publication import Publication
from zoo_dag.store.table_files import TableFiles
from zoo_dag.store.working_files import working
from zoo_dag.tables import TABLES, Partition, Table

_LIMITS_FILE = ".limits"
_KEPT = {"message", "advice", "is_error", "limits"}


class Standing(NamedTuple):
    """A check that did not pass, and its result over all partitions together. `keys` are those that did not."""

    check: Check
    keys: tuple[str | None, ...]
    result: CheckResult


def keep(files: TableFiles, settings: Settings, check: Check, findings: Mapping[str | None, Finding]) -> None:
    """Store the findings of a check that did not pass, by partition, and forget the earlier ones."""
    table = TABLES[check.table]
    if not (files.root / _LIMITS_FILE).exists():
        _record(files, settings)
    for key, finding in findings.items():
        path = files.findings_path(table, key)
        before = _read(path)
        others = {name: kept for name, kept in before.items() if name != check.name}
        after = others if finding.passed else {**others, check.name: _kept(finding, settings)}
        if after != before and _is_stored(files, table, key):
            _write(path, after)


def forget(together: Publication) -> None:
    """Remove what checks found in whole raw tables, which lose rows. Other tables take theirs along."""
    for table in TABLES.values():
        if table.stage == "raw":
            together.remove_findings(table)


def standing(
    files: TableFiles, settings: Settings, partitions: Mapping[Partition | None, Sequence[str | None]]
) -> Iterator[Standing]:
    """The checks that did not pass when the stored tables were written, in the order of the checks.

    `partitions` are those to look at, by kind. Where the limits in the settings are others since, all checks are
    evaluated again, and an error always: a later version of zoo_dag may have mended the check.
    """
    now, others = datetime.now(UTC), _has_other_limits(files, settings)
    for check in CHECKS:
        table = TABLES[check.table]
        keys = partitions[table.partition]
        failed: dict[str | None, Finding] = {}
        for key in _checked_keys(table, keys) if others else _keys_with_findings(files, table, keys):
            kept = _read(files.findings_path(table, key)).get(check.name)
            if (kept is None and (not others or check.needs_step)) or not _is_stored(files, table, key):
                continue
            is_of_now = kept is not None and not kept["is_error"] and kept["limits"] == _limits(settings)
            if kept is None or not (is_of_now or check.needs_step):
                inputs = CheckInput(StoredTables(files, [key], {}), settings, key, now)
                finding = evaluate(check, inputs, lambda _: None)
                if others:
                    keep(files, settings, check, {key: finding})
            else:
                finding = Finding(kept["message"], passed=False, is_error=kept["is_error"], advice=kept["advice"])
            failed |= {} if finding.passed else {key: finding}
        if failed:
            yield Standing(check, tuple(failed), _together(failed, keys))
    if others and set(files.keys(TABLES["raw_classifications"])) <= set(partitions["workflow_version"]):
        _record(files, settings)


def _checked_keys(table: Table, keys: Sequence[str | None]) -> Sequence[str | None]:
    """The partitions that a table is checked by: the raw classifications are checked as one table."""
    return [None] if table.stage == "raw" else keys


def _has_other_limits(files: TableFiles, settings: Settings) -> bool:
    """Whether the tables were checked by other limits than those in the settings."""
    try:
        return (files.root / _LIMITS_FILE).read_text(encoding="utf-8") != _limits(settings)
    except OSError:
        return False


def _record(files: TableFiles, settings: Settings) -> None:
    files.root.mkdir(parents=True, exist_ok=True)
    _replace(files.root / _LIMITS_FILE, _limits(settings).encode())


def _together(failed: Mapping[str | None, Finding], keys: Sequence[str | None]) -> CheckResult:
    """The result over all partitions; of a single one that failed its own message is enough."""
    return combine(failed if len(failed) == 1 else {key: failed.get(key, PASSED) for key in keys})


def _keys_with_findings(files: TableFiles, table: Table, keys: Sequence[str | None]) -> list[str | None]:
    names = (
        {path.name for path in (files.root / table.name).glob(".*.findings.json")} if table.partition else set()
    )
    whole: list[str | None] = [None] if files.findings_path(table).exists() else []
    return whole + [key for key in keys if key and files.findings_path(table, key).name in names]


def _is_stored(files: TableFiles, table: Table, key: str | None) -> bool:
    return bool(files.keys(table)) if table.partition and not key else files.exists(table, key)


def _kept(finding: Finding, settings: Settings) -> dict[str, Any]:
    return {
        "message": finding.message,
        "advice": finding.advice,
        "is_error": finding.is_error,
        "limits": _limits(settings),
    }


def _limits(settings: Settings) -> str:
    """What tells the limits of the checks from others."""
    return hashlib.sha256(settings.checks.model_dump_json().encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, Any]:
    # A file that is damaged is written again with its table.
    try:
        kept = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: each for name, each in kept.items() if isinstance(each, dict) and each.keys() >= _KEPT}


def _write(path: Path, kept: Mapping[str, Any]) -> None:
    if not kept:
        path.unlink(missing_ok=True)
        return
    _replace(path, orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))


def _replace(path: Path, content: bytes) -> None:
    with working(path.with_name(f".{path.stem}.{uuid.uuid4().hex}.json")) as draft:
        draft.write_bytes(content)
        os.replace(draft, path)
