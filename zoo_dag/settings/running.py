"""The section [running]: how many processes `zoo-dag run` may use."""

from pydantic import Field

from zoo_dag.settings.section import Section


class Running(Section):
    """How many processes build workflow versions side by side in `zoo-dag run`."""

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
