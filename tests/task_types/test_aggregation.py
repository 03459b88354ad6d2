"""The consensus of some subjects after the others is that of all at once, wherever they are split."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.task_types.metamorphic import PROPERTY
from tests.task_types.said import CASES, Case
from zoo_dag.consensus.subject_ranges import SubjectRange
from zoo_dag.consensus.units import POOLED, VERSION, Scope
from zoo_dag.task_types.aggregation import Aggregation
from zoo_dag.task_types.declaration import Aggregated

every_type = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def in_ranges(aggregation: Aggregation, ranges: Sequence[SubjectRange]) -> tuple[pl.DataFrame, Aggregated]:
    with TemporaryDirectory() as folder:
        found = aggregation.by_ranges(ranges, Path(folder) / "ranges")
        return found.table.collect(), found


@every_type
@PROPERTY
@given(st.data(), st.sampled_from([VERSION, POOLED]), st.sets(st.integers(0, 5)))
def test_any_ranges_give_the_table_of_all_subjects(
    case: Case, data: st.DataObject, scope: Scope, splits: set[int]
) -> None:
    rows = data.draw(case.rows)
    starts = [str(split) for split in sorted(splits)]
    ranges = [SubjectRange(*ends) for ends in zip([None, *starts], [*starts, None], strict=True)]
    whole = case.check.aggregation(rows, scope).whole()
    table, found = in_ranges(case.check.aggregation(rows, scope), ranges)
    # The means of paths depend on the order of other subjects to the last bit.
    assert_frame_equal(table, whole.table.collect(), rel_tol=1e-9, abs_tol=1e-6)
    assert list(found.parameters) == list(whole.parameters)
