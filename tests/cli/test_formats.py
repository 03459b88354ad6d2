"""`zoo-dag export --format`: what it refuses, and what is left where it fails."""

import signal
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.builders import classification_row, write_export
from tests.formats.marks import TABLES
from tests.formats.stored import store
from zoo_dag.cli.formats import whole_folder
from zoo_dag.cli.main import main
from zoo_dag.errors import ZooDagError


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return store(tmp_path / "data", {**TABLES, "volunteers": [{"user_key": "user:1"}]}).root


def export(data: Path, target: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", "--data", str(data), "--to", str(target), *arguments])


@pytest.mark.parametrize(
    ("arguments", "name", "sentence"),
    [
        (["--format", "coco", "subjects"], "a.json", "The format coco takes no tables: leave out subjects."),
        (["--format", "coco"], "a.csv", "expected a name ending in .json."),
        (["--format", "duckdb", "subject"], "a.duckdb", "There is no table 'subject'; did you mean subjects"),
        (["--format", "yolo"], "data", "this folder is not empty, and nothing in it is overwritten."),
        (["--format", "yolo"], "data/zoo_dag.toml", "cannot be written (Not a directory)."),
        (
            ["--format", "coco", "--marks", "fractions"],
            "a.json",
            "--marks, --rows-of and --hidden-fields are for tables",
        ),
        (["--format", "yolo"], "", "this is the folder that you are in, or above it. Name a new one with --to."),
        (["--format", "yolo"], "/", "this is the folder that you are in, or above it. Name a new one with --to."),
        (["--format", "darwin-core"], "classifications.zip", "this is an export of Zooniverse, and is not"),
        (["--format", "text"], "pages", "The table pooled_text_consensus does not exist yet"),
        (["--format", "xml"], "a.xml", "'xml' is not one of 'duckdb'"),
        ([], "a.csv", "Name a table, or a --format."),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_exit_code_2(
    arguments: list[str], name: str, sentence: str, data: Path, tmp_path: Path
) -> None:
    # An export is one by its content.
    write_export(tmp_path / "classifications.zip", [classification_row(1)])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = export(data, Path(name), *arguments)
    assert result.exit_code == 2
    assert sentence in result.output
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.glob(".*"))


def test_a_folder_is_there_once_it_is_whole_and_only_once(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "yolo"
    target.mkdir(parents=True)
    result = export(data, target, "--format", "yolo")
    assert result.exit_code == 0, result.output
    assert f"3 pictures with 6 objects of 4 classes in {target}" in result.output
    assert [path.name for path in target.parent.iterdir()] == ["yolo"]
    assert export(data, target, "--format", "yolo").exit_code == 2


@pytest.mark.parametrize(("name", "target"), [("coco", "a.json"), ("yolo", "folder")])
def test_an_export_that_is_stopped_leaves_nothing(
    name: str, target: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dumps = orjson.dumps

    def stopped(value: Any) -> bytes:
        signal.raise_signal(signal.SIGINT)
        return dumps(value)

    monkeypatch.setattr(orjson, "dumps", stopped)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result = export(data, tmp_path / target, "--format", name)
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_what_a_killed_export_left_is_removed_and_nothing_else(data: Path, tmp_path: Path) -> None:
    left, other = tmp_path / f".zoo-dag-{'0' * 32}.part", tmp_path / ".yolo.part"
    for folder in (left, other):
        folder.mkdir()
        (folder / "rows").touch()
    left.with_name(f"{left.name}.lock").touch()
    assert export(data, tmp_path / "yolo", "--format", "yolo").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".yolo.part", "data", "yolo"]


def test_of_two_exports_to_one_folder_the_first_one_stays(tmp_path: Path) -> None:
    target = tmp_path / "target"

    def export_two() -> None:
        with whole_folder(target) as second:
            with whole_folder(target) as first:
                (first / "rows").write_text("first")
            (second / "rows").write_text("second")

    with pytest.raises(ZooDagError, match="cannot be written"):
        export_two()
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert (target / "rows").read_text() == "first"


def test_volunteers_have_pseudonyms_in_a_package(data: Path, tmp_path: Path) -> None:
    result = export(data, tmp_path / "package", "--format", "data-package", "volunteers", "--pseudonymise")
    assert result.exit_code == 0, result.output
    assert "Pseudonyms in volunteers: user_key" in result.output
    assert "user:1," not in (tmp_path / "package" / "volunteers.csv").read_text()
    assert "may identify volunteers" not in result.output
