"""Every table of zoo_dag: its columns, what they mean, its stage, and whether it is partitioned.

A schema is declared once, here, and is used to read, to check, to describe and to make empty tables.
"""

import inspect
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from zoo_dag.exports.layouts import CLASSIFICATIONS, SUBJECTS, WORKFLOWS, Layout
from zoo_dag.tables import consensus, flattened, ledger, parsed, raw

STAGES = ("raw", "parsed", "flattened", "consensus", "pooled", "ledger")


@dataclass(frozen=True)
class Table:
    """A table: its name and stage, its columns, and how it is stored.

    A table of a raw export has a `layout` in place of a `schema`: its columns are those of the export, all text.
    A `partitioned` table has one file for each workflow version.
    """

    name: str
    stage: str
    schema: type[dy.Schema] | None = None
    partitioned: bool = True
    layout: Layout | None = None

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
            return f"One row per row of the {self.layout.kind} export, every cell as text, verbatim."
        return inspect.getdoc(self.schema) or ""

    def empty(self) -> pl.DataFrame:
        """The table with all its columns and no rows."""
        return pl.DataFrame(schema=self.dtypes)

    def conform(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with exactly the declared columns, in order, cast without loss.

        Raises polars.exceptions.ColumnNotFoundError where a column is missing.
        """
        if not self.schema:
            return frame
        return frame.select(pl.col(name).cast(dtype) for name, dtype in self.dtypes.items())


def _consensus(name: str, measures: type[dy.Schema]) -> tuple[Table, Table]:
    """A consensus table of one workflow version, and its twin over all versions of a workflow."""
    in_version, pooled = consensus.both_scopes(measures)
    return Table(name, "consensus", in_version), Table(f"pooled_{name}", "pooled", pooled)


_ALL = (
    Table("raw_classifications", "raw", layout=CLASSIFICATIONS),
    Table("raw_subjects", "raw", layout=SUBJECTS, partitioned=False),
    Table("raw_workflows", "raw", layout=WORKFLOWS, partitioned=False),
    Table("raw_versions", "raw", raw.RawVersions, partitioned=False),
    Table("raw_quarantine", "raw", raw.Quarantine, partitioned=False),
    Table("imports", "raw", raw.Imports, partitioned=False),
    Table("subjects", "parsed", parsed.Subjects, partitioned=False),
    Table("workflow_versions", "parsed", parsed.WorkflowVersions, partitioned=False),
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
    Table("version_accounting", "ledger", ledger.Accounting),
    Table("accounting", "ledger", ledger.Accounting, partitioned=False),
    Table("quarantine", "ledger", raw.Quarantine, partitioned=False),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
FLATTENED = tuple(table.name for table in _ALL if table.name.endswith("_annotations"))
