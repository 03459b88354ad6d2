"""What a format writes: the rows that were selected, of the tables that were named."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.pseudonyms import Pseudonyms
from zoo_dag.store.scanning import Selection, wanted_version
from zoo_dag.tables import TABLES, Table
from zoo_dag.tables.versions import VersionKey, parse_key


@dataclass(frozen=True)
class Source:
    """The rows to write. `named` are the tables that were asked for; none stands for all of them.

    With `as_json` lists and JSON text are written as they are stored, also where a format has flat tables.
    """

    selection: Selection
    named: tuple[str, ...] = ()
    pseudonyms: Pseudonyms | None = None
    verbatim: bool = False
    as_json: bool = False

    @cached_property
    def folder(self) -> DataFolder:
        """The data folder."""
        return DataFolder.find(self.selection.data)

    @property
    def settings(self) -> Settings:
        """The settings of the data folder."""
        return self.folder.settings

    def scan(self, name: str) -> pl.LazyFrame:
        """The selected rows of a table, with pseudonyms where these were asked for.

        Raises TableError where there are none.
        """
        frame = self.selection.scan(name)
        return self.pseudonyms.replace(frame, TABLES[name]) if self.pseudonyms else frame

    def scan_consensus(self, name: str) -> pl.LazyFrame:
        """The selected rows of a consensus table: of the version that was named, else of all versions pooled."""
        return self.scan(name if self.selection.version else f"pooled_{name}")

    def of_workflow(self, workflow_id: int) -> "Source":
        """The same of one workflow."""
        return replace(self, selection=self.selection._replace(workflow=workflow_id))

    def scan_of_workflow(self, name: str) -> pl.LazyFrame:
        """The selected rows of a table with a file for each workflow, whichever version was named."""
        return replace(self, selection=self.selection._replace(version=None)).scan(name)

    def scan_tasks(self) -> pl.LazyFrame:
        """The definitions of the tasks of the selected versions, whichever subjects were selected."""
        return replace(self, selection=self.selection._replace(subject_set=None)).scan("tasks")

    def scan_subjects(self) -> pl.LazyFrame:
        """All subjects, also those that are linked to no workflow; no rows without a subjects export."""
        table = TABLES["subjects"]
        return self.folder.tables.scan(table) if self.has(table) else table.empty().lazy()

    def scan_shown(self) -> pl.LazyFrame:
        """`shown_subjects` of all versions: what classifications say of the subjects that were shown."""
        return self.folder.tables.scan_all(TABLES["shown_subjects"])

    @property
    def names(self) -> tuple[str, ...]:
        """The tables to write, in the order of the stages: those named, else all that have selected rows."""
        return self.named or tuple(self._stored())

    def _stored(self) -> Iterator[str]:
        selected = self.selection
        for name, table in TABLES.items():
            of_subjects = {"subject_id", "subject_ids", "subject_set_id"} & table.dtypes.keys()
            if self.has(table) and (selected.subject_set is None or of_subjects):
                yield name

    def has(self, table: Table) -> bool:
        """Whether a table is stored for what was selected."""
        files, selected = self.folder.tables, self.selection
        if not table.partition:
            return files.exists(table)
        return bool(files.select_keys(table, selected.workflow, wanted_version(selected.version)))

    def versions(self) -> list[VersionKey]:
        """The workflow versions with classifications that were selected, in order."""
        selected = self.selection
        version = wanted_version(selected.version)
        each = map(parse_key, self.folder.versions())
        return [key for key in each if key.matches(selected.workflow, version)]
