"""Runs that have nothing to do, which are recognised without Dagster, and those that only look like it."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import write_export
from tests.dagster_project import votes
from zoo_dag.checks.finding import Finding
from zoo_dag.checks.registry import CHECKS
from zoo_dag.checks.standing import keep
from zoo_dag.dagster.instance import open_instance
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.runs.requests import FailedCheck, Outcome, Request, requested_exports
from zoo_dag.dagster.runs.run_all import Deployment, run
from zoo_dag.dagster.runs.unchanged import unchanged
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES

ROWS = [*votes("1.1", ["Yes", "Yes", "No"], 1), *votes("2.1", ["No", "No"], 11)]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exports") / "classifications.csv"
    write_export(path, [{**row, "added column": "x"} for row in ROWS])
    return path


@pytest.fixture(scope="module")
def first(export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, Outcome]:
    """A data folder after an import, and the outcome of that."""
    folder = DataFolder(tmp_path_factory.mktemp("first") / "data")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(folder.root / "dagster_home"))
        with open_instance(folder) as instance:
            deployment = Deployment(Project(folder, imports_any_file=True), instance)
            outcome = run(deployment, Request((export,)), lambda *_: None)
    assert not outcome.failures
    return folder, outcome


@pytest.fixture
def imported(folder: DataFolder, first: tuple[DataFolder, Outcome]) -> Outcome:
    """The outcome of the import; the data folder of the test is a copy of what it made."""
    shutil.copytree(first[0].root, folder.root)
    return first[1]


def found(folder: DataFolder, *exports: Path, **options: object) -> Outcome | None:
    """What `zoo-dag run` finds before it would load Dagster; by another process than the one that imported."""
    folder = DataFolder(folder.root)
    request = Request(exports, **options)
    return unchanged(folder, request, requested_exports(folder, request))


def test_an_unchanged_import_and_one_of_nothing_have_nothing_to_do(folder, imported, export, tmp_path) -> None:
    again = found(folder, export)
    assert again is not None
    assert (again.versions, again.changed, again.failures) == (["10-v1.1", "10-v2.1"], [], [])
    copy = tmp_path / "other name.csv"
    copy.write_bytes(export.read_bytes())
    assert found(folder, copy) is not None
    nothing = found(folder)
    assert nothing is not None
    assert nothing.versions == again.versions
    of_one = found(folder, export, version="2.1")
    assert of_one is not None
    assert of_one.versions == ["10-v2.1"]


def without_advice(checks: Sequence[FailedCheck]) -> list[FailedCheck]:
    """The checks as Dagster's events have them: the advice is the end of the description."""
    return [replace(check, advice="") for check in checks]


def test_it_repeats_what_the_checks_of_the_import_say(folder, imported, export) -> None:
    again = found(folder, export)
    assert again is not None
    of_import = [check for check in imported.checks if TABLES[check.asset].stage == "raw"]
    assert [check.check for check in of_import] == ["columns_are_known"]
    assert without_advice(again.checks) == of_import
    nothing = found(folder)
    assert nothing is not None
    assert without_advice(nothing.checks) == of_import


def test_it_repeats_what_other_checks_found_when_their_tables_were_built(folder, imported, export) -> None:
    table, settings = TABLES["pooled_question_consensus"], folder.root / "zoo_dag.toml"
    (check,) = [check for check in CHECKS if check.name == "answers_do_not_drift"]
    drift = Finding("It drifts.", passed=False, advice="See why.")
    keep(folder.tables, folder.settings, check, {"10": drift})
    again = found(folder, export)
    assert again is not None
    assert [str(each) for each in again.standing if each not in again.checks] == [
        "pooled_question_consensus of 10, check answers_do_not_drift: It drifts. See why."
    ]
    assert again.failures == []
    assert without_advice(again.checks) == [each for each in imported.checks if TABLES[each.asset].stage == "raw"]
    # An error is evaluated again.
    keep(folder.tables, folder.settings, check, {"10": replace(drift, is_error=True)})
    mended = found(folder, export)
    assert mended is not None
    assert mended.standing == mended.checks
    keep(folder.tables, folder.settings, check, {"10": drift})
    # With other limits it is evaluated again: these two versions have too few votes to compare.
    settings.write_text("[checks]\ndrift = 0.5\n")
    limited = found(folder, export)
    assert limited is not None
    assert limited.standing == limited.checks
    settings.unlink()
    # And it is gone with the table.
    folder.tables.remove(table, "10")
    assert not folder.tables.findings_path(table, "10").exists()


