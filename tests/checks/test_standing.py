"""What checks found, kept beside the tables until it no longer stands."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.checks.inputs import table
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.registry import CHECKS
from zoo_dag.checks.standing import forget, keep, standing
from zoo_dag.settings.loading import Settings
from zoo_dag.store.publication import publication
from zoo_dag.store.table_files import TableFiles
from zoo_dag.tables import TABLES

DEFINED = next(check for check in CHECKS if check.name == "version_is_defined")
TIMES = next(check for check in CHECKS if check.name == "times_are_plausible")
COLUMNS = next(check for check in CHECKS if check.name == "columns_are_known")
VERSIONS = ["10-v1.1", "10-v1.2", "11-v3.1"]
DEFAULTS = Settings()


@pytest.fixture
def files(tmp_path: Path) -> TableFiles:
    """The tables that three versions have."""
    files = TableFiles(tmp_path / "tables")
    for key in VERSIONS:
        for name in ("tasks", "classifications", "raw_classifications"):
            files.publish(TABLES[name], table(name, {}), {}, key)
    return files


def failed(message: str) -> Finding:
    return Finding(message, passed=False, advice="Import it again.")


def stands(files: TableFiles, versions: Sequence[str] = VERSIONS, settings: Settings = DEFAULTS) -> list[tuple]:
    partitions = {None: [None], "workflow_version": versions, "workflow": ["10", "11"]}
    return [
        (each.check.name, each.keys, each.result.description) for each in standing(files, settings, partitions)
    ]


def test_what_did_not_pass_stands_until_it_passes(files):
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": failed("No version."), "10-v1.2": Finding("Fine.")})
    keep(files, DEFAULTS, DEFINED, {"11-v3.1": Finding("Fine.")})
    assert stands(files) == [("version_is_defined", ("10-v1.1",), "No version. Import it again.")]
    assert stands(files, ["10-v1.2"]) == []
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": Finding("Fine.")})
    assert stands(files) == []
    assert not files.findings_path(TABLES["tasks"], "10-v1.1").exists()


def test_a_check_that_fails_in_several_partitions_is_one(files):
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": failed("No 1."), "10-v1.2": failed("No 2.")})
    keep(files, DEFAULTS, TIMES, {"11-v3.1": failed("In the future.")})
    assert stands(files) == [
        (
            "version_is_defined",
            ("10-v1.1", "10-v1.2"),
            "2 of 3 partitions do not pass. 10-v1.1: No 1. 10-v1.2: No 2. Import it again.",
        ),
        ("times_are_plausible", ("11-v3.1",), "In the future. Import it again."),
    ]


def test_checks_of_one_table_do_not_overwrite_each_other(files):
    others = [check for check in CHECKS if check.table == "classifications"][:3]
    for check in others:
        keep(files, DEFAULTS, check, {"10-v1.1": failed(check.name)})
    keep(files, DEFAULTS, others[1], {"10-v1.1": Finding("Fine.")})
    assert [name for name, _, _ in stands(files)] == [others[0].name, others[2].name]


def test_it_goes_with_its_table(files):
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": failed("No version.")})
    files.remove(TABLES["tasks"], "10-v1.1")
    assert not files.findings_path(TABLES["tasks"], "10-v1.1").exists()
    # Nothing is said about a table that is not stored.
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": failed("No version.")})
    assert stands(files) == []


def test_the_raw_classifications_are_checked_as_one_table(files, tmp_path):
    keep(files, DEFAULTS, COLUMNS, {None: failed("A column `notes`.")})
    assert stands(files) == [("columns_are_known", (None,), "A column `notes`. Import it again.")]
    assert files.keys(TABLES["raw_classifications"]) == VERSIONS
    with publication(files, tmp_path) as together:
        forget(together)
    assert stands(files) == []


def test_with_other_limits_a_check_that_failed_is_evaluated_again(files):
    keep(files, DEFAULTS, TIMES, {"10-v1.1": failed("Before."), "10-v1.2": failed("Before.")})
    other = Settings.model_validate({"checks": {"left_out": 0.5}})
    files.publish(TABLES["classifications"], TABLES["classifications"].empty().lazy(), {}, "10-v1.1")
    (description,) = [text for name, _, text in stands(files, ["10-v1.2"], other) if name == TIMES.name]
    assert description.startswith("1 of 1 classification (100 %) has an implausible time: 1 without a time.")


def test_other_settings_are_no_limits(files):
    keep(files, DEFAULTS, TIMES, {"10-v1.1": failed("Before.")})
    same = Settings.model_validate({"importing": {"settle_seconds": 3}})
    assert stands(files, settings=same) == [("times_are_plausible", ("10-v1.1",), "Before. Import it again.")]


def test_tighter_limits_hold_for_what_passed_before(files):
    keep(files, DEFAULTS, TIMES, {key: Finding("Fine.") for key in VERSIONS})
    assert stands(files) == []
    other = Settings.model_validate({"checks": {"left_out": 0.5}})
    again = {name: keys for name, keys, _ in stands(files, settings=other)}
    assert again["times_are_plausible"] == tuple(VERSIONS)
    # It is kept, and not evaluated once more.
    files.publish(TABLES["classifications"], TABLES["classifications"].empty().lazy(), {}, "10-v1.1")
    assert {name: keys for name, keys, _ in stands(files, settings=other)} == again


def test_a_look_at_one_workflow_leaves_the_tighter_limits_for_the_others(files):
    keep(files, DEFAULTS, TIMES, {key: Finding("Fine.") for key in VERSIONS})
    other = Settings.model_validate({"checks": {"left_out": 0.5}})
    for versions in (VERSIONS[:2], VERSIONS):
        again = {name: keys for name, keys, _ in stands(files, versions, other)}
        assert again["times_are_plausible"] == tuple(versions)


def test_an_error_is_evaluated_again_since_its_check_may_be_mended(files):
    fault = Finding("The check itself failed (KeyError: a).", passed=False, is_error=True)
    files.publish(TABLES["classifications"], TABLES["classifications"].empty().lazy(), {}, "10-v1.1")
    keep(files, DEFAULTS, TIMES, {"10-v1.1": fault, "10-v1.2": fault})
    ((name, keys, description),) = stands(files)
    assert (name, keys) == ("times_are_plausible", ("10-v1.2",))
    assert description.startswith("1 of 1 classification (100 %) has an implausible time: 1 without a time.")


@pytest.mark.parametrize("content", [b"\xff{", b"[]", b'{"version_is_defined": {"message": "No version."}}'])
def test_a_file_that_is_damaged_says_nothing_and_is_written_again(files, content):
    path = files.findings_path(TABLES["tasks"], "10-v1.1")
    path.write_bytes(content)
    assert stands(files) == []
    keep(files, DEFAULTS, DEFINED, {"10-v1.1": failed("No version.")})
    assert [name for name, _, _ in stands(files)] == ["version_is_defined"]


def test_the_limits_of_a_working_copy_replace_a_link_and_not_the_object_that_it_is_to(
    files: TableFiles, tmp_path: Path
) -> None:
    (tmp_path / "object").write_text("other limits", encoding="utf-8")
    (files.root / ".limits").symlink_to(tmp_path / "object")
    stands(files)
    assert (tmp_path / "object").read_text(encoding="utf-8") == "other limits"
    assert not (files.root / ".limits").is_symlink()
