"""The command line: exit codes, sentences for people, JSON for machines."""

import fcntl
import gc
import gzip
import os
import pty
import re
import select
import shlex
import shutil
import struct
import subprocess
import sys
import termios
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tests.builders import classification_row, subject_row, workflow_row, write_export
from tests.built_projects import BuiltProjects
from tests.dagster_project import run_all
from zoo_dag.cli import main as cli
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.store.data_folder import DataFolder

ROWS = [classification_row(1), classification_row(2), classification_row(3, metadata="{")]
Zoo = Callable[..., Result]


@contextmanager
def commands(place: Path) -> Iterator[Zoo]:
    """Call zoo-dag with the data folder of a place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(place / "data" / "dagster_home"))
        patch.setenv("ZOO_DAG_DATA", str(place / "data"))
        patch.setattr(cli, "_output", cli.Terminal(width=200))
        yield lambda *arguments: CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


@pytest.fixture
def zoo(tmp_path: Path) -> Iterator[Zoo]:
    """Call zoo-dag with a separate data folder."""
    with commands(tmp_path) as zoo:
        yield zoo


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A classifications export of three rows, one of them broken."""
    return write_export(tmp_path / "classifications.csv", ROWS)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A place where the export was run, and the JSON of that run; not to be changed."""
    place = tmp_path_factory.mktemp("first_run")
    with commands(place) as zoo:
        result = zoo("run", write_export(place / "classifications.csv", ROWS), "--json")
    assert result.exit_code == 0, result.output
    return place, orjson.loads(result.stdout)


@pytest.fixture
def after_run(first_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """The export, after it was run into the data folder."""
    place, _ = first_run
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    return tmp_path / "classifications.csv"


@pytest.fixture(scope="module")
def run_of_two_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], str]:
    """A place where two files of one name were run, the files, and what was printed; not to be changed."""
    place = tmp_path_factory.mktemp("two_files")
    files = [
        write_export(place / "march" / "classifications.csv", ROWS),
        write_export(place / "april" / "classifications.csv", [classification_row(4)]),
    ]
    settings = '[pooling]\nsame = ["11 T0@3.10", "11 T9@3.10", "11 T0@3.11", "11T0@3.10"]\n'
    (place / "data").mkdir()
    (place / "data" / "zoo_dag.toml").write_text(settings)
    with commands(place) as zoo, redirect_stdout(StringIO()) as shown:
        result = zoo("run", *files)
    printed = result.output + shown.getvalue()
    assert result.exit_code == 0, printed
    return place, files, printed


@pytest.fixture(scope="module")
def odd(built_projects: BuiltProjects) -> Path:
    """The data folder of workflow 11 with what Excel cannot hold, and 12 with what it cuts; not to be changed."""
    rows = [
        classification_row(2**53 + 1, user_id=5, user_name="a\rb"),
        classification_row(2, user_name="=cmd()"),
        classification_row(3, user_name="x" * 40_000, workflow_id=12, workflow_name="Other"),
        classification_row(4, user_name="y" * 32_767, workflow_id=12, workflow_name="Other"),
    ]
    return built_projects.of_rows(rows).folder.root


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The tables of a small project, built once; not to be changed."""
    place = tmp_path_factory.mktemp("stored")
    rows = [
        classification_row(1, user_name="=cmd()"),
        classification_row(2, user_name="-5"),
        classification_row(3, metadata="{"),
    ]
    classifications = write_export(place / "classifications.csv", rows)
    subjects = write_export(place / "subjects.csv", [subject_row(locations={"0": "https://example.org/a,b.jpg"})])
    folder = DataFolder(place / "data")
    assert run_all(folder, Request((classifications, subjects))).failures == []
    return folder


@pytest.fixture
def imported(stored: DataFolder, tmp_path: Path) -> None:
    """The data folder holds the tables of a small project."""
    shutil.copytree(stored.root / "tables", tmp_path / "data" / "tables")


