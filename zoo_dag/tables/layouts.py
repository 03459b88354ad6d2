"""The three exports: their columns, of today and of older files, and the recognition of a header.

The columns of exports are declared here only; the raw tables have the same.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import polars as pl

from zoo_dag.errors import DerivedTableError, ExportError, NotAnExportError
from zoo_dag.tables.identity import Identity
from zoo_dag.wording.printable import printable

Kind = Literal["classifications", "subjects", "workflows"]
# Where a row came from.
_SOURCE = ("source_file", "source_row")


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of export.

    `typed` is the table that its rows become. `required` columns must be there; each entry is a set of
    alternatives, of which one is enough. `columns` are all columns of today's layout and of older ones, with what
    they mean, and `former` those that only older files have; a file may have more, which are kept. A header is
    recognised by the `distinctive` columns. `identifying` says what of a volunteer a column holds.
    """

    kind: Kind
    typed: str
    columns: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]
    distinctive: frozenset[str]
    former: frozenset[str] = frozenset()
    identifying: Mapping[str, Identity] = field(default_factory=dict)

    @property
    def today(self) -> tuple[str, ...]:
        """The columns of an export of today, in their order."""
        return tuple(name for name in self.columns if name not in self.former)

    def complete(self, frame: pl.LazyFrame, columns: Collection[str] | None = None) -> pl.LazyFrame:
        """The frame with all columns of the layout, as text; null where the export had none.

        Where its `columns` are not given, they are looked up.
        """
        present = frame.collect_schema().names() if columns is None else columns
        missing = [name for name in self.columns if name not in present]
        return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)

    def ordered(self, names: Collection[str]) -> list[str]:
        """The columns of the layout first, added ones by name, then `source_file`, `source_row`.

        So the order does not depend on which file was imported first.
        """
        known = [name for name in self.columns if name in names]
        return [*known, *sorted(set(names) - set(known) - set(_SOURCE)), *_SOURCE]

    def in_order(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with its columns `ordered`."""
        return frame.select(self.ordered(frame.collect_schema().names()))

    def only(self, frame: pl.LazyFrame, *further: str) -> pl.LazyFrame:
        """The columns of the layout, as by `complete`, `source_file`, `source_row` and `further`, and no others.

        Columns that were added to an export have any names, also those of columns that a step adds.
        """
        return self.complete(frame).select(*self.columns, *_SOURCE, *further)

    def missing(self, header: list[str]) -> list[str]:
        """Required columns that the header lacks, alternatives joined with `or`."""
        return [" or ".join(options) for options in self.required if not set(options) & set(header)]


# docs/exports.md, Classifications: files from 2015-16 lack the ids, files reduced by hand lack more.
CLASSIFICATIONS = Layout(
    kind="classifications",
    typed="classifications",
    columns={
        "classification_id": "Id, ascending",
        "user_name": "Login at export time, or `not-logged-in-<token>`",
        "user_id": "Account id; empty when not logged in",
        "user_ip": "Token for an IP address, new with every export",
        "workflow_id": "Workflow",
        "workflow_name": "Name of the workflow at export time",
        "workflow_version": "`<major>.<minor>`",
        "created_at": "When it was stored",
        "gold_standard": "true in gold-standard mode",
        "expert": "expert or owner, in gold-standard mode",
        "metadata": "JSON object",
        "annotations": "JSON array",
        "subject_data": "JSON object by subject id",
        "subject_ids": "Ids joined with `;`",
    },
    required=(("workflow_version",), ("created_at",), ("annotations",), ("subject_ids", "subject_data")),
    distinctive=frozenset({"annotations", "classification_id", "workflow_version", "subject_data", "user_name"}),
    identifying={"user_name": "login", "user_id": "account", "user_ip": "address", "metadata": "json"},
)

# docs/exports.md, Subjects; with the four list columns of files from before 2017-02 at the end.
SUBJECTS = Layout(
    kind="subjects",
    typed="subjects",
    columns={
        "subject_id": "Subject",
        "project_id": "Project",
        "workflow_id": "Workflow",
        "subject_set_id": "Subject set",
        "metadata": "JSON object",
        "locations": "JSON object, media URLs by frame",
        "classifications_count": "The server's count",
        "retired_at": "When it was retired",
        "retirement_reason": "Why it was retired",
        "created_at": "When it was stored",
        "updated_at": "When it was last changed",
        "workflow_ids": "JSON list, before 2017-02",
        "subject_set_ids": "JSON list, before 2017-02",
        "classifications_by_workflow": "JSON object, before 2017-02",
        "retired_in_workflow": "JSON, before 2017-02",
    },
    required=(("subject_id",), ("metadata",)),
    distinctive=frozenset({"subject_id", "locations", "subject_set_id", "subject_set_ids", "retirement_reason"}),
    former=frozenset({"workflow_ids", "subject_set_ids", "classifications_by_workflow", "retired_in_workflow"}),
)

# docs/exports.md, Workflows: `strings` and `minor_version` were added in 2019, `aggregation` removed in 2024.
WORKFLOWS = Layout(
    kind="workflows",
    typed="workflow_versions",
    columns={
        "workflow_id": "Workflow",
        "display_name": "Name at export time",
        "version": "Major version",
        "active": "Active at export time",
        "classifications_count": "The server's count",
        "pairwise": "Subjects are compared in pairs",
        "grouped": "Subjects are selected by set",
        "prioritized": "Subjects are shown in a fixed order",
        "primary_language": "Language of the texts",
        "first_task": "Key of the first task",
        "tutorial_subject_id": "Subject of the tutorial",
        "retired_set_member_subjects_count": "Retired subjects at export time",
        "tasks": "JSON object by task key",
        "retirement": "JSON object, at export time",
        "aggregation": "JSON, before 2024-06",
        "strings": "JSON object, texts by string key",
        "minor_version": "Minor version, since 2019",
    },
    required=(("workflow_id",), ("version",), ("tasks",)),
    distinctive=frozenset({"tasks", "retirement", "first_task", "minor_version", "strings", "display_name"}),
    former=frozenset({"aggregation"}),
)

# Files that people keep beside the exports, by a column that no export has: those of Caesar, which computes while
# a project runs, and those of the Python package panoptes_aggregation.
_OTHER_FILES = {
    "extractor_key": "a table of extracts downloaded from Caesar",
    "reducer_key": "a table of reductions downloaded from Caesar",
    "extractor": "a table of extracts made by panoptes_aggregation",
    "reducer": "a table of reductions made by panoptes_aggregation",
}

LAYOUTS: dict[Kind, Layout] = {layout.kind: layout for layout in (CLASSIFICATIONS, SUBJECTS, WORKFLOWS)}


def kind_of(header: list[str], file: str) -> Kind:
    """The kind of export that has this header.

    Raises ExportError, naming the file and the column, where a required column is missing, DerivedTableError where
    most columns are, and NotAnExportError where the header is not that of an export.
    """
    if "workflow_content_id" in header:
        raise NotAnExportError(
            f"{file}: this is a workflow contents export, which Zooniverse no longer generates. "
            "Download the workflows export of today: it holds the texts too."
        )
    best = max(LAYOUTS.values(), key=lambda layout: len(layout.distinctive & set(header)))
    shared = len(best.distinctive & set(header))
    other = next((column for column in _OTHER_FILES if column in header), None)
    if other and best.missing(header):
        raise NotAnExportError(
            f"{file}: this is {_OTHER_FILES[other]} (it has a column {other}), not an export. zoo_dag computes "
            "from the classifications export; this file is not needed."
        )
    if shared == 0 or (shared < 2 and best.missing(header)):
        found = ", ".join(filter(None, (printable(name).strip()[:40] for name in header[:8]))) or "(none)"
        raise NotAnExportError(
            f"{file}: the header is not that of a Zooniverse export. Found the columns {found}; "
            "expected a classifications, subjects or workflows export."
        )
    missing = best.missing(header)
    if missing and 2 * len(set(header) & set(best.today)) < len(best.today):
        raise DerivedTableError(
            f"{file}: this is not an export, but maybe a table made from one: it has columns of a {best.kind} "
            f"export, and lacks the required column {missing[0]}. Import the export as downloaded from Zooniverse."
        )
    if missing:
        near = get_close_matches(missing[0], header, n=1)
        hint = f" (there is a column {near[0]!r})" if near else ""
        raise ExportError(
            f"{file}: the {best.kind} export lacks the required column {missing[0]}{hint}. "
            "Download the export again, or add the column."
        )
    return best.kind
