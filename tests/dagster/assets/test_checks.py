"""Checks in real runs: in Dagster's log with severity and sentence, stopping nothing, listed in the summary."""

from pathlib import Path

import dagster as dg
import pytest

from tests.builders import (
    answer,
    classification_row,
    subject_row,
    workflow_row,
    write_classifications,
    write_export,
    write_subjects,
    write_workflows,
)
from tests.built_projects import OF_FEW, BuiltProject, BuiltProjects
from tests.dagster_project import instance_of, run_all, votes
from zoo_dag.checks.finding import Check
from zoo_dag.checks.registry import CHECKS
from zoo_dag.cli.summary import summarise
from zoo_dag.dagster.assets import checks as checking
from zoo_dag.dagster.definitions import build_definitions
from zoo_dag.dagster.runs.requests import Outcome, Request
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

SUMS_MATCH = ("version_accounting", "sums_match")
UNREAD = "unknown answer label"


def evaluations(folder: DataFolder, run_ids: set[str] | None = None) -> list[dg.AssetCheckEvaluation]:
    """The results of checks in Dagster's history, the oldest first; of some runs, or of all."""
    with instance_of(folder) as instance:
        runs = [found.run_id for found in reversed(list(instance.get_runs()))]
        return [
            record.event_log_entry.dagster_event.asset_check_evaluation_data
            for run_id in runs
            if run_ids is None or run_id in run_ids
            for record in instance.get_records_for_run(
                run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            ).records
        ]


def latest(folder: DataFolder, asset: str, check: str) -> dg.AssetCheckEvaluation:
    return [each for each in evaluations(folder) if (each.asset_key.path[-1], each.check_name) == (asset, check)][
        -1
    ]


def name(evaluation: dg.AssetCheckEvaluation) -> tuple[str, str]:
    return evaluation.asset_key.path[-1], evaluation.check_name


def failing(outcome: Outcome) -> set[tuple[str, str]]:
    return {(check.asset, check.check) for check in outcome.checks}


@pytest.fixture
def folder(folder: DataFolder) -> DataFolder:
    """A data folder whose checks warn about shares of a few classifications, too."""
    folder.root.mkdir()
    (folder.root / "zoo_dag.toml").write_text(OF_FEW)
    return folder


@pytest.fixture
def whole_project(built_projects: BuiltProjects, tmp_path: Path) -> BuiltProject:
    """Three exports that fit together: twelve classifications of three subjects."""
    exports = tmp_path / "exports"
    rows = [
        classification_row(number, subject_ids=str(101 + number % 3), annotations=[answer(value="Yes")])
        for number in range(12)
    ]
    write_classifications(exports / "classifications.csv", rows)
    write_subjects(exports / "subjects.csv", [subject_row(n, classifications_count=4) for n in (101, 102, 103)])
    write_workflows(exports / "workflows.csv", [workflow_row(classifications_count=12)])
    return built_projects.of(exports, settings=OF_FEW)


@pytest.fixture
def one_unread(built_projects: BuiltProjects) -> BuiltProject:
    """Six answers, of which one cannot be read."""
    return built_projects.of_rows(votes("3.2", ["Yes"] * 5 + [UNREAD], 1), OF_FEW)


@pytest.fixture
def three_versions(built_projects: BuiltProjects) -> BuiltProject:
    """Three versions; answers of two cannot be read."""
    rows = votes("3.2", ["Yes"] * 4, 1) + votes("3.9", ["Yes", UNREAD], 10) + votes("3.10", [UNREAD], 20)
    return built_projects.of_rows(rows, OF_FEW)


@pytest.fixture
def drifting(built_projects: BuiltProjects, tmp_path: Path) -> BuiltProject:
    """Two versions of a question, answered differently."""
    exports = tmp_path / "exports"
    write_workflows(exports / "workflows.csv", [workflow_row(3, minor, workflow_id=10) for minor in (2, 9)])
    old, new = votes("3.2", ["Yes"] * 80 + ["No"] * 20, 1), votes("3.9", ["Yes"] * 20 + ["No"] * 80, 200)
    write_export(exports / "classifications.csv", old + new)
    return built_projects.of(exports, settings=OF_FEW)


