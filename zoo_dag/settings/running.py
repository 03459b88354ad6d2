"""The section [running]: how many processes `zoo-dag run` may use, and how much one run takes on."""

from pydantic import Field

from zoo_dag.settings.section import Section


class Running(Section):
    """How many processes build workflow versions side by side in `zoo-dag run`, and how much one run takes on."""

    processes: int | None = Field(
        default=None,
        ge=1,
        description="The largest number of processes, as far as there is memory for them. Unset: one for every "
        "two cores, and none where little is to be built. With 1, versions are built one after the other.",
    )
    memory_gib: float | None = Field(
        default=None,
        ge=0,
        description="The memory of these processes together, in GiB; each may need one. Unset: half of what is "
        "free when the command starts.",
    )
    mib_per_run: float = Field(
        default=64,
        gt=0,
        description="The largest size of the raw rows of neighbouring workflow versions, or of neighbouring "
        "workflows, that one run builds together, in MiB. A version costs less in a run with others; where many "
        "workers share a project, more runs keep more of them busy.",
    )
    rows_per_run: int | None = Field(
        default=None,
        ge=1,
        description="The largest number of classifications of a workflow version that one run parses, flattens or "
        "aggregates, such as 5000000. The parts of a larger version are runs of their own (the job "
        "`version_part`), which Dagster may execute on several machines; its tables are the same as without. "
        "Unset: one run for each version.",
    )

    @property
    def bytes_per_run(self) -> float:
        """`mib_per_run` in bytes."""
        return self.mib_per_run * (1 << 20)
