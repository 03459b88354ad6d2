"""What Dagster's pages show of the tables of task types."""

import pytest

from tests.plots.samples import nothing, rows
from zoo_dag.tables import TABLES
from zoo_dag.task_types.catalogue import TASK_TYPES, consensus_types
from zoo_dag.task_types.pages import pages

PAGES = pages()


def test_every_flattened_consensus_and_pooled_table_has_a_page():
    expected = {name for name in TABLES if name.endswith(("_annotations", "_consensus", "mark_counts"))}
    # The consensus of events is of no task type.
    assert set(PAGES) == expected - {"event_consensus"}


@pytest.mark.parametrize("table", PAGES)
def test_an_empty_table_shows_nothing(table):
    for show in PAGES[table].plots:
        assert show(rows(table, []), nothing) == {}


@pytest.mark.parametrize("table", PAGES)
def test_the_preview_shows_columns_of_the_table(table):
    assert PAGES[table].preview
    assert set(PAGES[table].preview) <= set(TABLES[table].dtypes)


def test_every_consensus_has_a_plot_and_a_pooled_table_the_same_page():
    assert all(each.plots for each in consensus_types())
    for each in consensus_types():
        assert PAGES[each.pooled_table] is PAGES[each.table]


def test_a_page_names_its_task_type():
    names = {each.name for each in TASK_TYPES}
    assert {page.task_type for page in PAGES.values()} == names