def test_every_check_has_a_result_and_passes_where_the_exports_fit_together(whole_project):
    folder, outcome = whole_project.folder, whole_project.outcome
    found = evaluations(folder)
    assert [each.description for each in found if not each.passed] == []
    of_all = [check for check in CHECKS if not TABLES[check.table].asked_for]
    assert {(check.table, check.name) for check in of_all} <= set(map(name, found))
    declared = {
        (key.asset_key.path[-1], key.name)
        for key in build_definitions(folder).resolve_asset_graph().asset_check_keys
        if not TABLES[key.asset_key.path[-1]].asked_for
    }
    assert declared == set(map(name, found))
    assert not any("check itself failed" in each.description for each in found)
    assert (outcome.failures, outcome.checks) == ([], [])


def test_only_row_accounting_blocks(folder):
    graph = build_definitions(folder).resolve_asset_graph()
    blocking = {key for key in graph.asset_check_keys if graph.get(key).blocking}
    assert {(key.asset_key.path[-1], key.name) for key in blocking} == {SUMS_MATCH}


def test_numbers_are_metadata_that_dagster_plots(whole_project):
    counts = latest(whole_project.folder, "subject_summary", "server_counts_agree").metadata
    assert counts["counted by the server"] == dg.MetadataValue.int(12)
    assert counts["difference / server"] == dg.MetadataValue.float(0.0)


def test_a_warning_is_reported_and_stops_nothing(one_unread):
    folder, outcome = one_unread.folder, one_unread.outcome
    assert outcome.failures == []
    assert failing(outcome) == {("question_annotations", "answers_are_known")}
    evaluation = latest(folder, "question_annotations", "answers_are_known")
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert not evaluation.passed
    assert evaluation.description.startswith(
        "More than 1 % of the answers cannot be read: task `T0` 1 unknown of 6. They have no vote."
    )
    assert evaluation.metadata["examples"].value.splitlines()[-1] == "| `T0` | `6` | `1` | `0` |  |"
    with instance_of(folder) as instance:
        assert {found.status for found in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}
    assert folder.tables.keys(TABLES["question_consensus"]) == ["10-v3.2"]
    assert folder.tables.keys(TABLES["subject_summary"]) == ["10"]


def test_an_error_of_a_check_is_a_failure_of_the_command_and_stops_no_table(import_rows, folder):
    outcome = import_rows(votes("3.2", ["Yes"] * 10, 1) + broken("3.2", range(20, 40)))
    (check,) = [each for each in outcome.checks if each.is_error]
    assert (check.asset, check.check, check.partition) == (
        "parsed_quarantine",
        "few_rows_are_quarantined",
        "10-v3.2",
    )
    assert check.description.startswith("In the quarantine: 20 of 30 rows (67 %), more than 20 %.")
    assert outcome.failures == [str(check)]
    summary = summarise(folder, outcome).to_json()
    assert (summary["warnings"], summary["failures"]) == ([], [str(check)])
    assert latest(folder, "parsed_quarantine", "few_rows_are_quarantined").severity == dg.AssetCheckSeverity.ERROR
    assert folder.tables.keys(TABLES["question_consensus"]) == ["10-v3.2"]
    assert folder.tables.keys(TABLES["subject_summary"]) == ["10"]


def broken(version: str, numbers: range) -> list[dict]:
    """Rows whose metadata were cut off."""
    return [
        classification_row(number, workflow_id=10, workflow_version=version, metadata="{") for number in numbers
    ]


def test_a_run_over_a_range_has_one_result_that_names_the_partitions_that_fail(three_versions):
    folder = three_versions.folder
    (check,) = [each for each in three_versions.outcome.checks if each.asset == "question_annotations"]
    assert check.description.startswith("2 of 3 partitions do not pass. 10-v3.9: More than 1 %")
    evaluation = latest(folder, "question_annotations", "answers_are_known")
    assert evaluation.metadata["partitions that do not pass"].value == "10-v3.9, 10-v3.10"
    assert evaluation.metadata["answers"].value == 7
    assert evaluation.metadata["examples"].value.splitlines()[2].startswith("| `10-v3.9` | `T0` |")


