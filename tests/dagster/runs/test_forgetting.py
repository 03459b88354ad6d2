"""Forgetting: what is removed, what stays, and that the same export brings it back."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner

import zoo_dag
from tests.builders import subject_row, workflow_row, write_export
from tests.built_projects import BuiltProjects
from tests.dagster_project import deployment_of, instance_of, run_all, votes
from zoo_dag.cli import main as cli
from zoo_dag.dagster import partitions
from zoo_dag.dagster.names import ALONE
from zoo_dag.dagster.part_job import config_of_parts
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.run_process import process_tags
from zoo_dag.dagster.runs.forgetting import forget, plan
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import BusyError, TableError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.tables import TABLES

# What is not made from exports alone, but tells of imports.
RECORDS = {"imports", "forgotten", "raw_versions", "accounting", "version_accounting"}


def rows_of(workflow: int, versions: Sequence[str], first: int) -> list[dict]:
    """Votes of a workflow, and a row that names no version."""
    rows = [
        row
        for number, version in enumerate(versions)
        for row in votes(version, ["Yes", "No", "Yes"], first + 10 * number, workflow)
    ]
    (lost,) = votes("", ["Yes"], first + 90, workflow)
    return [*rows, lost]


def write_project(place: Path, rows: Sequence[dict], workflows: Sequence[int]) -> tuple[Path, ...]:
    """The three exports of a project."""
    subjects = [subject_row(101, workflow_id=workflow) for workflow in workflows]
    return (
        write_export(place / "classifications.csv", rows),
        write_export(place / "subjects.csv", [*subjects, subject_row(102, workflow_id=None)]),
        write_export(place / "workflows.csv", [workflow_row(3, 2, workflow_id=each) for each in workflows]),
    )


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    rows = rows_of(10, ["3.2", "3.9"], 1) + rows_of(20, ["1.1"], 200)
    return write_project(tmp_path_factory.mktemp("exports"), rows, [10, 20])


@pytest.fixture
def whole(exports: tuple[Path, ...], built_projects: BuiltProjects) -> DataFolder:
    """Both workflows; not to be changed."""
    return built_projects.of(*exports).folder


@pytest.fixture(scope="session")
def without_10(built_projects: BuiltProjects, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The project as if there had never been a workflow 10."""
    exports = write_project(tmp_path_factory.mktemp("without"), rows_of(20, ["1.1"], 200), [20])
    return built_projects.of(*exports).folder


@pytest.fixture
def imported(folder: DataFolder, exports: tuple[Path, ...], built_projects: BuiltProjects) -> DataFolder:
    """Both workflows, with their history, for a test to change."""
    built = built_projects.of(*exports)
    assert built.outcome.failures == []
    return built.copy(folder)


def content(folder: DataFolder, *names: str) -> dict[str, list[dict]]:
    """All rows of all tables that exports alone decide, but for where in a file they stood."""
    found = {}
    for name in names or set(TABLES) - RECORDS:
        frame = folder.tables.scan_all(TABLES[name]).collect()
        found[name] = frame.drop("source_row", strict=False).to_dicts()
    return found


def forget_now(folder: DataFolder, workflow: int | None, version: str | None = None) -> None:
    assert forget(deployment_of(folder), plan(folder, workflow, version), lambda *_: None).failures == []


# A process that is killed before it puts in place or removes a file of the tables for so many times; says what it
# did before.
_UNTIL_KILLED = """\
import os, signal, sys

data, moment = sys.argv[1], int(sys.argv[2])
number = 0

def counted(call):
    def or_die(*paths, **options):
        global number
        if os.fspath(paths[-1]).startswith(f"{data}/tables/"):
            number += 1
            if number == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            print(call.__name__, file=sys.stderr)
        return call(*paths, **options)
    return or_die

os.replace, os.unlink = counted(os.replace), counted(os.unlink)

from zoo_dag.cli.main import main

main(["forget", sys.argv[3], "--yes", "--data", data])
"""


