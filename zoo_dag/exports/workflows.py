"""Raw workflows to the typed table, and the search for the definition of a version."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from zoo_dag.exports.cells import integer, json_object, missing_to_null, truth
from zoo_dag.exports.problems import WHOLE_NUMBER, explained, first_problem, read_cells, required, unread
from zoo_dag.exports.quarantine import parsing_quarantine
from zoo_dag.tables import TABLES
from zoo_dag.tables.layouts import WORKFLOWS
from zoo_dag.tables.versions import VersionKey

Match = Literal["exact", "fallback", "none"]

_TABLE = TABLES["workflow_versions"]
_NUMBERS = (
    "workflow_id",
    "version_major",
    "version_minor",
    "classifications_count",
    "tutorial_subject_id",
    "retired_set_member_subjects_count",
)
_KEY = ("workflow_id", "version_major", "version_minor")
_JSON_OBJECTS = ("tasks", "strings", "retirement", "aggregation")


def parse_workflows(raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Type the rows of `raw_workflows` (all text); a row is in `workflow_versions`, or in the quarantine.

    Returns both, with the columns of `zoo_dag.tables`. Where a version has several rows, the last one is kept.
    Workflows exports are small (one row for each edit), so this is not batched.
    """
    raw = WORKFLOWS.only(raw.lazy()).collect()
    text = raw.rename({"version": "version_major", "minor_version": "version_minor"}).with_columns(
        missing_to_null(name) for name in _NUMBERS
    )
    json_problems = {name: read_cells(text[name], json_object)[1] for name in _JSON_OBJECTS}
    rules, _ = read_cells(text["retirement"], retirement_rule)
    criteria, counts = zip(*(rule or (None, None) for rule in rules), strict=True) if rules else ((), ())
    version = pl.format("{}.{}", "version_major", "version_minor")
    typed = text.with_columns(
        *(integer(pl.col(name)) for name in _NUMBERS),
        *(truth(pl.col(name)).alias(name) for name in ("active", "pairwise", "grouped", "prioritized")),
        pl.Series("retirement_criteria", criteria, pl.String),
        pl.Series("retirement_count", counts, pl.Int64),
    ).with_columns(workflow_version=pl.coalesce(version, pl.col("version_major").cast(pl.String)))
    checks = (
        *(required(name, WHOLE_NUMBER) for name in _KEY[:2]),
        *(unread(name, pl.lit(text[name]), f"{WHOLE_NUMBER} or nothing") for name in _NUMBERS),
        *(explained(name, pl.lit(problem)) for name, problem in json_problems.items()),
    )
    problem = typed.select(problem=first_problem(checks))["problem"]
    rejected = text.with_columns(problem).filter(problem.is_not_null())
    valid = _TABLE.conform(typed.filter(problem.is_null()).lazy()).collect()
    return (
        valid.unique(_KEY, keep="last", maintain_order=True).sort(_KEY, nulls_last=True),
        parsing_quarantine(rejected.lazy(), "workflows", [*_NUMBERS, *_JSON_OBJECTS]).collect(),
    )


def retirement_rule(cell: str | None) -> tuple[str | None, int | None]:
    """Criteria and count of a retirement cell; null where it has none."""
    rule = json_object(cell)
    options = rule.get("options")
    count = options.get("count") if isinstance(options, dict) else None
    criteria = rule.get("criteria")
    whole = re.fullmatch(r"\s*([0-9]{1,18})(?:\.[0-9]+)?\s*", "" if isinstance(count, bool) else str(count))
    return criteria if isinstance(criteria, str) else None, int(whole[1]) if whole else None


@dataclass(frozen=True)
class Definition:
    """The definition of a workflow at the version that labelled a classification, and how it was matched."""

    match: Match
    version: VersionKey | None = None
    tasks: dict[str, Any] | None = None
    strings: dict[str, Any] | None = None
    first_task: str | None = None
    tutorial_subject_id: int | None = None


def find_version(wanted: VersionKey, stored: Sequence[VersionKey]) -> tuple[Match, VersionKey | None]:
    """The stored version whose labels the server used, as it searches (docs/exports.md, Finding the definition).

    The version itself; else the first with at least its major and at least its minor; else the highest.
    """
    known = sorted(version for version in stored if version.workflow_id == wanted.workflow_id)
    if not known:
        return "none", None
    if wanted in known:
        return "exact", wanted
    later = [version for version in known if version.major >= wanted.major and version.minor >= wanted.minor]
    return "fallback", later[0] if later else known[-1]


def find_definition(wanted: VersionKey, workflow_versions: pl.DataFrame) -> Definition:
    """The definition for classifications of a version, from `workflow_versions`.

    A row without a minor version (exports from before 2019) serves its major version, as a fallback.
    """
    rows = workflow_versions.filter(workflow_id=wanted.workflow_id).sort("version_major", "version_minor")
    majors_only = rows.filter(pl.col("version_minor").is_null() & (pl.col("version_major") == wanted.major))
    stored = [
        VersionKey(wanted.workflow_id, major, minor)
        for major, minor in rows.select("version_major", "version_minor").iter_rows()
        if minor is not None
    ]
    match, version = find_version(wanted, stored)
    if match != "exact" and majors_only.height:
        match, version = "fallback", None
        row = majors_only.row(-1, named=True)
    elif version is None:
        return Definition("none")
    else:
        row = rows.row(
            by_predicate=(pl.col("version_major") == version.major) & (pl.col("version_minor") == version.minor),
            named=True,
        )
    return Definition(
        match,
        version,
        json_object(row["tasks"]),
        json_object(row["strings"]),
        row["first_task"],
        row["tutorial_subject_id"],
    )
