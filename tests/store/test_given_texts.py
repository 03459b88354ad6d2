"""The texts that volunteers were given, from a CSV, from metadata, and from fetched files."""

from pathlib import Path

import polars as pl
import pytest

from tests.checks.inputs import table
from zoo_dag.settings.loading import Settings
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import FOLDER, given_texts, read_text_table, sources_of_given_texts
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES


def csv(folder: Path, text: str) -> Path:
    path = folder / "given.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_names_subjects_and_texts(tmp_path: Path) -> None:
    found = read_text_table(csv(tmp_path, 'subject_id,text\n101,"one, two"\n 102 ,three\n'))
    assert found.texts.rows() == [("101", "one, two"), ("102", "three")]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("content", "rows", "problem"),
    [
        (
            "subject_id,text\n101,a\n102,b\n101,c\n",
            [("102", "b")],
            "In given.csv, 1 subject stands several times, such as 101 in rows 1, 3; 1 of them with different "
            "texts, which do not count.",
        ),
        (
            "subject_id,text\n101,a\n101,a\n",
            [("101", "a")],
            "In given.csv, 1 subject stands several times, such as 101 in rows 1, 2; 0 of them with different "
            "texts, which do not count.",
        ),
        ("subject_id,text\nx,a\n102,b\n", [("102", "b")], "In given.csv, 1 row without an id: row 1 has `x`."),
        ("id,text\n1,a\n", [], "given.csv (texts.original_table) has no column subject_id, but `id`, `text`."),
    ],
)
def test_what_is_wrong_with_a_table_is_one_sentence_and_the_rest_counts(
    tmp_path: Path, content: str, rows: list[tuple[str, str]], problem: str
) -> None:
    found = read_text_table(csv(tmp_path, content))
    assert found.texts.rows() == rows
    assert found.problems == (problem,)


def test_a_table_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    found = read_text_table(tmp_path / "given.csv")
    assert found.problems == ("given.csv (texts.original_table) is not in the data folder.",)


def folder_with(tmp_path: Path, settings: str) -> DataFolder:
    (tmp_path / "zoo_dag.toml").write_text(f"[texts]\n{settings}\n", encoding="utf-8")
    folder = DataFolder(tmp_path)
    rows = [
        {"subject_id": number, "workflow_id": 11, "metadata": metadata, "is_current": True}
        for number, metadata in ((101, '{"ocr": "from metadata"}'), (102, '{"#ocr": "x"}'), (103, '{"ocr": " "}'))
    ]
    folder.tables.publish(TABLES["subjects"], table("subjects", *rows), {DATA_VERSION: "1"})
    return folder


def test_metadata_come_first_then_the_table_then_files(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 'original = "ocr"\noriginal_table = "given.csv"')
    csv(tmp_path, "subject_id,text\n101,from the table\n102,from the table\n")
    (tmp_path / FOLDER).mkdir()
    for number in (102, 103):
        (tmp_path / FOLDER / f"{number}.txt").write_text("from a file", encoding="utf-8")
    found = given_texts(folder, 11)
    assert found.texts.rows() == [("101", "from metadata"), ("102", "from the table"), ("103", "from a file")]
    assert found.problems == ()


def test_an_unknown_field_of_the_metadata_names_the_nearest(tmp_path: Path) -> None:
    found = given_texts(folder_with(tmp_path, 'original = "orc"'), 11)
    assert found.problems == ("No subject has the metadata field `orc` (texts.original); did you mean `ocr`?",)


def test_tables_depend_on_what_texts_are_read_from(tmp_path: Path) -> None:
    assert sources_of_given_texts(DataFolder(tmp_path), 11) == {}
    assert Settings().texts.original is None
    folder = folder_with(tmp_path, 'original = "ocr"\noriginal_table = "given.csv"')
    before = sources_of_given_texts(folder, 11)
    assert set(before) == {"metadata with given texts", "table of given texts"}
    csv(tmp_path, "subject_id,text\n101,new\n")
    after = sources_of_given_texts(folder, 11)
    assert after["table of given texts"] != before["table of given texts"]
    assert after["metadata with given texts"] == before["metadata with given texts"]
    assert isinstance(given_texts(folder, 11).texts, pl.DataFrame)