def forget_until_killed(folder: DataFolder, workflow: int, moment: int) -> list[str]:
    """Forget a workflow in a process that is killed; the changes of files of the tables that it made before."""
    command = [sys.executable, "-c", _UNTIL_KILLED, str(folder.root), str(moment), str(workflow)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert process.returncode == -signal.SIGKILL
    return process.stderr.split()


def accounting(folder: DataFolder) -> pl.DataFrame:
    return zoo_dag.scan("accounting", folder.root).collect()


def test_a_forgotten_workflow_leaves_the_tables_as_if_it_had_never_been_there(imported, without_10):
    imported.reports.mkdir()
    imported.report(10).touch()
    of_workflow = dg.RunsFilter(tags={"dagster/partition": "10"})
    with instance_of(imported) as instance:
        # The import pooled both workflows in one run, which stays: it also built the other one.
        job = deployment_of(imported).definitions.resolve_job_def("pooled_only")
        tables = [dg.AssetKey("pooled_question_consensus")]
        assert job.execute_in_process(instance=instance, partition_key="10", asset_selection=tables).success
        assert [run.job_name for run in instance.get_runs(filters=of_workflow)] == ["pooled_only"]
        of_part = {"dagster/partition": "10-v3.2-part-1-of-2"}
        parts = deployment_of(imported).definitions.resolve_job_def("version_part")
        config = config_of_parts(ALONE, ["classifications"])
        instance.create_run_for_job(parts, run_config=config, tags=of_part, status=dg.DagsterRunStatus.SUCCESS)
    forget_now(imported, 10)
    assert not imported.report(10).exists()
    assert content(imported) == content(without_10)
    assert accounting(imported).drop("merged").equals(accounting(without_10).drop("merged"))
    assert accounting(imported)["balanced"].all()
    names = {path.name for path in imported.tables.root.rglob("*.parquet")}
    assert not [name for name in names if name.startswith("10")]
    # Dagster forgets the runs of the partition, and shows the tables as they are.
    with instance_of(imported) as instance:
        assert instance.get_runs(filters=of_workflow) == []
        assert instance.get_runs(filters=dg.RunsFilter(tags=of_part)) == []
        assert instance.get_dynamic_partitions("workflow") == ["20"]
        event = instance.get_latest_materialization_event(dg.AssetKey("raw_subjects"))
        assert event.asset_materialization.metadata["dagster/row_count"].value == 2
    # What was forgotten is on record.
    record = zoo_dag.scan("forgotten", imported.root).collect()
    assert record.select("workflow_id", "workflow_version", "table", "kind", "n_rows").rows() == [
        (10, "3.2", "raw_classifications", "classifications", 3),
        (10, "3.9", "raw_classifications", "classifications", 3),
        (10, None, "raw_subjects", "subjects", 1),
        (10, None, "raw_workflows", "workflows", 1),
        (10, None, "raw_quarantine", "classifications", 1),
    ]


def test_a_forgotten_version_leaves_the_other_versions_of_its_workflow(imported, whole):
    forget_now(imported, 10, "3.2")
    assert imported.versions() == ["10-v3.9", "20-v1.1"]
    pooled = zoo_dag.scan("pooled_question_consensus", imported.root, workflow=10).collect()
    assert pooled["versions"].to_list() == [["3.9"]] * 2
    assert pooled["votes"].sum() == 3
    assert accounting(imported)["balanced"].all()
    assert set(accounting(imported)["workflow_version"].drop_nulls()) == {"3.9", "1.1"}
    assert content(imported, "subjects", "workflow_versions", "raw_quarantine") == content(
        whole, "subjects", "workflow_versions", "raw_quarantine"
    )


def test_a_workflow_whose_last_version_is_forgotten_has_no_pooled_tables(imported):
    forget_now(imported, 20, "1.1")
    assert imported.tables.keys(TABLES["subject_summary"]) == ["10"]
    with instance_of(imported) as instance:
        assert partitions.registered(instance) == ["10-v3.2", "10-v3.9"]
        assert partitions.registered(instance, partitions.WORKFLOWS) == ["10"]


def test_everything_may_be_forgotten_and_imported_again(imported, whole, exports):
    imported.downloads.mkdir()
    (imported.downloads / "1-classifications.csv.part").write_text("rows of volunteers")
    forget_now(imported, None)
    assert not imported.downloads.exists()
    assert list(imported.tables.root.rglob("*.parquet")) == []
    with instance_of(imported) as instance:
        assert partitions.registered(instance) == []
        assert instance.get_runs() == []
        assert instance.get_materialized_partitions(dg.AssetKey("question_consensus")) == set()
        assert instance.get_latest_materialization_event(dg.AssetKey("raw_subjects")) is None
    assert run_all(imported, Request(exports)).failures == []
    assert content(imported) == content(whole)
    assert accounting(imported).equals(accounting(whole))


@pytest.mark.parametrize(("workflow", "version"), [(10, "3.2"), (20, None)])
def test_the_same_exports_bring_back_what_was_forgotten(imported, whole, exports, workflow, version):
    if version:
        # A damaged version can be forgotten, too.
        path = imported.tables.path(TABLES["raw_classifications"], f"{workflow}-v{version}")
        path.write_bytes(path.read_bytes()[:-9])
    forget_now(imported, workflow, version)
    outcome = run_all(imported, Request(exports))
    assert outcome.failures == []
    assert outcome.changed
    assert content(imported) == content(whole)
    assert accounting(imported)["balanced"].all()
    with instance_of(imported) as instance:
        assert partitions.registered(instance) == ["10-v3.2", "10-v3.9", "20-v1.1"]
    # The files that had it were read again, and are skipped from now on.
    files = 4 if version else 6
    assert imported.tables.scan(TABLES["imports"]).collect().height == files
    assert run_all(imported, Request(exports)).changed == []
    assert imported.tables.scan(TABLES["imports"]).collect().height == files


# The first moment decides: before it nothing is forgotten. Then files are put in place, and others removed.
@pytest.mark.parametrize(
    ("moment", "changes"), [(1, []), (3, ["replace"] * 2), (40, ["replace"] * 5 + ["unlink"] * 34)]
)
def test_killed_at_any_moment_all_is_forgotten_or_nothing(imported, whole, without_10, moment, changes):
    assert forget_until_killed(imported, 10, moment) == changes
    assert run_all(imported, Request(())).failures == []
    assert accounting(imported)["balanced"].all()
    assert content(imported) == content(without_10 if changes else whole)
    if not changes:
        assert os.listdir(imported.root / "staging") != []
        forget_now(imported, 10)
        assert os.listdir(imported.root / "staging") == []
        assert content(imported) == content(without_10)


def test_what_is_not_there_cannot_be_forgotten(imported):
    for workflow, version in ((11, None), (10, "9.9")):
        with pytest.raises(TableError, match=r"there is 10-v3\.2, 10-v3\.9, 20-v1\.1"):
            plan(imported, workflow, version)


def test_nothing_is_forgotten_while_a_run_is_running(imported, whole):
    job = dg.GraphDefinition(name="one_version").to_job()
    with instance_of(imported) as instance:
        run_id = str(uuid.uuid4())
        tags = process_tags(instance, Project(imported), run_id)
        instance.create_run_for_job(job, run_id=run_id, status=dg.DagsterRunStatus.STARTED, tags=tags)
    with pytest.raises(BusyError, match=r"The run \w{8} of one_version is running\..* Nothing was forgotten\."):
        forget(deployment_of(imported), plan(imported, 10), lambda *_: None)
    assert content(imported) == content(whole)


def test_nothing_is_forgotten_while_an_import_holds_the_lock(imported, whole, monkeypatch):
    monkeypatch.setattr("zoo_dag.dagster.runs.forgetting._LOCK_SECONDS", 0)
    code = "import sys; from zoo_dag.store.data_folder import DataFolder\n"
    code += "with DataFolder.find(sys.argv[1]).import_lock(): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(imported.root)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError):
            forget(deployment_of(imported), plan(imported, 10), lambda *_: None)
    finally:
        holder.communicate()
    assert content(imported) == content(whole)


def zoo(*arguments: object):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_output", cli.Terminal(width=200))


def test_a_dry_run_shows_what_would_go_and_changes_nothing(imported, whole, wide, capsys):
    result = zoo("forget", 10, "--data", imported.root, "--dry-run")
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 0
    rows = [[cell.strip() for cell in line.split("│")] for line in printed.splitlines()]
    table = {row[1]: row[2:4] for row in rows if len(row) == 6}
    assert table["raw_classifications"] == ["2", "6"]
    assert table["raw_subjects"] == ["", "1"]
    assert table["pooled_question_consensus"] == ["1", "2"]
    assert "the next import of one that holds these rows brings them back" in printed
    assert content(imported) == content(whole)


def test_without_anybody_to_ask_nothing_is_forgotten(imported, whole):
    result = zoo("forget", 10, "--data", imported.root)
    assert result.exit_code == 2
    assert "Nothing was forgotten: there is no terminal to confirm on. Use --yes" in result.stderr
    assert content(imported) == content(whole)


@pytest.mark.parametrize(("reply", "versions"), [("n", ["10-v3.2", "10-v3.9", "20-v1.1"]), ("y", ["20-v1.1"])])
def test_on_a_terminal_the_user_is_asked(imported, reply, versions):
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "zoo_dag", "forget", "10", "--data", str(imported.root)]
    process = subprocess.Popen(command, stdin=child, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
    os.close(child)
    os.write(parent, f"{reply}\n".encode())
    printed = process.communicate()[0].decode()
    os.close(parent)
    assert "Forget this?" in printed
    assert ("Forgotten: workflow 10." in printed) == (reply == "y")
    assert imported.versions() == versions


def test_with_yes_nobody_is_asked_and_files_in_the_inbox_are_named(imported, exports, wide, capsys):
    imported.inbox.mkdir()
    shutil.copy(exports[0], imported.inbox)
    result = zoo("forget", 10, "--version", "3.02", "--data", imported.root, "--yes")
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 0
    assert "are read again with the next import: classifications.csv." in printed
    assert "Forgotten: workflow 10, version 3.2." in printed
    assert imported.versions() == ["10-v3.9", "20-v1.1"]


@pytest.mark.parametrize("arguments", [(), (10, "--all"), ("--all", "--version", "3.2")])
def test_forget_needs_one_workflow_or_the_option_all(imported, arguments):
    result = zoo("forget", *arguments, "--data", imported.root, "--yes")
    assert result.exit_code == 2
    assert "Name one workflow, optionally with --version, or use --all." in result.stderr