@pytest.fixture
def finished(imported: None, stored: DataFolder, tmp_path: Path) -> Path:
    """An export all of whose rows are imported and built in the data folder; runs find that without Dagster."""
    history = tmp_path / "data" / "dagster_home" / "history"
    history.mkdir(parents=True)
    (history / "opening.lock").touch()
    return stored.root.parent / "classifications.csv"


def test_run_prints_where_the_rows_went_and_how_to_inspect_them(run_of_two_files):
    place, _, printed = run_of_two_files
    assert "All sums match." in printed
    assert f"Tables: {place / 'data'}/tables" in printed
    assert f"zoo-dag ui --data {place / 'data'}" in printed


@pytest.mark.parametrize("blocked", ["staging", "tables/tasks", "tables/classifications"])
def test_a_first_import_that_fails_shows_why(zoo, export, tmp_path, capsys, blocked):
    obstacle = tmp_path / "data" / blocked
    obstacle.parent.mkdir(parents=True)
    obstacle.write_text("a file where a folder should be")
    result = zoo("run", export)
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 1
    (failure,) = [line for line in printed.splitlines() if line.startswith("Failed: ")]
    assert str(obstacle) in failure
    assert "All sums match" not in printed


def test_run_as_json_has_the_counts_of_every_version(first_run):
    _, summary = first_run
    (version,) = summary["versions"]
    assert (version["workflow_id"], version["workflow_version"]) == (11, "3.10")
    assert (version["rows_read"], version["quarantined"], version["counted"]) == (3, 1, 2)
    assert summary["balanced"] is True
    assert set(summary["stages"]) == {"import", "compare", "versions", "pooled", "ledger"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--version", "abc"], "'abc' is not a workflow version; expected <major>.<minor>, such as 13.19."),
        (
            ["--workflow", "99"],
            "There is no workflow 99; there is 11. The exports are imported; nothing was built",
        ),
    ],
)
def test_a_version_or_workflow_that_cannot_be_is_a_sentence_on_a_fresh_import(
    zoo, export, tmp_path, arguments, sentence
):
    result = zoo("run", export, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    # A text that is no version is said before anything is written.
    assert (tmp_path / "data").exists() == ("abc" not in arguments)


def test_a_table_that_is_damaged_inside_is_named_by_a_run_that_finds_nothing_to_do(zoo, finished, tmp_path):
    (file,) = (tmp_path / "data" / "tables" / "classifications").glob("*.parquet")
    content = file.read_bytes()
    # The footer, which says that the table is current, is whole.
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") :]
    file.write_bytes(content[:4] + bytes(len(content) - len(footer) - 4) + footer)
    result = zoo("run", finished)
    assert result.exit_code == 2
    assert f"Error: {file} is damaged and cannot be read" in result.stderr
    assert "Delete it, and rebuild it: zoo-dag run" in result.stderr


def test_a_typo_in_a_version_is_a_sentence_with_and_without_exports(zoo, finished):
    for exports in ((finished,), ()):
        for arguments, sentence in {
            ("--version", "5.8"): "There is no version 5.8; there is 11-v3.10.",
            ("--version", "3.1"): "There is no version 3.1; there is 11-v3.10.",
            ("--version", "x"): "'x' is not a workflow version; expected <major>.<minor>, such as 13.19.",
            ("--workflow", "99"): "There is no workflow 99; there is 11.",
            ("--workflow", "11", "--version", "5.8"): "There is no version 5.8 of workflow 11; there is 3.10.",
        }.items():
            result = zoo("run", *exports, *arguments)
            assert (result.exit_code, result.stderr) == (2, f"Error: {sentence}\n")
        result = zoo("run", *exports, "--version", "03.10", "--json")
        assert [version["workflow_version"] for version in orjson.loads(result.stdout)["versions"]] == ["3.10"]


def test_on_a_terminal_of_any_width_no_name_is_cut_and_no_command_is_broken(zoo, finished, tmp_path):
    def started(width: int) -> tuple[subprocess.Popen[bytes], int]:
        terminal, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        command = [sys.executable, "-m", "zoo_dag", "run", "--all"]
        process = subprocess.Popen(command, stdout=slave, stderr=slave, env=environment)  # noqa: S603
        os.close(slave)
        return process, terminal

    for process, terminal in map(started, (60, 80, 140)):
        printed = read_all(terminal).decode()
        assert process.wait(timeout=100) == 0
        assert "Classifications by workflow version" in printed
        assert " 11-v3.10 " in printed
        assert "…" not in printed
        data = tmp_path / "data"
        accounting = f"zoo-dag export accounting quarantine --data {data} --to accounting.xlsx"
        assert f"Where each row went: {accounting}\r\n" in printed
        assert f"  zoo-dag run workflows.csv --data {data}\r\n" in printed


def read_all(terminal: int) -> bytes:
    """What is written to a pseudo-terminal until its process ends."""
    chunks = []
    try:
        while select.select([terminal], [], [], 100)[0] and (chunk := os.read(terminal, 4096)):
            chunks.append(chunk)
    # Linux reports the end of a pseudo-terminal like this.
    except OSError:
        pass
    os.close(terminal)
    return b"".join(chunks)


def test_a_second_run_of_the_same_file_changes_nothing(zoo, after_run):
    summary = orjson.loads(zoo("run", after_run, "--json").stdout)
    (version,) = summary["versions"]
    assert version["recomputed"] is False
    assert (version["rows_read"], version["read_in_run"], version["new_rows"]) == (3, 0, 0)


def test_a_run_that_changes_nothing_is_short_and_what_it_prints_can_be_pasted(zoo, finished, tmp_path, capsys):
    lines = (zoo("run", finished).output + capsys.readouterr().out).splitlines()
    assert lines[0] == "Nothing changed in 1 version: 1 quarantined, 0 left out, 2 counted."
    assert len(lines) <= 12
    (line,) = [line for line in lines if line.startswith("Where each row went: ")]
    command = shlex.split(line.removeprefix("Where each row went: "))
    result = zoo(*command[1:-1], tmp_path / command[-1])
    assert result.exit_code == 0
    assert (tmp_path / "accounting.xlsx").read_bytes().startswith(b"PK")
    every = zoo("run", "--all").output + capsys.readouterr().out
    assert " 11-v3.10     0    0            1         0        2" in map(str.rstrip, every.splitlines())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("birds.csv", b"species,count\nwren,3\n", "not that of a Zooniverse export"),
        ("classifications.csv", b"classification_id,workflow_version,created_at,subject_ids\n", "annotations"),
        ("classifications.csv.gz", gzip.compress(b"classification_id" * 1000)[:-20], "the archive is broken"),
    ],
    ids=["empty", "another table", "a column missing", "a broken archive"],
)
def test_a_file_that_is_no_export_is_one_sentence_exit_code_2_and_nothing_written(
    zoo, tmp_path, name, content, sentence
):
    (tmp_path / name).write_bytes(content)
    result = zoo("run", tmp_path / name)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert name in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "data").exists()


