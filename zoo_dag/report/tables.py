"""The stored tables of one workflow, or of all, for the report."""

import polars as pl

from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES


class StoredTables:
    """Tables by name, of one workflow where it is named; empty where a table is not stored or has other columns.

    `missing` names the tables that were read and are not there, or not whole.
    """

    def __init__(self, folder: DataFolder, workflow: int | None = None) -> None:
        """Nothing is read yet."""
        self._files, self._workflow = folder.tables, workflow
        self.missing: set[str] = set()

    def __call__(self, name: str) -> pl.LazyFrame:
        """The rows of a table."""
        table, files = TABLES[name], self._files
        if table.partition is None:
            if not files.is_current(table):
                return self._none(name)
            rows = files.scan(table)
            is_cut = self._workflow is not None and "workflow_id" in table.dtypes
            return rows.filter(workflow_id=self._workflow) if is_cut else rows
        keys = files.select_keys(table, self._workflow, None)
        current = [key for key in keys if files.is_current(table, key)]
        # What only a setting asks for is not missing where nothing is stored.
        if len(current) < len(keys) or not (keys or table.asked_for):
            self.missing.add(name)
        return files.scan_all(table, current)

    def _none(self, name: str) -> pl.LazyFrame:
        self.missing.add(name)
        return TABLES[name].empty().lazy()
