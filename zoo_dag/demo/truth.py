"""What is true about the demo, for the comparison with what the pipeline finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from zoo_dag.demo.classification import AnyClassification, blanks, by_reason, by_version
from zoo_dag.demo.project import ANIMALS, BEHAVIOURS, LIGHTS, Subject
from zoo_dag.demo.sheets.truth import SheetTruth
from zoo_dag.demo.workflow import Workflow


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What is true about the first workflow of the demo, and, as `sheets`, about the second.

    Subjects are named by their id, answers by their newest label.
    """

    workflow_id: int
    versions: tuple[str, ...]
    animal: dict[int, str]
    """The right answer of T0, for every subject."""
    behaviours: dict[int, frozenset[str]]
    """The right answers of T1, for every subject; empty where there is no animal."""
    light: dict[int, str]
    """The right answer of T4, for every subject; version 4.11 does not ask it."""
    classifications: int
    classifications_by_version: dict[str, int]
    excluded: dict[str, int]
    """Classifications that do not count, by reason."""
    blanks: dict[str, int]
    """Answers left blank, by task, in all classifications; the child of a combo is named by its own key."""
    sheets: SheetTruth


def demo_truth(
    workflow: Workflow, subjects: Sequence[Subject], happened: Sequence[AnyClassification], sheets: SheetTruth
) -> DemoTruth:
    """The truth of both workflows."""
    return DemoTruth(
        workflow_id=workflow.workflow_id,
        versions=tuple(version.name for version in workflow.versions),
        animal={subject.subject_id: ANIMALS[subject.animal] for subject in subjects},
        behaviours={
            subject.subject_id: frozenset(BEHAVIOURS[index] for index in subject.behaviours)
            for subject in subjects
        },
        light={subject.subject_id: LIGHTS[subject.light] for subject in subjects},
        classifications=len(happened),
        classifications_by_version=by_version(happened),
        excluded=by_reason(happened),
        blanks=blanks(happened),
        sheets=sheets,
    )
