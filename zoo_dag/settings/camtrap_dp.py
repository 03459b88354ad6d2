"""The section [camtrap_dp]: what a Camtrap Data Package says that no export of Zooniverse does."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from zoo_dag.settings.publication import Address, Contributor
from zoo_dag.settings.section import Section

Role = Literal["contact", "principalInvestigator", "rightsHolder", "publisher", "contributor"]


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('expected the name of a time zone, such as "America/Chicago" or "Etc/GMT+6"') from None
    return name


class CamtrapContributor(Contributor):
    """A person or an organisation."""

    role: Role | None = Field(
        default=None, description="contact, principalInvestigator, rightsHolder, publisher or contributor."
    )


class CamtrapLicense(Section):
    """A licence of the data, or of the pictures."""

    name: str = Field(min_length=1, description="Name by opendefinition.org, such as `CC-BY-4.0`.")
    scope: Literal["data", "media"] = Field(description="`data` or `media`.")
    title: str | None = Field(default=None, description="Title for people.")
    path: Address | None = Field(default=None, description="Address of its text.")


class CamtrapDp(Section):
    """Camtrap DP, `zoo-dag export --format camtrap-dp`: docs/formats.md. Cameras and times are in `[events]`."""

    time_zone: Annotated[str, AfterValidator(_checked_zone)] | None = Field(
        default=None,
        description="Time zone of the clocks of the cameras, such as `America/Chicago`; of clocks that know no "
        "summer time such as `Etc/GMT+6`, which is six hours behind UTC.",
    )
    choices: str | None = Field(
        default=None,
        description="CSV with `choice_id`, `observation_type`, `scientific_name`, and where wanted `taxon_rank`, "
        "`life_stage`, `sex`, `behavior`; relative to the data folder.",
    )
    sampling_design: (
        Literal["simpleRandom", "systematicRandom", "clusteredRandom", "experimental", "targeted", "opportunistic"]
        | None
    ) = Field(
        default=None,
        description="simpleRandom, systematicRandom, clusteredRandom, experimental, targeted or opportunistic.",
    )
    capture_method: tuple[Literal["activityDetection", "timeLapse"], ...] = Field(
        default=(), description="activityDetection, timeLapse, or both."
    )
    individual_animals: bool | None = Field(
        default=None, description="Whether individual animals were distinguished."
    )
    contributors: tuple[CamtrapContributor, ...] = Field(
        default=(), description="Who made the data; by default those of `[publication]`."
    )
    licenses: tuple[CamtrapLicense, ...] = Field(
        default=(), description="Licences, where any then one of the data and one of the media at least."
    )
    title: str | None = Field(
        default=None,
        description="Title of the project; by default that of `[publication]`, else the name of the workflow.",
    )
    task: str | None = Field(
        default=None,
        description="Task whose choices are the observations. By default all surveys; where there are none, all "
        "questions with one answer.",
    )
    observations: Literal["consensus", "volunteers"] = Field(
        default="consensus",
        description="Whose observations of single media are written: one by all, or each of every volunteer. "
        "Those of events are always consensus.",
    )
    file_public: bool = Field(default=False, description="Whether the files of the media are public.")

    @model_validator(mode="after")
    def _both_scopes(self) -> "CamtrapDp":
        if self.licenses and {each.scope for each in self.licenses} != {"data", "media"}:
            raise ValueError('licenses: expected one with scope = "data" and one with scope = "media"')
        return self
