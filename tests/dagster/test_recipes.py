"""Which tables the settings ask for."""

import pytest

from zoo_dag.dagster.recipes import not_asked_for
from zoo_dag.errors import TableError
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.scanning import scan_table

CONTOURS = {"contour_consensus", "pooled_contour_consensus"}
EVENTS = {"event_consensus", "deployment_rates"}


@pytest.mark.parametrize(
    ("settings", "built"),
    [
        ({}, set()),
        ({"drawings": {"contours": [0.5]}}, CONTOURS),
        ({"drawings": {"contours": "all"}}, CONTOURS),
        ({"retirement": {"rules": [{"kind": "count", "votes": 3}]}}, {"retirements"}),
        ({"events": {"deployment": ["site"], "time": ["date"]}}, EVENTS),
    ],
)
def test_tables_that_the_settings_do_not_ask_for_are_not_built(settings, built):
    assert not_asked_for(Settings.model_validate(settings)) == (CONTOURS | EVENTS | {"retirements"}) - built


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("contour_consensus", "It is built where zoo_dag.toml sets drawings.contours."),
        ("retirements", "It is built where zoo_dag.toml has [retirement]."),
        ("tasks", "Run `zoo-dag run` first."),
    ],
)
def test_a_table_that_is_not_there_says_which_setting_asks_for_it(tmp_path, name, sentence):
    DataFolder(tmp_path).tables.root.mkdir(parents=True)
    with pytest.raises(TableError) as raised:
        scan_table(name, tmp_path)
    assert str(raised.value).endswith(sentence)
