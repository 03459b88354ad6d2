"""The base class of all sections of the settings."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: an unknown setting is an error, and no value changes while zoo_dag runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)
