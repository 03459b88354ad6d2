"""The pages that volunteers transcribed: what is written on each frame of a subject, line by line.

Lines are those of `text_consensus` in reading order. Texts of tasks without lines, such as the place on a label,
are of the whole subject, and on its first page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from zoo_dag.errors import ZooDagError
from zoo_dag.formats.of_subjects import of_subjects, several_subjects
from zoo_dag.formats.source import Source

_ORDER = ("subject_id", "frame", "workflow_id", "parent_task", "task", "task_revision", "line_index")
_REGION = ("workflow_id", "parent_task", "task", "task_revision")
_COLUMNS = ("task_label", "line_index", "x1", "y1", "x2", "y2", "text", "agreement")
_BATCH = 10_000
_TABLE = "text_consensus"


@dataclass(frozen=True)
class Region:
    """What one task asked to be transcribed on a page: its rows of `text_consensus`, lines in reading order."""

    task: str
    label: str | None
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Page:
    """A frame of a subject with its regions, in the order of tasks."""

    subject_id: int
    frame: int
    regions: tuple[Region, ...]

    @property
    def name(self) -> str:
        """Its name in names of files: those of the subject and the frame."""
        return f"{self.subject_id}_{self.frame}"


def read_pages(source: Source) -> Iterator[Page]:
    """The pages of the tasks that were selected, in the order of subjects and frames.

    Raises ZooDagError where there are none. A subject that was transcribed and left blank has none.
    """
    # What nobody wrote is on no page.
    known = of_subjects(source.scan_consensus(_TABLE)).filter(pl.col("text").is_not_null())
    rows = known.with_columns(pl.col("frame").fill_null(0)).select(*_ORDER, *(set(_COLUMNS) - {"line_index"}))
    in_order = rows.sort(_ORDER, nulls_last=False)
    each = (
        row
        for batch in in_order.collect_batches(chunk_size=_BATCH, maintain_order=True)
        for row in batch.iter_rows(named=True)
    )
    is_any = False
    for place, of_page in groupby(each, key=lambda row: (row["subject_id"], row["frame"])):
        is_any = True
        regions = []
        for _, of_region in groupby(of_page, key=lambda row: tuple(row[name] for name in _REGION)):
            lines = tuple(of_region)
            regions.append(Region(lines[0]["task"], lines[0]["task_label"], lines))
        yield Page(*place, tuple(regions))
    if not is_any:
        raise ZooDagError("There are no transcribed texts to write: no row of text_consensus has a text.")


def on_no_page(source: Source) -> Iterator[str]:
    """A sentence about the transcriptions of several subjects together, which are on no page."""
    return several_subjects(source.scan_consensus(_TABLE))
