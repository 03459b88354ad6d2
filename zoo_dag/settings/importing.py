"""The section [importing]: where exports come from."""

from typing import Annotated

from pydantic import AfterValidator, Field

from zoo_dag.settings.addresses import checked
from zoo_dag.settings.section import Section


class Importing(Section):
    """Where exports come from."""

    inbox: str = Field(
        default="inbox", description="Folder that the raw assets read, relative to the data folder."
    )
    folders: tuple[str, ...] = Field(
        default=(),
        description="Folders, besides the inbox, whose files a run that is started in the pages may name and "
        "import. `zoo-dag run` imports any file.",
    )
    remote_inbox: Annotated[str, AfterValidator(checked)] | None = Field(
        default=None,
        description="Prefix of an object store, such as `s3://bucket/exports`; new objects are copied into the "
        "inbox. Needs the package for that store (the extra `s3`), and its login in the environment.",
    )
    settle_seconds: float = Field(
        default=20,
        ge=0,
        description="How long a new file in the inbox must stay unchanged before it counts as complete.",
    )
