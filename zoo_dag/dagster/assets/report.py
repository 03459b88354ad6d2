"""The report of a workflow, as an asset. No run builds it by itself: it is no table, and needs an extra.

It is written where somebody asks for it on the pages, which then serve it; `zoo-dag report` writes one anywhere.
"""

from typing import Any

import dagster as dg

from zoo_dag.dagster.assets.declaration import OWNERS
from zoo_dag.dagster.names import ALONE
from zoo_dag.dagster.partitions import definition
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.resources import resource_key
from zoo_dag.report.writing import write_report

REPORT = "report"
# Under this address the pages serve the folder of the reports.
ADDRESS = "/reports"
# The tables of the last steps: where they are, those that they are built from are, too.
_INPUTS = ("subject_summary", "volunteer_activity", "task_agreement", "retirements", "deployment_rates")

_DESCRIPTION = (
    "What the tables of a workflow say, as one HTML file with charts. It is written when it is "
    "materialized here, and by no other run; `zoo-dag report` writes the same to any file. It needs the extra "
    '`report`: `pip install "zoo_dag[report]"`.'
)


def report_asset(project: Project) -> dg.AssetsDefinition:
    """The report as an asset of a project."""
    names = project.names
    decorate = dg.asset(
        key=names.asset(REPORT),
        partitions_def=definition(names, "workflow"),
        deps=[names.asset(name) for name in _INPUTS],
        group_name=names.of(REPORT),
        kinds={"html"},
        owners=OWNERS,
        tags=names.tags,
        description=_DESCRIPTION,
        required_resource_keys={resource_key(names)},
    )
    return decorate(project.given_to(report))


def report(context: dg.AssetExecutionContext, project: Project) -> dg.MaterializeResult[None]:
    """Write the report of a workflow into the data folder."""
    folder, key = project.folder, context.partition_key
    path = folder.report(int(key))
    problems = write_report(folder, path, int(key))
    n_bytes = path.stat().st_size
    folder.save()
    for problem in problems:
        context.log.warning(problem)
    metadata: dict[str, Any] = {"bytes": n_bytes}
    if folder.copy is None:
        metadata = {"path": dg.MetadataValue.path(str(path)), **metadata}
    if project.names == ALONE:
        # Only our own pages serve the folder of the reports.
        metadata = {REPORT: dg.MetadataValue.md(f"[Open the report]({ADDRESS}/{path.name})"), **metadata}
    return dg.MaterializeResult(metadata=metadata)
