"""Workflow versions: two integers that only look like a decimal number."""

import polars as pl
import pytest

from zoo_dag.tables import versions
from zoo_dag.tables.versions import VersionKey, damaged, parse_key, parse_version


def keys_of(workflow_versions: list[str | None], workflow: str = "11") -> list[str | None]:
    frame = pl.DataFrame({"workflow_version": workflow_versions}, schema={"workflow_version": pl.String})
    return frame.with_columns(workflow_id=pl.lit(workflow)).select(versions.key()).to_series().to_list()


def test_versions_that_are_one_number_stay_three_versions() -> None:
    assert keys_of(["3.10", "3.1", "3.2"]) == ["11-v3.10", "11-v3.1", "11-v3.2"]


def test_versions_sort_by_integers() -> None:
    keys = ["11-v3.9", "11-v3.10", "9-v4.1", "11-v3.2"]
    assert sorted(keys, key=parse_key) == ["9-v4.1", "11-v3.2", "11-v3.9", "11-v3.10"]


@pytest.mark.parametrize(
    ("workflow", "version", "matches"),
    [
        (None, None, True),
        (11, None, True),
        (None, "3.10", True),
        (11, "3.10", True),
        (12, None, False),
        (None, "3.1", False),
        (12, "3.10", False),
    ],
)
def test_a_version_matches_what_is_named(workflow: int | None, version: str | None, matches: bool) -> None:
    assert VersionKey(11, 3, 10).matches(workflow, version) is matches


def test_a_version_without_its_zeros_is_suspected_not_repaired() -> None:
    stored = [VersionKey(11, 73, 60), VersionKey(11, 54, 45), VersionKey(11, 3, 1), VersionKey(11, 3, 10)]
    found = [VersionKey(11, 73, 6), VersionKey(11, 54, 45), VersionKey(11, 3, 1), VersionKey(11, 80, 2)]
    assert damaged(found, stored) == {VersionKey(11, 73, 6): [VersionKey(11, 73, 60)]}


def test_all_candidates_are_named_and_other_workflows_are_none() -> None:
    stored = [VersionKey(11, 73, 60), VersionKey(11, 73, 600), VersionKey(12, 5, 10)]
    assert damaged([VersionKey(11, 73, 6)], stored) == {
        VersionKey(11, 73, 6): [VersionKey(11, 73, 60), VersionKey(11, 73, 600)]
    }
    assert damaged([VersionKey(11, 5, 1), VersionKey(11, 73, 0)], stored) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", (7, 0)),
        ("11803.11802", (11803, 11802)),
        (" 3.10 ", (3, 10)),
        ("", None),
        ("abc", None),
        ("3.x", None),
        ("3.", None),
        ("-3.1", None),
        ("3.1.2", None),
        ("1234567890.1", None),
    ],
)
def test_edge_forms(text: str, expected: tuple[int, int] | None) -> None:
    assert parse_version(text) == expected
    key = f"11-v{expected[0]}.{expected[1]}" if expected else None
    assert keys_of([text]) == [key]


def test_a_row_without_a_version_or_a_workflow_has_no_key() -> None:
    assert keys_of([None]) == [None]
    assert keys_of(["3.10"], "birds") == [None]
    assert keys_of(["3.10"], "11.0") == ["11-v3.10"]


def test_a_key_says_workflow_and_version() -> None:
    key = parse_key("28090-v13.19")
    assert (key, key.version, str(key)) == (VersionKey(28090, 13, 19), "13.19", "28090-v13.19")


@pytest.mark.parametrize("text", ["", "11", "11-3.10", "11-v3", "11-v3.10.parquet", "unassigned"])
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="is not a workflow version"):
        parse_key(text)


def test_digits_of_other_scripts_are_no_version() -> None:
    assert parse_version("٣.\u0661") is None
    assert not versions.is_key("٣-v3.10")
    assert keys_of(["3.10", "3.٣"], "٣") == [None, None]
    assert keys_of(["3.10", "3.٣"]) == ["11-v3.10", None]
