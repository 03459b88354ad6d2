"""Takes a generated export through the first stages of zoo_dag, to where a single stage can be measured."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from kinds import VERSIONS
from people import WORKFLOW_ID

from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.settings.loading import Settings
from zoo_dag.tables.layouts import WORKFLOWS
from zoo_dag.tables.versions import VersionKey

KEYS = tuple(VersionKey(WORKFLOW_ID, major, minor) for major, minor in VERSIONS)


@dataclass(frozen=True)
class ParsedVersion:
    """The parsed tables of one workflow version."""

    classifications: pl.LazyFrame
    tasks: pl.LazyFrame


def version_tasks(workflows: Path) -> dict[VersionKey, pl.DataFrame]:
    """The table `tasks` of each version."""
    known, _ = parse_workflows(WORKFLOWS.complete(_raw(workflows)).collect())
    return task_tables(list(KEYS), known)


def parsed_versions(export: Path, workflows: Path, folder: Path) -> list[ParsedVersion]:
    """The parsed tables of all versions; classifications are read from Parquet files in `folder`."""
    found = []
    for key, tasks in version_tasks(workflows).items():
        stored = folder / f"{export.stem}-{key.version}.parquet"
        with tempfile.TemporaryDirectory(dir=folder) as staging:
            raw = _raw(export).filter(workflow_version=key.version)
            parsed = parse_classifications(raw, tasks.lazy(), Settings(), Path(staging))
            parsed.classifications.sink_parquet(stored)
        found.append(ParsedVersion(pl.scan_parquet(stored), tasks.lazy()))
    return found


def _raw(path: Path) -> pl.LazyFrame:
    frame = pl.scan_csv(path, infer_schema=False, row_index_name="source_row", row_index_offset=1)
    return frame.with_columns(pl.col("source_row").cast(pl.Int64), source_file=pl.lit(path.name))
