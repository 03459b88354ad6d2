"""The section [history]: how long Dagster's records of runs are kept."""

from pydantic import Field

from zoo_dag.settings.section import Section


class History(Section):
    """Dagster's records of runs. See docs/operations.md."""

    keep_days: float = Field(
        default=30,
        ge=0,
        description="Runs that ended and are older are deleted from the history once a day, but for those that "
        "built what is stored now. With 0 all are kept.",
    )