def test_every_run_makes_the_inbox_and_goes_on_where_a_file_is_in_its_place(zoo, after_run, tmp_path):
    inbox = tmp_path / "data" / "inbox"
    assert list(inbox.iterdir()) == []
    inbox.rmdir()
    inbox.write_text("an export that somebody copied")
    result = zoo("run", after_run, "--json")
    assert result.exit_code == 0
    note = orjson.loads(result.stdout)["notes"][0]
    assert note.startswith(f"{inbox} is a file, and the inbox must be a folder: exports in it are not imported.")


def test_a_data_folder_that_cannot_be_is_one_sentence_and_exit_code_2(zoo, export, tmp_path):
    (tmp_path / "plain").write_text("")
    sentence = "a file is in place of the data folder, or of one above it. Name another folder with --data."
    for place in (tmp_path / "plain", tmp_path / "plain" / "below"):
        result = zoo("run", export, "--data", place)
        assert (result.exit_code, result.stderr.strip()) == (2, f"Error: {place}: {sentence}")
    result = zoo("run", export, "--data", "/proc/zoo_data")
    assert result.exit_code == 2
    assert "the data folder cannot be written (" in result.stderr


def test_an_export_to_a_file_that_cannot_be_written_is_one_sentence(zoo, imported, tmp_path):
    (tmp_path / "plain").write_text("")
    for target in (tmp_path / "plain" / "below.csv", Path("/proc/below.xlsx"), tmp_path / "folder.csv"):
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        result = zoo("export", "classifications", "--to", target)
        assert result.exit_code == 2
        assert re.search(
            rf"^Error: {target}: cannot be written \(.*\)\. Name another file with --to\.$", result.stderr, re.M
        )


