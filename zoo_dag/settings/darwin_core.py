"""The section [darwin_core]: which answers of volunteers are which terms of Darwin Core."""

from typing import Literal

from pydantic import Field

from zoo_dag.settings.section import Section


class DarwinCore(Section):
    """Darwin Core, `zoo-dag export --format darwin-core`: docs/formats.md. Who made it is in `[publication]`."""

    terms: str | None = Field(
        default=None,
        description="CSV with `task`, `field` or `value`, and `term`: the task, the field of the metadata, or the "
        "text that each term has; relative to the data folder.",
    )
    basis_of_record: (
        Literal["PreservedSpecimen", "FossilSpecimen", "LivingSpecimen", "HumanObservation", "MachineObservation"]
        | None
    ) = Field(
        default=None,
        description="PreservedSpecimen, FossilSpecimen, LivingSpecimen, HumanObservation or MachineObservation.",
    )
