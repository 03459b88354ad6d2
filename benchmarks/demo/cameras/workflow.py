"""The workflow of the cameras: one survey."""

from datetime import UTC, datetime

from benchmarks.demo.cameras.subjects import COUNTS, DOINGS, NOTHING, SPECIES
from benchmarks.demo.sheets.tasks import SurveyTask
from benchmarks.demo.workflow import Version, Workflow

WORKFLOW_ID = 3777
WORKFLOW_NAME = "Night visitors, burst by burst"
RETIREMENT_COUNT = 5
FIRST_STATUS_ID = 130_700_001
UPLOADED_AT = datetime(2025, 6, 2, 9, 12, 40, 250_000, tzinfo=UTC)
SURVEY = "T0"


def camera_versions() -> tuple[Version, ...]:
    """The only version."""
    survey = SurveyTask(key=SURVEY, instruction="", species=SPECIES, counts=COUNTS, doings=DOINGS, nothing=NOTHING)
    return (Version(2, 4, (survey,)),)


def cameras(versions: tuple[Version, ...]) -> Workflow:
    """The workflow."""
    return Workflow(WORKFLOW_ID, WORKFLOW_NAME, versions, RETIREMENT_COUNT, FIRST_STATUS_ID, UPLOADED_AT)
