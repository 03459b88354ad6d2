"""The section [talk]: what people wrote about subjects."""

from pydantic import Field

from zoo_dag.settings.section import Section


class Talk(Section):
    """The discussions of a project, counted by subject in `subject_summary`."""

    comments: str | None = Field(
        default=None,
        description="The comments export of Talk, as downloaded (`.tar.gz`) or unpacked (`.json`); relative to "
        "the data folder.",
    )
