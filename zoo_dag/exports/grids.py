"""Which subjects a grid showed (docs/exports.md, Grids of subjects).

A grid shows a group of subjects that is drawn at random, and volunteers select some of its cells. Which ones they
did not select is only known where the export says which subjects were shown.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from zoo_dag.exports.subject_data import group_members, subject_groups

GRID = "subjectGroupComparison"
SHOWN = "grid_subject_ids"
# Inside of a text, quotation marks are escaped.
_IS_GRID = rf'"task_?[tT]ype"\s*:\s*"{re.escape(GRID)}"'


def grid_subject_ids(
    batch: pl.DataFrame, subject_ids: pl.Series, task_types: Mapping[str, str | None]
) -> pl.Series:
    """The subjects of the grid of each classification, ascending and joined with `;`.

    Null where there is no grid, and where its subjects are not known. Takes raw rows, and what was read of their
    column `subject_ids`.
    """
    annotations = batch["annotations"]
    if GRID in task_types.values():
        # Elements of a task that is known to be a grid may name no type.
        is_grid = annotations.is_not_null()
    elif annotations.str.contains(GRID, literal=True).any():
        is_grid = annotations.str.contains(_IS_GRID)
    else:
        # Most projects have none, and finding a plain word is fast.
        return pl.Series(SHOWN, [None], pl.String).new_from_index(0, batch.height)
    rows = zip(batch["subject_data"], subject_ids, is_grid, strict=True)
    shown = [_shown(cell, ids) if of_grid and ids is not None else None for cell, ids, of_grid in rows]
    return pl.Series(SHOWN, shown, pl.String)


@lru_cache(maxsize=1 << 12)
def _shown(cell: str | None, ids: str) -> str | None:
    """Until 2025-09 the pseudo subject of a group names its members; later the classification does."""
    members = group_members(cell or "")
    if not members:
        groups = subject_groups(cell or "")
        members = frozenset(map(int, ids.split(";"))) - groups
        if not groups and len(members) < 2:
            return None
    return ";".join(map(str, sorted(members))) or None
