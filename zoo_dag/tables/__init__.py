"""Every table of zoo_dag: its columns, what they mean, its stage, and whether it is partitioned.

A schema is declared once, here, and is used to read, to check, to describe and to make empty tables.
"""

import functools
import hashlib
import inspect
from dataclasses import dataclass
from typing import Literal

import dataframely as dy
import polars as pl

from zoo_dag.tables import consensus, flattened, ledger, parsed, raw
from zoo_dag.tables.layouts import CLASSIFICATIONS, SUBJECTS, WORKFLOWS, Layout

Partition = Literal["workflow_version", "workflow"]
STAGES = ("raw", "parsed", "flattened", "consensus", "pooled", "ledger")


@dataclass(frozen=True)
class Table:
    """A table: its name and stage, its columns, and how it is stored.

    A table of a raw export has a `layout` in place of a `schema`: its columns are those of the export, all text.
    An `open_ended` table has further columns after the declared ones, depending on the project.
    `partition` says what a table has one file for each of: a workflow version, a workflow, or nothing.
    """

    name: str
    stage: str
    schema: type[dy.Schema] | None = None
    partition: Partition | None = "workflow_version"
    layout: Layout | None = None
    open_ended: bool = False

    @property
    def dtypes(self) -> pl.Schema:
        """Columns and dtypes in the order in which they are stored; of a raw export those of its layout."""
        if self.layout:
            texts = dict.fromkeys(self.layout.columns, pl.String())
            return pl.Schema({**texts, "source_file": pl.String(), "source_row": pl.Int64()})
        columns = self.schema.columns() if self.schema else {}
        return pl.Schema({name: column.dtype for name, column in columns.items()})

    @property
    def column_descriptions(self) -> dict[str, str]:
        """What each column means."""
        if self.layout:
            source = {"source_file": "Export file", "source_row": "Data row of that file, the first is 1"}
            return {**self.layout.columns, **source}
        columns = self.schema.columns() if self.schema else {}
        return {name: (column.metadata or {}).get("description", "") for name, column in columns.items()}

    @property
    def description(self) -> str:
        """What a row is."""
        if self.layout:
            return (
                f"One row per row of the {self.layout.kind} export, every cell as text, verbatim.\n\n"
                "Good for looking up what an export really said. "
                f"Next, open `{self.layout.typed}`, the same rows with types."
            )
        return inspect.getdoc(self.schema) or ""

    @functools.cached_property
    def fingerprint(self) -> str:
        """A short text that changes with the columns: what was stored with other ones is made anew."""
        text = "\n".join([str(self.open_ended), *(f"{name}: {dtype}" for name, dtype in self.dtypes.items())])
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()

    def empty(self) -> pl.DataFrame:
        """The table with all its columns and no rows."""
        return pl.DataFrame(schema=self.dtypes)

    def conform(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with exactly the declared columns, in order, cast without loss.

        Raises polars.exceptions.ColumnNotFoundError where a column is missing.
        """
        if not self.schema:
            return frame
        declared = [pl.col(name).cast(dtype) for name, dtype in self.dtypes.items()]
        return frame.select(*declared, *([pl.exclude(list(self.dtypes))] if self.open_ended else []))


def _consensus(name: str, measures: type[dy.Schema]) -> tuple[Table, Table]:
    """A consensus table of one workflow version, and its twin over all versions of a workflow."""
    in_version, pooled = consensus.both_scopes(measures)
    return Table(name, "consensus", in_version), Table(f"pooled_{name}", "pooled", pooled, partition="workflow")


_ALL = (
    Table("raw_classifications", "raw", layout=CLASSIFICATIONS),
    Table("raw_subjects", "raw", layout=SUBJECTS, partition=None),
    Table("raw_workflows", "raw", layout=WORKFLOWS, partition=None),
    Table("raw_versions", "raw", raw.RawVersions),
    Table("raw_quarantine", "raw", raw.Quarantine, partition=None),
    Table("imports", "raw", raw.Imports, partition=None),
    Table("forgotten", "raw", raw.Forgotten, partition=None),
    Table("subjects", "parsed", parsed.Subjects, partition=None),
    Table("workflow_versions", "parsed", parsed.WorkflowVersions, partition=None),
    Table("tasks", "parsed", parsed.Tasks),
    Table("classifications", "parsed", parsed.Classifications),
    Table("parsed_quarantine", "parsed", raw.Quarantine),
    Table("question_annotations", "flattened", flattened.QuestionAnnotations),
    Table("dropdown_annotations", "flattened", flattened.DropdownAnnotations),
    Table("survey_annotations", "flattened", flattened.SurveyAnnotations),
    Table("drawing_annotations", "flattened", flattened.DrawingAnnotations),
    Table("text_annotations", "flattened", flattened.TextAnnotations),
    Table("slider_annotations", "flattened", flattened.SliderAnnotations),
    Table("highlight_annotations", "flattened", flattened.HighlightAnnotations),
    Table("other_annotations", "flattened", flattened.OtherAnnotations),
    Table("flattened_quarantine", "flattened", raw.Quarantine),
    *_consensus("question_consensus", consensus.Questions),
    *_consensus("dropdown_consensus", consensus.Dropdowns),
    *_consensus("survey_consensus", consensus.Surveys),
    *_consensus("drawing_consensus", consensus.Drawings),
    *_consensus("slider_consensus", consensus.Sliders),
    *_consensus("text_consensus", consensus.Texts),
    Table("subject_summary", "pooled", consensus.SubjectSummary, partition="workflow", open_ended=True),
    Table("version_accounting", "ledger", ledger.Accounting),
    Table("accounting", "ledger", ledger.Accounting, partition=None),
    Table("quarantine", "ledger", raw.Quarantine, partition=None),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
FLATTENED = tuple(table.name for table in _ALL if table.name.endswith("_annotations"))