def test_an_error_that_stands_is_a_failure_of_every_run(folder, imported, export) -> None:
    files, table = folder.tables, TABLES["accounting"]
    (check,) = [check for check in CHECKS if check.name == "sums_match"]
    rows = files.scan(table).collect().with_columns(balanced=False)
    files.publish(table, rows.lazy(), {DATA_VERSION: files.data_version(table)})
    keep(files, folder.settings, check, {None: Finding("Once.", passed=False, is_error=True)})
    for _ in range(2):
        failed = found(folder, export)
        assert failed is not None
        (failure,) = failed.failures
        assert failure.startswith("accounting, check sums_match: Rows are not accounted for:")


def test_the_import_before_brought_its_rows(imported, export) -> None:
    brought = imported.brought
    assert [file[1:] for file in brought.files] == [("classifications", 5)]
    assert brought.read == brought.new == {"10-v1.1": 3, "10-v2.1": 2}


def test_it_writes_nothing(folder, imported, export) -> None:
    def files() -> dict[Path, int]:
        paths = [path for path in folder.root.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return {path: path.stat().st_mtime_ns for path in paths}

    before = files()
    assert found(folder, export) is not None
    assert files() == before


def test_another_export_of_the_same_size_is_work(folder, imported, export, tmp_path) -> None:
    other = tmp_path / "other.csv"
    text = export.read_text(encoding="utf-8")
    other.write_text(text.replace('""value"":""Yes""', '""value"":""Yup""'), encoding="utf-8")
    assert other.stat().st_size == export.stat().st_size
    assert found(folder, other) is None
    longer = tmp_path / "longer.csv"
    write_export(longer, [*ROWS, *votes("2.2", ["No"], 21)])
    assert found(folder, export, longer) is None
    assert found(folder, export, replace=True) is None


@pytest.mark.parametrize(
    "name",
    [
        "tasks/10-v2.1.parquet",
        "question_consensus/10-v1.1.parquet",
        "subject_summary/10.parquet",
        "accounting.parquet",
        "raw_classifications/10-v1.1.parquet",
        "raw_versions/10-v1.1.parquet",
        "shown_subjects/10-v1.1.parquet",
        "raw_subjects.parquet",
        "imports.parquet",
    ],
)
def test_a_lost_file_is_work(folder, imported, export, name) -> None:
    (folder.root / "tables" / name).unlink()
    assert found(folder, export) is None


def test_a_damaged_file_new_settings_and_a_lost_history_are_work(folder, imported, export) -> None:
    file = folder.root / "tables" / "classifications" / "10-v1.1.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-20])
    assert found(folder, export) is None
    file.write_bytes(content)
    assert found(folder, export) is not None
    settings = folder.root / "zoo_dag.toml"
    settings.write_text("[agreement]\nmin_classifications = 7\n", encoding="utf-8")
    assert found(folder, export) is None
    settings.unlink()
    shutil.rmtree(folder.dagster_home / "history")
    assert found(folder, export) is None


def test_an_import_that_is_running_is_waited_for(folder, imported, export) -> None:
    code = (
        "import sys; from pathlib import Path; from zoo_dag.store.data_folder import DataFolder\n"
        "with DataFolder(Path(sys.argv[1])).import_lock():\n    print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(folder.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        assert found(folder, export) is None
        process.communicate("")
    assert found(folder, export) is not None


def test_a_version_that_there_is_not_is_said(folder, imported, export) -> None:
    with pytest.raises(ZooDagError, match=r"There is no version 9\.9; there is 10-v1\.1, 10-v2\.1\."):
        found(folder, export, version="9.9")


def test_the_command_loads_no_dagster(folder, imported, export) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from zoo_dag.cli.main import main\n"
        "result = CliRunner().invoke(main, ['run', *sys.argv[1:]]); print(result.output)\n"
        "print('dagster' in sys.modules, result.exit_code)"
    )
    command = [sys.executable, "-c", code, str(export), "--data", str(folder.root)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    assert "Nothing changed in 2 versions: 0 quarantined, 0 left out, 5 counted." in printed
    assert printed[-1] == "False 0"