def test_a_workflows_export_alone_asks_for_the_classifications(zoo, tmp_path):
    write_export(tmp_path / "classifications.csv", [workflow_row()])
    result = zoo("run", tmp_path / "classifications.csv")
    assert result.exit_code == 2
    assert "is a workflows export" in result.stderr
    assert not (tmp_path / "data").exists()


def test_exports_may_come_in_any_order(zoo, after_run, tmp_path):
    write_export(tmp_path / "workflows.csv", [workflow_row()])
    write_export(tmp_path / "subjects.csv", [subject_row()])
    summary = orjson.loads(zoo("run", tmp_path / "workflows.csv", tmp_path / "subjects.csv", "--json").stdout)
    (version,) = summary["versions"]
    assert version["recomputed"]
    assert version["definition"] == "exact"


def test_unknown_settings_are_reported_before_anything_is_written(zoo, export, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "zoo_dag.toml").write_text("[exclusion]\nrepeats = 'all'\n")
    result = zoo("run", export)
    assert result.exit_code == 2
    assert "unknown setting exclusion.repeats; did you mean exclusion.repeat?" in result.stderr
    assert not (tmp_path / "data" / "tables").exists()


def test_check_inspects_without_importing(zoo, export, tmp_path, capsys):
    result = zoo("check", export)
    printed = result.output + capsys.readouterr().out
    assert result.exit_code == 0
    assert "1 row or element would be quarantined" in printed
    assert "11-v3.10 (3 rows)" in printed
    assert f"Import them: zoo-dag run {export} --data {tmp_path / 'data'}\n" in printed
    assert not (tmp_path / "data").exists()


def test_files_of_one_name_are_told_apart_by_their_folders(zoo, run_of_two_files, capsys):
    _, files, printed = run_of_two_files
    listed = zoo("check", *files).output + capsys.readouterr().out
    assert all(f"│ {file} " in listed for file in files)
    assert f"Read: {files[0]} (3 rows), {files[1]} (1 row)." in printed


def test_what_check_found_is_cut_with_an_ellipsis(zoo, tmp_path, capsys):
    export = write_export(tmp_path / "long.csv", [classification_row(1, metadata="{" + "x" * 100)])
    assert f"{{{'x' * 58}… " in zoo("check", export).output + capsys.readouterr().out


def test_tables_are_those_that_have_rows(zoo, imported, tmp_path, capsys):
    shown, everything = (zoo("tables", *options).output + capsys.readouterr().out for options in ((), ("--all",)))
    assert " question_consensus " in shown
    assert " survey_consensus " not in shown
    assert f"without rows: zoo-dag tables --all --data {tmp_path / 'data'}\n" in shown
    assert " survey_consensus " in everything
    assert "without rows" not in everything


def test_an_entry_of_pooling_that_names_nothing_is_noted(run_of_two_files):
    *_, printed = run_of_two_files
    assert 'Note: zoo_dag.toml pools what no workflow has: "11 T9@3.10", "11 T0@3.11", "11T0@3.10".' in printed


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx", "ndjson"])
def test_export_writes_files_that_other_programs_open(zoo, imported, tmp_path, suffix):
    target = tmp_path / f"consensus.{suffix}"
    assert zoo("export", "question_consensus", "--to", target).exit_code == 0
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "ndjson": pl.read_ndjson}.get(suffix)
    if read:
        assert read(target).select("answer", "votes").rows() == [("Yes", 2)]
    else:
        assert target.read_bytes().startswith(b"PK")


