"""`zoo-dag export --format`: what it refuses, and what is left where it fails."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.formats.marks import TABLES
from tests.formats.stored import store
from zoo_dag.cli.main import main


@pytest.fixture
def data(tmp_path: Path) -> Path:
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
        (["--format", "text"], "pages", "The table pooled_text_consensus does not exist yet"),
        (["--format", "xml"], "a.xml", "'xml' is not one of 'duckdb'"),
        ([], "a.csv", "Name a table, or a --format."),
    ],
)
def test_what_cannot_be_written_is_one_sentence_and_exit_code_2(
    arguments: list[str], name: str, sentence: str, data: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = export(data, tmp_path / name, *arguments)
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


def test_volunteers_have_pseudonyms_in_a_package(data: Path, tmp_path: Path) -> None:
    result = export(data, tmp_path / "package", "--format", "data-package", "volunteers", "--pseudonymise")
    assert result.exit_code == 0, result.output
    assert "Pseudonyms in volunteers: user_key" in result.output
    assert "user:1," not in (tmp_path / "package" / "volunteers.csv").read_text()
    assert "may identify volunteers" not in result.output
