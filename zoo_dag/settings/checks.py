"""The section [checks]: the limits at which checks warn."""

from pydantic import Field

from zoo_dag.settings.section import Section


class Checks(Section):
    """The limits at which checks of tables warn. Only row accounting that does not add up stops a run."""

    quarantined: float = Field(
        default=0.01, ge=0, le=1, description="Warn above this share of rows in the quarantine of a table."
    )
    quarantined_error: float = Field(
        default=0.2, ge=0, le=1, description="Above this share, the quarantine is an error."
    )
    unknown_answers: float = Field(
        default=0.01, ge=0, le=1, description="Warn above this share of a task's answers that cannot be read."
    )
    unknown_subjects: float = Field(
        default=0.01, ge=0, le=1, description="Warn above this share of subjects that the subjects export lacks."
    )
    count_difference: float = Field(
        default=0.05,
        ge=0,
        description="Warn where counts here and on the server differ by more than this share of the server's.",
    )
    enough_subjects: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Warn where fewer than this share of subjects have `agreement.min_classifications`.",
    )
    left_out: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Warn where more than this share of a workflow's classifications is left out of consensus for "
        "one reason.",
    )
    share_of_at_least: int = Field(
        default=20,
        ge=1,
        description="Do not warn about shares in a version or a workflow with fewer classifications than this.",
    )
    stale_after_days: float = Field(
        default=30,
        ge=0,
        description="After so many days without a classifications export the raw classifications fail their "
        "freshness policy on Dagster's pages; 0 for never.",
    )
    quiet_after_days: float = Field(
        default=0,
        ge=0,
        description="Warn where the newest classification is older than so many days; 0 for never.",
    )
    drift: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Warn where the answers of the newest version differ from those of earlier ones on the same "
        "subjects by this share or more (total variation distance).",
    )
    drift_votes: int = Field(
        default=50,
        ge=1,
        description="Votes that the newest version, and the earlier ones together, need for this comparison.",
    )