def test_export_says_how_many_rows_it_wrote(zoo, imported, tmp_path):
    result = zoo("export", "raw_subjects", "--to", tmp_path / "subjects.csv")
    assert result.stderr.splitlines() == [f"1 row of raw_subjects in {tmp_path / 'subjects.csv'}"]
    result = zoo("export", "raw_classifications", "--to", tmp_path / "rows.csv")
    assert result.stderr.splitlines() == [
        f"3 rows of raw_classifications in {tmp_path / 'rows.csv'}",
        "Apostrophe in front: 1 cell of raw_classifications.user_name, which a spreadsheet would run as formulas. "
        "--verbatim writes them as they are.",
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_summary_comes_with_the_key_of_its_columns(zoo, imported, tmp_path, suffix):
    assert zoo("export", "subject_summary", "--to", tmp_path / f"summary{suffix}").exit_code == 0
    read = {".csv": pl.read_csv, ".parquet": pl.read_parquet}[suffix]
    key = read(tmp_path / f"summary_columns{suffix}")
    assert key["column"].to_list() == read(tmp_path / f"summary{suffix}").columns
    answer = key.row(by_predicate=pl.col("column") == "T0_answer", named=True)
    assert (answer["workflow_id"], answer["task"], answer["task_label"]) == (11, "T0", "Is there a bird?")
    assert answer["description"].startswith("Task T0. Answer with most votes")


def test_the_key_of_the_summary_replaces_an_earlier_key_and_no_other_file(zoo, imported, tmp_path):
    target, key = tmp_path / "summary.csv", tmp_path / "summary_columns.csv"
    key.write_text("my own notes")
    result = zoo("export", "subject_summary", "--to", target)
    assert (result.exit_code, target.exists(), key.read_text()) == (2, False, "my own notes")
    assert (
        f"Error: {key}: the key of the columns would be written here, and there is another file." in result.stderr
    )
    key.unlink()
    assert [zoo("export", "subject_summary", "--to", target).exit_code for _ in range(2)] == [0, 0]


def test_export_says_that_the_columns_of_two_workflows_are_of_other_tasks(zoo, odd, tmp_path):
    export = ("export", "subject_summary", "--data", odd)
    both = zoo(*export, "--to", tmp_path / "summary.xlsx").stderr
    assert "are of other tasks in each of the workflows 11, 12. For a file of one of them: --workflow 11" in both
    assert "Note" not in zoo(*export, "--workflow", 12, "--to", tmp_path / "one.csv").stderr


def test_the_key_of_the_summary_is_a_sheet_of_an_excel_file(zoo, imported, tmp_path):
    assert zoo("export", "subject_summary", "--to", tmp_path / "summary.xlsx").exit_code == 0
    with zipfile.ZipFile(tmp_path / "summary.xlsx") as workbook:
        assert 'name="subject_summary_columns"' in workbook.read("xl/workbook.xml").decode()


def test_cells_that_excel_cuts_are_said(zoo, odd, tmp_path):
    export = ("export", "classifications", "--data", odd, "--workflow", 12)
    result = zoo(*export, "--to", tmp_path / "long.xlsx")
    assert (
        "Cut: 1 cell of classifications.user_name at 32,767 letters, since a cell of Excel holds" in result.stderr
    )
    assert "Cut" not in zoo(*export, "--to", tmp_path / "long.csv").stderr


def test_what_excel_cannot_hold_is_said_by_column(zoo, odd, tmp_path):
    export = ("export", "classifications", "--data", odd, "--workflow", 11)
    lines = zoo(*export, "--to", tmp_path / "odd.xlsx").stderr.splitlines()
    assert lines == [
        f"2 rows of classifications in {tmp_path / 'odd.xlsx'}",
        "As text: classifications.classification_id, since Excel rounds numbers beyond 9,007,199,254,740,992: "
        "1 cell.",
        "Escapes: 1 cell of classifications.user_name with control characters such as carriage returns, which "
        "Excel writes as _x000D_; other programs may read these escapes otherwise.",
        "Left out of classifications: metadata, annotations, JSON text. --with-json writes it.",
    ]


def test_several_tables_are_sheets_of_one_excel_file(zoo, imported, tmp_path):
    target = tmp_path / "both.xlsx"
    assert zoo("export", "question_consensus", "subject_summary", "--to", target).exit_code == 0
    with zipfile.ZipFile(target) as workbook:
        sheets = workbook.read("xl/workbook.xml").decode()
    assert re.findall(r'sheet name="(\w+)"', sheets) == [
        "question_consensus",
        "subject_summary",
        "subject_summary_columns",
    ]


def test_several_tables_in_a_csv_file_are_refused(zoo, imported, tmp_path):
    result = zoo("export", "question_consensus", "subject_summary", "--to", tmp_path / "both.csv")
    assert result.exit_code == 2
    assert "only an .xlsx file holds several tables" in result.stderr


def test_rows_of_one_subject_set(zoo, imported, tmp_path):
    def written(table, subject_set):
        result = zoo("export", table, "--subject-set", subject_set, "--to", tmp_path / "set.csv")
        return result, pl.read_csv(tmp_path / "set.csv").height if result.exit_code == 0 else None

    assert [written(name, 21)[1] for name in ("subjects", "subject_summary", "question_annotations")] == [1, 1, 2]
    assert written("subjects", 22)[1] == 0
    assert "There is no subject set 22; there is 21." in written("subject_summary", 22)[0].stderr
    assert "raw_versions has no column subject_ids" in written("raw_versions", 21)[0].stderr


def test_cells_that_a_spreadsheet_would_run_are_escaped(zoo, imported, tmp_path):
    zoo("export", "classifications", "--to", tmp_path / "out.csv")
    assert pl.read_csv(tmp_path / "out.csv", infer_schema=False)["user_name"].to_list() == ["'=cmd()", "-5"]
    zoo("export", "classifications", "--verbatim", "--to", tmp_path / "out.csv")
    assert pl.read_csv(tmp_path / "out.csv", infer_schema=False)["user_name"].to_list() == ["=cmd()", "-5"]


def test_lists_and_metadata_are_columns_and_json_where_it_is_asked_for(zoo, imported, tmp_path):
    zoo("export", "subjects", "--to", tmp_path / "out.csv")
    found = pl.read_csv(tmp_path / "out.csv")
    assert found.select("locations", "metadata_name").row(0) == ("https://example.org/a,b.jpg", "bird 101.jpg")
    # R takes the names as they are.
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in found.columns)
    key = pl.read_csv(tmp_path / "out_columns.csv")
    assert key["column"].to_list() == found.columns
    assert key.row(by_predicate=pl.col("column") == "metadata_name", named=True)["part"] == "name"
    zoo("export", "subjects", "--with-json", "--to", tmp_path / "json.csv")
    stored = pl.read_csv(tmp_path / "json.csv").select("locations", "metadata").row(0)
    assert [orjson.loads(cell) for cell in stored] == [
        ["https://example.org/a,b.jpg"],
        {"name": "bird 101.jpg"},
    ]
    assert not (tmp_path / "json_columns.csv").exists()


