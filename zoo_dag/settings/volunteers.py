"""The section [volunteers]: how they are distinguished, and how their votes are weighed by skill."""

from typing import Literal

from pydantic import Field

from zoo_dag.settings.section import Section

Method = Literal[
    "plurality",
    "agreement_weights",
    "consistency_weights",
    "gold_weights",
    "dawid_skene",
    "one_coin",
    "variational_bayes",
    "swap",
    "glad",
    "mace",
]


class VolunteerOverride(Section):
    """Another method for a workflow, a task, or a task of a workflow."""

    workflow: int | None = Field(default=None, description="Workflow id.")
    task: str | None = Field(default=None, description="Task key.")
    method: Method = Field(description="As in [volunteers].")


class Volunteers(Section):
    """How volunteers are distinguished, and how their votes are weighed in the tables of posteriors."""

    anonymous_by_ip: bool = Field(
        default=False, description="Count all anonymous classifications from one IP token as one person."
    )
    method: Method = Field(
        default="dawid_skene",
        description="How votes are weighed by the skill of volunteers (docs/posteriors.md). `plurality` weighs "
        "nobody.",
    )
    overrides: tuple[VolunteerOverride, ...] = Field(
        default=(),
        description="Another `method` for a `workflow` or `task`: one `[[volunteers.overrides]]` for each; if "
        "several match, the later one wins.",
    )

    gold: str | None = Field(
        default=None,
        description="CSV file with right answers, such as `gold.csv`, beside what experts classified in "
        "gold-standard mode; in the data folder, with the columns `subject_id`, `task` and `answer` "
        "(docs/posteriors.md).",
    )
    predictions: str | None = Field(
        default=None,
        description="CSV or Parquet file with the predictions of a machine, such as `predictions.parquet`: the "
        "columns of `gold`, and `probability`. They are one more voter, whose skill is estimated.",
    )

    def method_of(self, workflow: int, task: str) -> Method:
        """The method for a task of a workflow."""
        matching = [
            each.method
            for each in self.overrides
            if each.workflow in (None, workflow) and each.task in (None, task)
        ]
        return matching[-1] if matching else self.method
