"""The camera project: its workflow, its subjects and its classifications."""

from collections.abc import Sequence
from random import Random

from benchmarks.demo.cameras.classifying import Named, classify_bursts
from benchmarks.demo.cameras.subjects import Burst, make_bursts
from benchmarks.demo.cameras.workflow import camera_versions, cameras
from benchmarks.demo.project import Volunteer
from benchmarks.demo.workflow import Workflow

SEED = 20_250_605


def make_cameras(volunteers: Sequence[Volunteer]) -> tuple[Workflow, list[Burst], list[Named]]:
    """The workflow, its subjects and its classifications; always the same for the same volunteers."""
    random = Random(SEED)  # noqa: S311 - invents data, keeps no secret
    versions, bursts = camera_versions(), make_bursts(random)
    return cameras(versions), bursts, classify_bursts(versions, bursts, volunteers, random)