def test_a_run_of_one_partition_is_about_that_partition(three_versions, tmp_path):
    folder = three_versions.copy(DataFolder(tmp_path / "data"))
    with instance_of(folder) as instance:
        job = build_definitions(folder).resolve_job_def("one_version")
        good = job.execute_in_process(instance=instance, partition_key="10-v3.2")
        bad = job.execute_in_process(instance=instance, partition_key="10-v3.9")
    assert {each.passed for each in evaluations(folder, {good.run_id})} == {True}
    (evaluation,) = [each for each in evaluations(folder, {bad.run_id}) if not each.passed]
    assert evaluation.description.startswith("More than 1 %")
    assert evaluation.metadata["answers"].value == 2
    assert evaluation.target_materialization_data.run_id == bad.run_id


def execute(folder: DataFolder, assets: list[str], checks: list[tuple[str, str]] | None) -> set[tuple[str, str]]:
    """Run some assets and checks of version 10-v3.2; the checks that have a result then."""
    job = build_definitions(folder).resolve_implicit_global_asset_job_def()
    selected = None if checks is None else {dg.AssetCheckKey(dg.AssetKey(asset), check) for asset, check in checks}
    subset = job.get_subset(
        asset_selection={dg.AssetKey(asset) for asset in assets}, asset_check_selection=selected
    )
    with instance_of(folder) as instance:
        result = subset.execute_in_process(instance=instance, partition_key="10-v3.2" if assets else None)
    assert result.success
    return set(map(name, evaluations(folder, {result.run_id})))


def test_of_a_part_of_the_tables_only_the_checks_of_that_part_run(three_versions, tmp_path):
    folder = three_versions.copy(DataFolder(tmp_path / "data"))
    assert execute(folder, ["question_consensus"], None) == {("question_consensus", "is_consistent")}
    assert execute(folder, ["text_annotations", "flattened_quarantine"], None) == {
        ("text_annotations", "answers_are_known"),
        ("flattened_quarantine", "few_rows_are_quarantined"),
    }
    assert execute(folder, ["question_consensus"], []) == set()


def test_checks_without_assets_evaluate_all_partitions_and_build_nothing(three_versions, tmp_path):
    folder = three_versions.copy(DataFolder(tmp_path / "data"))
    wanted = [
        ("question_annotations", "answers_are_known"),
        ("drawing_consensus", "is_consistent"),
        ("subject_summary", "most_subjects_have_enough"),
    ]
    before = folder.tables.path(TABLES["question_annotations"], "10-v3.2").stat().st_mtime_ns
    assert execute(folder, [], wanted) == set(wanted)
    assert latest(folder, "question_annotations", "answers_are_known").metadata["answers"].value == 7
    assert latest(folder, "subject_summary", "most_subjects_have_enough").metadata["subjects"].value == 1
    assert folder.tables.path(TABLES["question_annotations"], "10-v3.2").stat().st_mtime_ns == before


def test_a_fault_in_a_check_stops_nothing_and_asks_to_be_reported(import_rows, folder, monkeypatch):
    def fault(_: object) -> None:
        raise ZeroDivisionError("a <b>`fault`</b>")

    faulty = Check("tasks", "version_is_defined", "Faulty.", fault)
    known = checking.checks_of
    monkeypatch.setattr(checking, "checks_of", lambda tables: [faulty] if "tasks" in [*tables] else known(tables))
    outcome = import_rows(votes("3.2", ["Yes"] * 4, 1))
    assert folder.tables.keys(TABLES["subject_summary"]) == ["10"]
    (failure,) = outcome.failures
    assert "The check itself failed (ZeroDivisionError: `a <b>'fault'</b>`). Please report it" in failure


def test_a_version_whose_answers_drift_is_reported_for_the_workflow(drifting):
    (check,) = [each for each in drifting.outcome.checks if each.check == "answers_do_not_drift"]
    assert (check.asset, check.partition, check.severity) == ("pooled_question_consensus", "10", "WARN")
    assert check.description.startswith(
        "Task `T0` is answered differently in 3.9 than in 3.2 on the same 1 subject: "
        "`No` from 20 % to 80 %, `Yes` from 80 % to 20 % (distance 60 %)."
    )


