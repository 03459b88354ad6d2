"""The section [importing]: where exports come from, and how large they may be."""

from typing import Annotated

from pydantic import AfterValidator, Field

from zoo_dag.settings.addresses import checked
from zoo_dag.settings.section import Section


class Importing(Section):
    """Where exports come from, and how large they may be.

    The limits are far above what Zooniverse writes. A file beyond one is refused before it takes memory or disk.
    """

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
    unpacked_ratio: float = Field(
        default=200,
        ge=1,
        description="How many times as large as its archive an export may be, once it is larger than 64 MiB; "
        "exports are 5 to 50 times as large.",
    )
    unpacked_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="The share of the free disk that the unpacked copy of an export may take.",
    )
    cell_mib: float = Field(
        default=8, gt=0, description="The largest cell of an export, in MiB (1,048,576 bytes)."
    )
    row_mib: float = Field(default=16, gt=0, description="The largest row of an export, in MiB.")
    cells_per_byte: float = Field(
        default=1,
        gt=0,
        description="How many cells a file may have for each of its bytes, in any 4 MiB of it, where each line "
        "counts as a row with all columns. Rows of empty cells have one; only blank or short lines have more.",
    )
    rejected_mib: float = Field(
        default=128,
        gt=0,
        description="How many MiB the rows of an export may take, together, that are not valid CSV, or have no "
        "workflow or version that can be read; each counts 1,000 bytes more than its text. All others are sound "
        "rows, of which there may be any number.",
    )
