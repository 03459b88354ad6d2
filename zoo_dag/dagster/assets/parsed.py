"""The parsed group: typed columns, and the definitions of tasks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.assets.declaration import outs
from zoo_dag.dagster.data_versions import tasks_version
from zoo_dag.dagster.io_manager import Frames, Project, Stored, outputs
from zoo_dag.dagster.partitions import workflow_version
from zoo_dag.exports.classifications import parse_classifications
from zoo_dag.exports.subjects import metadata_fields, parse_subjects
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.store.table_files import DATA_VERSION, N_ELEMENTS
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key


@dg.multi_asset(
    name="parse_subjects",
    outs=outs("subjects"),
    ins={"raw_subjects": dg.AssetIn()},
    check_specs=checking.specs("subjects"),
)
def subjects(context: dg.AssetExecutionContext, project: Project, raw_subjects: pl.LazyFrame) -> Iterator[Any]:
    """Type the subjects export."""
    with project.folder.staging() as staging:
        typed, _ = parse_subjects(raw_subjects, staging)
        fields = ", ".join(metadata_fields(typed))
        yield dg.Output(typed, output_name="subjects", metadata={"metadata fields": fields or "none"})
    yield from checking.results(context, project, ["subjects"])


@dg.multi_asset(
    name="parse_workflows",
    outs=outs("workflow_versions"),
    ins={"raw_workflows": dg.AssetIn()},
    check_specs=checking.specs("workflow_versions"),
)
def workflow_versions(
    context: dg.AssetExecutionContext, project: Project, raw_workflows: pl.LazyFrame
) -> Iterator[Any]:
    """Type the workflows export."""
    typed, _ = parse_workflows(raw_workflows.collect())
    yield dg.Output(typed, output_name="workflow_versions")
    yield from checking.results(context, project, ["workflow_versions"])


@dg.multi_asset(
    name="define_tasks",
    outs=outs("tasks"),
    ins={"workflow_versions": dg.AssetIn()},
    partitions_def=workflow_version,
    check_specs=checking.specs("tasks"),
)
def tasks(context: dg.AssetExecutionContext, project: Project, workflow_versions: pl.LazyFrame) -> Iterator[Any]:
    """Find the definition of each workflow version, as the server searches for it, and list its tasks."""
    keys = {key: parse_key(key) for key in context.partition_keys}
    known = workflow_versions.collect()
    tables = task_tables(list(keys.values()), known, project.folder.settings.pooling)
    code_version = context.assets_def.specs_by_key[dg.AssetKey("tasks")].code_version
    frames = {
        key: Stored(tables[version].lazy(), {DATA_VERSION: tasks_version(tables[version], code_version)})
        for key, version in keys.items()
    }
    yield from outputs(context, project, "tasks", frames)
    yield from checking.results(context, project, ["tasks"])


@dg.multi_asset(
    name="parse_classifications",
    outs=outs("classifications", "parsed_quarantine"),
    ins={"tasks": dg.AssetIn()},
    deps=["raw_versions"],
    partitions_def=workflow_version,
    check_specs=checking.specs("classifications", "parsed_quarantine"),
)
def classifications(context: dg.AssetExecutionContext, project: Project, tasks: Frames) -> Iterator[Any]:
    """Type the rows of a workflow version, and decide which are left out of consensus."""
    folder = project.folder
    raw = TABLES["raw_classifications"]
    with folder.staging() as staging:
        parsed = {}
        for key in context.partition_keys:
            (staging / key).mkdir()
            frame = folder.tables.scan(raw, key)
            parsed[key] = parse_classifications(frame, tasks[key], folder.settings, staging / key)
        typed = {
            key: Stored(each.classifications, {N_ELEMENTS: str(each.n_elements)}) for key, each in parsed.items()
        }
        yield from outputs(context, project, "classifications", typed)
        yield from outputs(
            context, project, "parsed_quarantine", {key: each.quarantine for key, each in parsed.items()}
        )
    yield from checking.results(context, project, ["classifications", "parsed_quarantine"])
