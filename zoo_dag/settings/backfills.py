"""The section [backfills]: how partitions that are selected in the pages are built."""

from pydantic import Field

from zoo_dag.settings.section import Section


class Backfills(Section):
    """How partitions that are selected in the pages are built."""

    partitions_per_run: int = Field(
        default=20,
        ge=1,
        description="The largest number of workflow versions, or of workflows, in one run. A run needs some "
        "seconds to start; one that fails is repeated as a whole.",
    )