def test_votes_in_columns_come_with_the_key_of_these(zoo, imported, tmp_path):
    assert zoo("export", "subject_votes", "--to", tmp_path / "votes.csv").exit_code == 0
    found = pl.read_csv(tmp_path / "votes.csv")
    assert found.select("subject_id", "n_classifications", "t0_yes_count", "t0_yes_fraction").rows() == [
        (101, 2, 2, 1.0)
    ]
    assert found.schema["t0_yes_fraction"] == pl.Float64
    key = pl.read_csv(tmp_path / "votes_columns.csv")
    assert key["column"].to_list() == found.columns
    answer = key.row(by_predicate=pl.col("column") == "t0_yes_count", named=True)
    assert (answer["task"], answer["task_label"], answer["answer"]) == ("T0@3.10", "Is there a bird?", "Yes")


def test_export_says_where_places_are_on_frames_of_unknown_size_and_which_lists_there_are(zoo, imported, tmp_path):
    result = zoo("export", "question_consensus", "--marks", "fractions", "--to", tmp_path / "out.csv")
    assert (result.exit_code, len(result.stderr.splitlines())) == (0, 1)
    result = zoo("export", "classifications", "--rows-of", "points", "--to", tmp_path / "out.csv")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        2,
        "Error: The table classifications has no list points; it has subject_dimensions.",
    )
    assert (
        zoo("export", "classifications", "--rows-of", "subject_dimensions", "--to", tmp_path / "out.csv").exit_code
        == 0
    )
    assert pl.read_csv(tmp_path / "out.csv")["subject_dimensions_client_width"].to_list() == [800.0, 800.0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "question_consensu", "--to", "a.csv"], "did you mean question_consensus"),
        (["export", "question_consensus", "--to", "a.csv"], "does not exist yet"),
    ],
)
def test_a_table_that_is_not_there_is_one_sentence(zoo, arguments, sentence):
    result = zoo(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_export_to_an_unknown_kind_of_file_names_the_kinds(zoo, imported, tmp_path):
    result = zoo("export", "question_consensus", "--to", tmp_path / "a.docx")
    assert result.exit_code == 2
    assert ".csv, .parquet, .xlsx, .ndjson" in result.stderr


def test_tables_lists_rows_and_partitions(zoo, imported, capsys):
    printed = zoo("tables").output + capsys.readouterr().out
    (line,) = [line for line in printed.splitlines() if " question_annotations " in line]
    assert line.split()[:4] == ["flattened", "question_annotations", "2", "1"]


def test_a_folder_without_tables_is_an_error_that_names_it(zoo, tmp_path):
    result = zoo("tables", "--data", tmp_path / "dta")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{tmp_path / 'dta'}: there are no tables yet" in result.stderr


def test_tables_that_were_exported_beside_the_exports_are_ignored(zoo, imported, export, tmp_path):
    for table in ("subject_summary", "subjects", "classifications", "workflow_versions", "question_consensus"):
        assert zoo("export", table, "--to", export.parent / f"my_{table}.csv").exit_code == 0
    checked = zoo("check", export.parent, "--json")
    assert checked.stderr == ""
    inspected = orjson.loads(checked.stdout)
    assert [each["source_file"] for each in inspected["files"]] == [export.name]
    own = [each for each in inspected["ignored"] if "which zoo_dag wrote, not an export" in each]
    assert len(own) == 5


def test_an_export_of_zooniverse_is_not_overwritten(zoo, imported, export):
    before = export.read_bytes()
    result = zoo("export", "classifications", "--to", export)
    assert result.exit_code == 2
    assert f"{export}: this is an export of Zooniverse, and is not overwritten" in result.stderr
    assert export.read_bytes() == before
    for _ in range(2):
        assert zoo("export", "classifications", "--to", export.with_name("mine.csv")).exit_code == 0


def test_the_list_of_commands_is_not_cut(zoo):
    commands = zoo("--help").stdout.partition("Commands:")[2]
    assert len(commands.splitlines()) > 8
    assert "..." not in commands


def test_listings_as_json_have_what_people_see(zoo, imported, export):
    listed = {entry["name"]: entry for entry in orjson.loads(zoo("tables", "--json").stdout)}
    assert (listed["classifications"]["rows"], listed["classifications"]["versions"]) == (2, 1)
    assert listed["subjects"]["versions"] is None
    assert listed["subjects"]["problems"] == []
    inspected = orjson.loads(zoo("check", export, "--json").stdout)
    assert inspected["files"] == [
        {
            "source_file": "classifications.csv",
            "kind": "classifications",
            "n_rows": 3,
            "encoding": "utf-8",
            "n_quarantined": 0,
        }
    ]
    assert inspected["versions"] == {"11-v3.10": 3}
    assert [(each["column"], each["count"], each["source_row"]) for each in inspected["quarantine"]] == [
        ("metadata", 1, 3)
    ]


def test_a_second_run_in_a_process_keeps_no_more_objects_for_ever(zoo: Zoo, export: Path, tmp_path: Path) -> None:
    assert zoo("run", export).exit_code == 0
    kept = gc.get_freeze_count()
    assert zoo("run", write_export(tmp_path / "new.csv", [classification_row(4)])).exit_code == 0
    assert 0 < gc.get_freeze_count() <= kept
