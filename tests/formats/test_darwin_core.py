"""A Darwin Core archive of what volunteers transcribed."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from tests.formats.stored import Tables, source, store
from zoo_dag.errors import SettingsError, ZooDagError
from zoo_dag.formats.darwin_core import write
from zoo_dag.store.data_folder import DataFolder

SETTINGS = """
[darwin_core]
terms = "terms.csv"
basis_of_record = "PreservedSpecimen"

[publication]
title = "Herbarium & garden"
contributors = [{ title = "Ada Lovelace" }, { title = "C. Babbage", role = "contact", email = "c@example.org" }]
"""
TERMS = """task,field,value,term
T1,,,verbatimLocality
T2,,,sex
T4.1,,,country
T5,,,scientificName
,barcode,,catalogNumber
,,Kew,institutionCode
"""


def agreed(subject: int, task: str, **columns: Any) -> dict[str, Any]:
    """A row of a consensus."""
    return {
        "subject_id": subject,
        "subject_ids": str(subject),
        "task": task,
        "task_revision": f"{task}@1.1",
        **columns,
    }


TABLES: Tables = {
    "pooled_text_consensus": [
        agreed(1, "T1", line_index=1, text="Gardens\n1890"),
        agreed(1, "T1", line_index=0, text="=Kew"),
        agreed(2, "T1", text=None),
    ],
    "pooled_question_consensus": [
        agreed(1, "T2", answer="male", rank=1, tied=True),
        agreed(1, "T2", answer="female", rank=2, tied=True),
        agreed(2, "T2", answer="female", rank=1, tied=False),
    ],
    "pooled_dropdown_consensus": [
        agreed(1, "T4", select_index=0, option_label="Europe", rank=1),
        agreed(1, "T4", select_index=1, option_label="Norway", rank=1),
        agreed(1, "T4", select_index=1, option_label="Sweden", rank=2),
    ],
    "pooled_survey_consensus": [
        agreed(2, "T5", choice_label="Rosa canina", rank=1, is_blank=False),
        agreed(3, "T5", choice_label="Rosa canina", rank=1, is_blank=True),
    ],
    "subjects": [
        {"subject_id": number, "is_current": True, "metadata": f'{{"barcode": "K{number}"}}'}
        for number in (1, 2, 3)
    ],
    "shown_subjects": [],
    "classifications": [{"classification_id": 1, "created_at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)}],
}


def herbarium(tmp_path: Path, settings: str = SETTINGS, terms: str = TERMS, tables: Tables = TABLES) -> DataFolder:
    folder = store(tmp_path / "data", tables, settings)
    (folder.root / "terms.csv").write_text(terms, encoding="utf-8")
    return folder


def test_an_archive_has_a_row_for_each_subject_and_says_what_its_columns_are(tmp_path: Path) -> None:
    said = write(source(herbarium(tmp_path)), tmp_path / "archive.zip")
    assert said[:2] == [
        f"2 occurrences with 8 terms in {tmp_path / 'archive.zip'}",
        "Note: GBIF asks for eventDate too: no row of darwin_core.terms has it.",
    ]
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rows = pl.read_csv(io.BytesIO(files["occurrence.txt"])).to_dicts()
    assert rows == [
        {
            "occurrenceID": "urn:zooniverse:subject:1",
            "basisOfRecord": "PreservedSpecimen",
            "verbatimLocality": "'=Kew Gardens 1890",
            # A tie is no answer.
            "sex": None,
            "country": "Norway",
            "scientificName": None,
            "catalogNumber": "K1",
            "institutionCode": "Kew",
        },
        {
            "occurrenceID": "urn:zooniverse:subject:2",
            "basisOfRecord": "PreservedSpecimen",
            "verbatimLocality": None,
            "sex": "female",
            "country": None,
            "scientificName": "Rosa canina",
            "catalogNumber": "K2",
            "institutionCode": "Kew",
        },
    ]
    text = "{http://rs.tdwg.org/dwc/text/}"
    meta = ET.fromstring(files["meta.xml"])  # noqa: S314
    core = meta.find(f"{text}core")
    assert core is not None
    assert meta.get("metadata") in files
    assert core.findtext(f"{text}files/{text}location") in files
    assert [each.get("term") for each in core.iterfind(f"{text}field")] == [
        f"http://rs.tdwg.org/dwc/terms/{name}" for name in rows[0]
    ]
    dataset = ET.fromstring(files["eml.xml"]).find("dataset")  # noqa: S314
    assert dataset is not None
    assert dataset.findtext("title") == "Herbarium & garden"
    assert dataset.findtext("pubDate") == "2024-01-02"
    assert dataset.findtext("contact/electronicMailAddress") == "c@example.org"


def test_a_subject_has_the_value_of_the_newest_revision_of_a_task(tmp_path: Path) -> None:
    texts = [
        agreed(1, "T1", text="Lion", task_revision="T1@1.9"),
        agreed(1, "T1", text="Lioness", task_revision="T1@1.10"),
        agreed(2, "T1", text="Tiger", task_revision="T1@1.9"),
        agreed(1, "T1", text="Both", subject_id=None, subject_ids="1;2"),
    ]
    terms = "task,term\nT1,vernacularName\n"
    folder = herbarium(tmp_path, terms=terms, tables={**TABLES, "pooled_text_consensus": texts})
    said = write(source(folder), tmp_path / "archive.zip")
    assert said[2] == "Left out: 1 set of several subjects that were shown together as one."
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        rows = pl.read_csv(io.BytesIO(archive.read("occurrence.txt")))
    assert rows["vernacularName"].to_list() == ["Lioness", "Tiger"]


def test_a_task_in_two_combos_is_named_with_its_combo(tmp_path: Path) -> None:
    texts = [agreed(1, "T1", text=text, parent_task=combo) for combo, text in (("T8", "Lion"), ("T9", "Savanna"))]
    places = [agreed(1, "T4", select_index=0, option_label="Kenya", rank=1, parent_task="T9")]
    tables = {**TABLES, "pooled_text_consensus": texts, "pooled_dropdown_consensus": places}
    terms = "task,term\nT8.T1,vernacularName\nT9.T1,habitat\nT9.T4.0,country\n"
    folder = herbarium(tmp_path, terms=terms, tables=tables)
    write(source(folder), tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip") as archive:
        rows = pl.read_csv(io.BytesIO(archive.read("occurrence.txt")))
    assert rows.select("vernacularName", "habitat", "country").rows() == [("Lion", "Savanna", "Kenya")]
    (folder.root / "terms.csv").write_text("task,term\nT1,vernacularName\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"T1\. Of these there is T8\.T1, T9\.T1"):
        write(source(folder), tmp_path / "archive.zip")


def test_tasks_of_several_workflows_are_not_mixed(tmp_path: Path) -> None:
    note = agreed(1, "T1", text="Handwritten note", workflow_id=12)
    tables = {**TABLES, "pooled_text_consensus": [*TABLES["pooled_text_consensus"], note]}
    folder = herbarium(tmp_path, terms="task,term\nT1,locality\n", tables=tables)
    with pytest.raises(ZooDagError, match=r"tasks .*\(T1\) are in the workflows 11, 12\. .* --workflow 11\."):
        write(source(folder), tmp_path / "archive.zip")


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    folder = herbarium(tmp_path)
    for name in ("first.zip", "second.zip"):
        write(source(folder), tmp_path / name)
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_all_that_is_missing_is_named_at_once_with_lines_to_paste(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Darwin Core asks for what no export") as raised:
        write(source(herbarium(tmp_path, "")), tmp_path / "archive.zip")
    (tmp_path / "data" / "zoo_dag.toml").write_text("\n".join(raised.value.lines))
    write(source(DataFolder(tmp_path / "data")), tmp_path / "archive.zip")


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ("task,trem\nT1,sex\n", "needs the column term"),
        ("task,term\nT1,locallity\n", "row 1: `locallity` is no term of an occurrence; did you mean locality?"),
        ("task,value,term\nT1,Kew,locality\n", "row 1: locality needs one of task, field, value"),
        ("value,term\nKew,locality\n", "no row has a task"),
        ("task,term\nT1,sex\nT4.0.1,country\n", r"row 2: `T4\.0\.1` is no task, such as T1, T1\.0 or T9\.T1"),
        ("task,term\nT1,sex\nT4.,country\n", r"row 2: `T4\.` is no task"),
        ("task,term\nT1,sex\nT2,sex\n", "`sex` has several rows"),
        ("task,term\nT4,country\n", "no consensus of .* T4. Of these there is T4.0, T4.1"),
        ("task,field,term\nT1,,sex\n,Barcode,catalogNumber\n", "no subject has the metadata field Barcode"),
    ],
)
def test_what_is_wrong_in_the_table_of_terms_is_a_sentence(terms: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=sentence):
        write(source(herbarium(tmp_path, terms=terms)), tmp_path / "archive.zip")
