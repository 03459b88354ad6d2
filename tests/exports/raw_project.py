"""A project without Dagster: exports go in, raw tables are kept as the raw assets keep them, and get parsed."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from zoo_dag.exports.classifications import ParsedClassifications, parse_classifications
from zoo_dag.exports.files import find_exports
from zoo_dag.exports.importing import import_exports
from zoo_dag.exports.imports import Imported
from zoo_dag.exports.subjects import parse_subjects
from zoo_dag.exports.tasks import task_tables
from zoo_dag.exports.workflows import parse_workflows
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION, TableFiles
from zoo_dag.tables import TABLES
from zoo_dag.tables.versions import parse_key


@dataclass
class RawProject:
    """The raw tables of a project in a folder."""

    root: Path
    settings: Settings = field(default_factory=Settings)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def folder(self) -> DataFolder:
        return DataFolder(self.root)

    @property
    def files(self) -> TableFiles:
        return self.folder.tables

    def add(self, *paths: Path, replace: bool = False) -> Imported:
        """Import exports and store the raw tables that change."""
        staging = self.staging()
        imported = import_exports(find_exports(paths).exports, self.folder.raw_tables(), staging, replace=replace)
        for key, version in imported.classifications.items():
            metadata = {
                DATA_VERSION: version.content_hash,
                "n_rows": str(version.n_rows),
                **version.reads.metadata(),
            }
            self.files.publish(TABLES["raw_classifications"], version.frame, metadata, key)
        for key in imported.removed:
            self.files.remove(TABLES["raw_classifications"], key)
        for name, frame in (
            ("raw_subjects", imported.subjects),
            ("raw_workflows", imported.workflows),
            ("raw_quarantine", imported.quarantine),
            ("imports", imported.imports),
            ("forgotten", imported.forgotten),
        ):
            if frame is not None:
                reads = imported.reads.get(name.removeprefix("raw_"))
                self.files.publish(TABLES[name], frame.lazy(), reads.metadata() if reads else {})
        return imported

    def staging(self) -> Path:
        """A new folder for temporary files."""
        folder = self.root / "staging" / str(next(self._numbers))
        folder.mkdir(parents=True)
        return folder

    def versions(self) -> list[str]:
        """The workflow versions that have classifications."""
        return self.files.keys(TABLES["raw_classifications"])

    def raw(self, key: str = "11-v3.10") -> pl.DataFrame:
        """The raw classifications of a version."""
        return self.files.scan(TABLES["raw_classifications"], key).collect()

    def table(self, name: str) -> pl.DataFrame:
        """A stored table that has no partitions; empty where nothing was stored."""
        table = TABLES[name]
        return self.files.scan(table).collect() if self.files.exists(table) else table.empty()

    def workflows(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The typed workflow versions, and the quarantine of workflows."""
        return parse_workflows(self.table("raw_workflows"))

    def workflow_versions(self) -> pl.DataFrame:
        """The typed workflow versions."""
        return self.workflows()[0]

    def subjects(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The typed subjects, and the quarantine of subjects."""
        subjects, quarantine = parse_subjects(self.table("raw_subjects").lazy(), self.staging())
        return subjects.collect(), quarantine.collect()

    def parsed(self, key: str = "11-v3.10") -> tuple[pl.DataFrame, pl.DataFrame]:
        """The classifications of a version, and its quarantine."""
        parsed = self._parse(key)
        return parsed.classifications.collect(), parsed.quarantine.collect()

    def n_elements(self, key: str = "11-v3.10") -> int:
        """The elements of the classifications of a version."""
        return self._parse(key).n_elements

    def _parse(self, key: str) -> ParsedClassifications:
        version = parse_key(key)
        tasks = task_tables([version], self.workflow_versions())[version]
        raw = self.files.scan(TABLES["raw_classifications"], key)
        return parse_classifications(raw, tasks.lazy(), self.settings, self.staging())

    def classifications(self, key: str = "11-v3.10") -> pl.DataFrame:
        """The classifications of a version."""
        return self.parsed(key)[0]
