"""The consensus group: what volunteers together say about a subject, for one workflow version."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from zoo_dag.assets.declaration import outs
from zoo_dag.consensus import questions
from zoo_dag.partitions import workflow_version
from zoo_dag.storage import Frames, Project, outputs


@dg.multi_asset(
    name="agree_on_questions",
    outs=outs("question_consensus"),
    ins={"question_annotations": dg.AssetIn(), "tasks": dg.AssetIn()},
    # Only from tables that add up: the check of the books stops what comes after it.
    deps=["version_accounting"],
    partitions_def=workflow_version,
)
def question_consensus(
    context: dg.AssetExecutionContext, project: Project, question_annotations: Frames, tasks: Frames
) -> Iterator[Any]:
    """Count the votes of each subject and task, with intervals and agreement."""
    which = project.folder.settings.questions.of_repeated_task
    frames = {
        key: questions.question_consensus(frame, tasks[key], of_repeated_task=which)
        for key, frame in question_annotations.items()
    }
    yield from outputs(context, project, "question_consensus", frames)
