"""Whatever happens in whatever order: the tables are those of one fresh import of what is left."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import zoo_dag
from tests.builders import answer, classification_row, subject_row, workflow_row, write_export
from tests.dagster_project import deployment_of, run_all
from zoo_dag.dagster.runs.forgetting import forget, plan
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

# What is not made from exports alone, but reports imports.
RECORDS = {"imports", "forgotten", "raw_versions", "accounting", "version_accounting"}
DELETABLE = [
    "classifications",
    "question_annotations",
    "question_consensus",
    "subject_summary",
    "subjects",
    "tasks",
]
WRITERS: dict[str, Callable[..., dict[str, Any]]] = {
    "classifications": lambda key, change: _classification(key, **change),
    "subjects": lambda key, change: subject_row(key, workflow_id=10 + key % 2, **change),
    "workflows": lambda key, change: workflow_row(1, key // 2, workflow_id=10 + key % 2, **change),
}
CHANGES = {
    "classifications": [
        {},
        {"gold_standard": True},
        {"user_name": "renamed"},
        {"created_at": "2024-03-06 01:00:00 UTC"},
        {"workflow_name": "Renamed"},
    ],
    "subjects": [{}, {"classifications_count": 7}, {"metadata": {"name": "renamed"}}],
    "workflows": [{}, {"display_name": "Renamed"}, {"first_task": "T1"}],
}
KEYS = {"classifications": range(12), "subjects": range(101, 105), "workflows": range(4)}


def _classification(number: int, **change: Any) -> dict[str, Any]:
    """A vote in one of two versions of one of two workflows; the number decides which, and who voted on what."""
    return classification_row(
        number,
        workflow_id=10 + number % 2,
        workflow_version=f"1.{number // 2 % 2}",
        user_id=7000 + number % 5,
        subject_ids=str(101 + number % 3),
        annotations=[answer(value=["Yes", "No"][number // 4 % 2])],
        **change,
    )


def _changed(kind: str) -> st.SearchStrategy[dict[int, dict[str, Any]]]:
    keys, changes = st.sampled_from(KEYS[kind]), st.sampled_from(CHANGES[kind])
    return st.dictionaries(keys, changes, min_size=2, max_size=8)


def _content(folder: DataFolder) -> dict[str, pl.DataFrame]:
    """All rows of all tables that the rows of exports decide, but for their place in a file."""
    tables = {name: folder.tables.scan_all(TABLES[name]).collect() for name in set(TABLES) - RECORDS}
    return {name: frame.drop("source_file", "source_row", strict=False) for name, frame in tables.items()}


def _times(folder: DataFolder) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.tables.root.rglob("*.parquet")}


class AnyOrder(RuleBasedStateMachine):
    """A project on disk, and beside it the rows of the exports that should be left."""

    def __init__(self) -> None:
        super().__init__()
        self._place = TemporaryDirectory()
        self.place = Path(self._place.name)
        self.files = 0
        self.rows: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in WRITERS}

    @property
    def folder(self) -> DataFolder:
        # One for each step: it holds the settings as they were.
        return DataFolder(self.place / "data")

    def _write(self, kind: str, rows: Mapping[int, dict[str, Any]]) -> Path:
        self.files += 1
        cells = [WRITERS[kind](key, rows[key]) for key in sorted(rows)]
        return write_export(self.place / f"{kind}-{self.files}.csv", cells)

    def _import(self, kind: str, rows: Mapping[int, dict[str, Any]], *, replace: bool = False) -> None:
        if replace:
            workflows = {key % 2 for key in rows}
            self.rows[kind] = {key: row for key, row in self.rows[kind].items() if key % 2 not in workflows}
        self.rows[kind].update(rows)
        request = Request((self._write(kind, rows),), replace=replace)
        assert run_all(self.folder, request).failures == []

    @initialize(rows=_changed("classifications"))
    def first_import(self, rows: dict[int, dict[str, Any]]) -> None:
        """Two votes at least, so that there is something to do."""
        self._import("classifications", rows)

    @rule(data=st.data(), kind=st.sampled_from([*WRITERS, "classifications"]), replace=st.booleans())
    def more(self, data: st.DataObject, kind: str, replace: bool) -> None:
        """New and changed rows; with `replace` others of their workflows go."""
        self._import(kind, data.draw(_changed(kind)), replace=replace)

    @rule(repeat=st.sampled_from(["first", "last", "all"]))
    def set_repeat(self, repeat: str) -> None:
        """Another setting that changes results."""
        (self.place / "data" / "zoo_dag.toml").write_text(f'[exclusion]\nrepeat = "{repeat}"\n')
        assert run_all(self.folder, Request(())).failures == []

    @precondition(lambda self: len({key % 2 for key in self.rows["classifications"]}) > 1)
    @rule(odd=st.sampled_from([0, 1]))
    def forget_workflow(self, odd: int) -> None:
        """Everything of one of two workflows."""
        planned = plan(self.folder, 10 + odd)
        assert forget(deployment_of(self.folder), planned, lambda *_: None).failures == []
        for kind, rows in self.rows.items():
            self.rows[kind] = {key: row for key, row in rows.items() if key % 2 != odd}

    @rule(name=st.sampled_from(DELETABLE))
    def delete_table(self, name: str) -> None:
        """Somebody deletes files that can be rebuilt."""
        table = TABLES[name]
        for key in self.folder.tables.keys(table) if table.partition else [None]:
            self.folder.tables.remove(table, key)
        assert run_all(self.folder, Request(())).failures == []

    def teardown(self) -> None:
        """Compare with a fresh import of the rows that are left."""
        if self.rows["classifications"]:
            before = _times(self.folder)
            assert run_all(self.folder, Request(())).changed == []
            assert _times(self.folder) == before
            self._compare()
        self._place.cleanup()

    def _compare(self) -> None:
        fresh = DataFolder(self.place / "fresh")
        fresh.root.mkdir()
        changed_settings = self.place / "data" / "zoo_dag.toml"
        if changed_settings.exists():
            (fresh.root / "zoo_dag.toml").write_text(changed_settings.read_text())
        exports = tuple(self._write(kind, rows) for kind, rows in self.rows.items() if rows)
        assert run_all(fresh, Request(exports)).failures == []
        left, expected = _content(self.folder), _content(fresh)
        assert [name for name in left if not left[name].equals(expected[name])] == []
        assert zoo_dag.scan("accounting", self.folder.root).collect()["balanced"].all()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=1,
    stateful_step_count=6,
    deadline=None,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
