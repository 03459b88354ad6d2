"""Which table has which checks."""

import re

from zoo_dag.checks.registry import CHECKS, checks_of
from zoo_dag.tables import STAGES, TABLES


def test_every_stage_has_checks():
    assert {TABLES[check.table].stage for check in CHECKS} == set(STAGES)


def test_every_consensus_and_pooled_table_is_checked():
    checked = {check.table for check in CHECKS}
    for table in TABLES.values():
        if table.stage in ("consensus", "pooled"):
            assert table.name in checked


def test_a_check_is_a_statement_with_a_description():
    for check in CHECKS:
        assert re.fullmatch(r"[a-z_]+", check.name)
        assert check.description.endswith(".")
    assert len({(check.table, check.name) for check in CHECKS}) == len(CHECKS)


def test_the_checks_of_some_tables_are_theirs():
    found = {check.name for check in checks_of(["subjects", "tasks"])}
    assert found == {"ids_are_unique", "pictures_are_unique", "version_is_defined"}
