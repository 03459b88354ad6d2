"""`zoo-dag fetch --texts`: what was saved, and of which subjects there is no text."""

import io
from pathlib import Path

import pytest

from tests.checks.inputs import table
from zoo_dag.cli.fetching_texts import save_texts
from zoo_dag.cli.terminal import Terminal
from zoo_dag.errors import FetchError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.given_texts import FOLDER, given_texts
from zoo_dag.store.table_files import DATA_VERSION
from zoo_dag.tables import TABLES


def saved(folder: DataFolder) -> str:
    output = io.StringIO()
    save_texts(folder, Terminal(file=io.StringIO()), Terminal(file=output, width=200))
    return output.getvalue()


def with_subjects(path: Path, *addresses: str) -> DataFolder:
    folder = DataFolder(path)
    rows = [{"subject_id": number, "locations": [address]} for number, address in enumerate(addresses, 101)]
    folder.tables.publish(TABLES["subjects"], table("subjects", *rows), {DATA_VERSION: "1"})
    return folder


def test_texts_that_may_not_be_fetched_are_named_and_those_at_hand_stay(tmp_path: Path) -> None:
    folder = with_subjects(tmp_path, "http://media.example.org/a.txt", "https://media.example.org/b.txt")
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "102.txt").write_text("at hand", encoding="utf-8")
    assert saved(folder).splitlines() == [
        "Saved 0 texts; 1 were there before.",
        "Subject 101: its text is not at an address that begins with https://.",
        f"Next: zoo-dag run --data {tmp_path}",
    ]
    assert given_texts(folder, 11).texts.rows() == [("102", "at hand")]


def test_without_subjects_or_texts_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"^No subjects\. Import the subjects export first"):
        saved(DataFolder(tmp_path))
    with pytest.raises(FetchError, match=r"^None of 1 subject has a text among its media"):
        saved(with_subjects(tmp_path, "https://media.example.org/a.jpg"))
