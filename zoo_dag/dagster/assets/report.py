"""The report of a workflow, as an asset. No run builds it by itself: it is no table, and needs an extra.

It is written where somebody asks for it on the pages, which then serve it; `zoo-dag report` writes one anywhere.
"""

import dagster as dg

from zoo_dag.dagster.assets.declaration import OWNERS
from zoo_dag.dagster.partitions import workflow
from zoo_dag.dagster.resources import Project
from zoo_dag.report.writing import write_report

REPORT = "report"
# Under this address the pages serve the folder of the reports.
ADDRESS = "/reports"
# The tables of the last steps: where they are, those that they are built from are, too.
_INPUTS = ("subject_summary", "volunteer_activity", "task_agreement", "retirements", "deployment_rates")


@dg.asset(
    name=REPORT,
    partitions_def=workflow,
    deps=[*_INPUTS],
    group_name=REPORT,
    kinds={"html"},
    owners=OWNERS,
    description="What the tables of a workflow say, as one HTML file with charts. It is written when it is "
    "materialized here, and by no other run; `zoo-dag report` writes the same to any file. It needs the extra "
    '`report`: `pip install "zoo_dag[report]"`.',
)
def report(context: dg.AssetExecutionContext, project: Project) -> dg.MaterializeResult[None]:
    """Write the report of a workflow into the data folder."""
    folder, key = project.folder, context.partition_key
    path = folder.report(int(key))
    problems = write_report(folder, path, int(key))
    n_bytes = path.stat().st_size
    folder.save()
    for problem in problems:
        context.log.warning(problem)
    return dg.MaterializeResult(
        metadata={
            REPORT: dg.MetadataValue.md(f"[Open the report]({ADDRESS}/{path.name})"),
            "path": dg.MetadataValue.path(str(path)),
            "bytes": n_bytes,
        }
    )
