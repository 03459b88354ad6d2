"""Every value of the parsed and flattened tables, every vote and every denominator equals a recount.

The recount is plain Python, and shares no code with the package.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import zoo_dag
from tests.built_projects import BuiltReal
from tests.recount import counting
from tests.recount.classifications import classifications_of
from tests.recount.comparing import differences
from tests.recount.definitions import Workflows
from tests.recount.exports import read_exports
from tests.recount.flattening import flattened
from tests.recount.seen import seen_in_pools, seen_in_versions
from tests.recount.units import of_versions, parents_of, pooled

EXPORTS = (
    "andromeda-aas229",
    "caesar-batch",
    "cat-project",
    "chicago-v5",
    "gz-decals-tests",
    "many-tools",
    "nfn-tests",
    "steller-watch",
    "wildcam-gorongosa",
    "zoonyper-tests",
)
ITEM = {
    "question": "answer",
    "dropdown": "select_index",
    "survey": "identification_index",
    "drawing": "mark_index",
    "text": "task_type",
    "slider": "task_type",
    "highlight": "start",
    "other": "task_type",
}

EVERYWHERE = pl.lit(True)
SUBJECT = "subject_ids"
UNIT = ("workflow_id", "parent_task", "task", "task_revision", SUBJECT)


def test_every_real_export_is_recounted(shared_data: Path) -> None:
    assert sorted(folder.name for folder in (shared_data / "real").iterdir()) == list(EXPORTS)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_recount_gives_the_same(name: str, built_real: BuiltReal) -> None:
    built = built_real(name)
    assert built.outcome.failures == []
    found = recount(*built.exports, built.folder.root)
    assert not found, "\n".join(found)


def recount(exports: Path, folder: Path, where: pl.Expr = EVERYWHERE) -> list[str]:
    """What differs, the first 20 sentences of each table; `where` chooses rows of the tables."""

    def stored(table: str) -> list[dict[str, Any]]:
        return zoo_dag.scan(table, folder).filter(where).collect().to_dicts()

    read = read_exports(exports)
    workflows = Workflows(read.workflows)
    records = classifications_of(read.classifications, workflows)
    annotations = flattened(records, workflows)
    found = differences("classifications", stored("classifications"), records, ["classification_id"])[:20]
    for kind, expected in annotations.items():
        table = f"{kind}_annotations"
        key = ["classification_id", "annotation_index", ITEM[kind]]
        found += differences(table, stored(table), expected, key)[:20]
    parents = parents_of(annotations, workflows)
    seen = seen_in_versions(records), seen_in_pools(annotations, records, workflows)
    for table, (kind, option, count) in counting.COUNTS.items():
        one = of_versions(annotations[kind], parents)
        all_ = pooled(annotations[kind], records, workflows, parents)
        for units, by, numbers in zip((one, all_), ("workflow_version", "task_revision"), seen, strict=True):
            for unit in units:
                unit.n_seen = numbers[unit.columns["workflow_id"], unit.columns[by], unit.columns[SUBJECT]]
        for name, units, version in ((table, one, ["workflow_version"]), (f"pooled_{table}", all_, [])):
            expected = list(count(units, workflows))
            rows = stored(name)
            if not option:
                rows = one_for_each_unit(rows, {task_of(row) for row in expected})
            found += differences(name, rows, expected, [*UNIT, *version, *option])[:20]
    return found


def one_for_each_unit(rows: list[dict[str, Any]], tasks: set[tuple[int, str]]) -> list[dict[str, Any]]:
    """One row of each unit, of a table that has several with the same denominators."""
    found = {tuple(str(row.get(name)) for name in (*UNIT, "workflow_version")): row for row in rows}
    return [row for row in found.values() if task_of(row) in tasks]


def task_of(row: dict[str, Any]) -> tuple[int, str]:
    return row["workflow_id"], row["task"]
