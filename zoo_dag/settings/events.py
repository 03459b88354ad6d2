"""The section [events]: which pictures of a camera belong together, and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zoo_dag.settings.section import Section

# Its day is no month, and its hour is after noon: a format that mixes them up or lacks one does not give it back.
_SAMPLE = datetime(2015, 8, 25, 23, 46)


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _checked_format(form: str) -> str:
    written = pl.Series([_SAMPLE])
    try:
        read = written.dt.strftime(form).str.to_datetime(form, time_unit="us", strict=False)
    # Polars panics on some formats, and a panic is no Exception.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        read = pl.Series([None])
    if read.to_list() != [_SAMPLE]:
        raise ValueError(
            'expected day, month, year, hour and minute, such as "%d/%m/%Y %H:%M:%S" or "%m/%d/%Y %I:%M:%S %p"'
        )
    return form


def _checked_pattern(pattern: str) -> str:
    try:
        groups = pl.Series([""]).str.extract_groups(pattern).dtype
    except pl.exceptions.PolarsError:
        groups = pl.Null()
    if len(getattr(groups, "fields", ())) != 1:
        raise ValueError("expected a regular expression with one group, the part in ( ) that names the deployment")
    return pattern


Fields = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Formats = Annotated[tuple[Annotated[str, AfterValidator(_checked_format)], ...], BeforeValidator(_as_list)]


class Events(Section):
    """Pictures of a camera become events. Without `deployment` there are none. See docs/events.md."""

    deployment: Fields = Field(
        default=(),
        description="Metadata fields that together name one camera in one placement, such as site, camera and "
        "season; joined with `/`. Hidden fields are named with their `#`, `//` or `!`.",
    )
    deployment_pattern: Annotated[str, AfterValidator(_checked_pattern)] | None = Field(
        default=None,
        description="Regular expression with one group that names the deployment, for a field such as the path "
        "of a file.",
    )
    time: Fields = Field(
        default=(),
        description="Metadata field with the time of the picture, or several such as date and time of day; these "
        "are joined with a space.",
    )
    time_format: Formats = Field(
        default=(),
        description="How times are written, such as `%m/%d/%Y %I:%M:%S %p`; of several the first that fits. "
        "Without it only `2015-08-25 11:46:10`, `2015-08-25T11:46:10Z` and `2015:08:25 11:46:10` are read.",
    )
    sequence: str | None = Field(
        default=None, description="Metadata field that names the event already; then no time is needed."
    )
    file_name: str | None = Field(
        default=None,
        description="Metadata field with the name of the file; by default the first of filename, file_name, file, "
        "image_name and image.",
    )
    table: str | None = Field(
        default=None,
        description="CSV with `subject_id`, or a column with the name of the file, and any of the fields above, "
        "for what was not uploaded. Relative to the data folder.",
    )
    deployments: str | None = Field(
        default=None,
        description="CSV with `deployment`, `start` and `end`, when each camera stood there; relative to the data "
        "folder. Without it, effort is the time from the first to the last picture.",
    )
    gap_seconds: float = Field(
        default=60,
        ge=0,
        description="A picture that is taken later than this after the one before begins a new event. At least 60 "
        "where all times of a workflow are on whole minutes.",
    )
    min_fraction_low: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="A choice that is not the commonest of an event is present only if `best_low`, on a subject "
        "that it won, is at least this.",
    )
    independent_minutes: float = Field(
        default=30, ge=0, description="Events with a choice are independent if so many minutes lie between them."
    )
    since: Literal["last_record", "last_independent"] = Field(
        default="last_record",
        description="From when these minutes count: from the end of the last event with the choice, or from the "
        "start of the last independent one.",
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values:
            if not values.get("deployment"):
                raise ValueError(
                    "deployment is missing: name the metadata fields that tell cameras apart, such as "
                    '["site", "camera"]'
                )
            if not values.get("time") and not values.get("sequence"):
                raise ValueError("time is missing: name the metadata field with the time, or `sequence`")
        return values

    @property
    def are_wanted(self) -> bool:
        """Whether the settings ask for events."""
        return bool(self.deployment)