def test_the_setting_that_the_warning_names_ends_it(drifting, tmp_path):
    assert ("pooled_question_consensus", "answers_do_not_drift") in failing(drifting.outcome)
    folder = drifting.copy(DataFolder(tmp_path / "data"))
    (folder.root / "zoo_dag.toml").write_text('[pooling]\nnew = ["10 T0@3.9"]\n')
    again = run_all(DataFolder(folder.root), Request(()))
    assert "pooled_question_consensus" not in {check.asset for check in again.checks}


def test_limits_are_settings_and_change_no_result(one_unread, tmp_path):
    assert failing(one_unread.outcome) == {("question_annotations", "answers_are_known")}
    folder = one_unread.copy(DataFolder(tmp_path / "data"))
    (folder.root / "zoo_dag.toml").write_text(f"{OF_FEW}unknown_answers = 0.5\n")
    outcome = run_all(DataFolder(folder.root), Request(()))
    assert (outcome.changed, outcome.checks, outcome.standing) == ([], [], [])


def test_a_warning_about_a_share_needs_twenty_classifications(import_rows, folder):
    (folder.root / "zoo_dag.toml").unlink()
    assert import_rows(votes("3.2", ["Yes"] * 18 + [UNREAD], 1)).standing == []
    # Another version, so that each has 20; the warnings of both are one.
    outcome = import_rows(votes("3.2", ["Yes"] * 19 + [UNREAD], 1) + votes("3.9", ["Yes"] * 18 + [UNREAD] * 2, 50))
    (warning,) = [check for check in outcome.standing if check.check == "answers_are_known"]
    assert warning.partition is None
    assert warning.description.startswith(
        "2 of 2 partitions do not pass. 10-v3.2: More than 1 % of the answers cannot be read: task `T0` 1 unknown "
        "of 20. 10-v3.9: More than 1 % of the answers cannot be read: task `T0` 2 unknown of 20."
    )


def test_the_summary_separates_warnings_from_failures(one_unread):
    summary = summarise(one_unread.folder, one_unread.outcome)
    (warning,) = summary.to_json()["warnings"]
    assert [warning[name] for name in ("asset", "check", "partition", "severity")] == [
        *("question_annotations", "answers_are_known", "10-v3.2", "WARN")
    ]
    assert "1 unknown of 6" in warning["description"]
    assert [str(warning) for warning in summary.warnings] == [str(check) for check in one_unread.outcome.checks]
    assert summary.failures == []


def test_the_demo_has_no_warning(built_demo):
    assert [str(check) for check in built_demo.outcome.checks] == []
    counts = [each for each in evaluations(built_demo.folder) if each.check_name == "server_counts_agree"]
    # The four workflows were pooled in one run.
    assert [each.metadata["subjects that differ"].value for each in counts] == [0]


LEFT_OUT = ("subject_summary", "few_are_left_out")
FEW = ("subject_summary", "most_subjects_have_enough")
UNKNOWN = ("subject_summary", "subjects_are_known")
REWORDED = ("subject_summary", "questions_stay_the_same")


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        # Whole enough: 123 subjects with 62 classifications each; 30 subjects with 5, and the server's counts.
        # A third of them are repeats.
        ("steller-watch", {LEFT_OUT}),
        ("cat-project", {REWORDED}),
        # Samples: 7 of 105,171 classifications; a workflows export without the versions, subjects of other parts.
        ("caesar-batch", {FEW, ("subject_summary", "server_counts_agree")}),
        ("zoonyper-tests", {FEW, UNKNOWN, ("tasks", "version_is_defined")}),
        # One file has six columns under a header of fourteen.
        ("gz-decals-tests", {FEW, UNKNOWN, REWORDED, ("raw_quarantine", "few_rows_are_quarantined")}),
    ],
)
def test_real_exports_warn_where_there_is_something_to_warn_of(built_real, data, warnings):
    outcome = built_real(data).outcome
    assert failing(outcome) == warnings
    assert outcome.failures == []
