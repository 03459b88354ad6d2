"""What all sections of the settings share. They are declared where they are used, and gathered in `settings`."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section: a setting that does not exist is an error, and nothing changes while zoo_dag runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)
