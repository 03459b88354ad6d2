"""Pseudonyms: the same for the same person wherever a table names them, and nothing of the person is left."""

import json
import stat
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from tests.builders import anonymous, classification_row, metadata, write_export
from tests.dagster_project import run_all
from zoo_dag.dagster.runs.requests import Request
from zoo_dag.errors import ZooDagError
from zoo_dag.store.data_folder import DataFolder
from zoo_dag.store.pseudonyms import Pseudonyms, read_key
from zoo_dag.tables import TABLES

KEY = bytes(range(32))
OF = Pseudonyms(KEY).of
SECRETS = ("ann_login", "770123", "tokenofaddress", "sessionofann", "sessionofnobody")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A project with a volunteer, an anonymous one, and rows with a problem in each stage."""
    place = tmp_path_factory.mktemp("pseudonyms")
    ann: dict[str, Any] = {"user_name": "ann_login", "user_id": "770123", "user_ip": "tokenofaddress"}
    session = metadata(session="sessionofann")
    nobody = {"user_ip": "tokenofaddress", "user_name": "not-logged-in-tokenofaddress"}
    rows = [
        classification_row(1, **ann, metadata=session),
        classification_row(2, **ann, metadata=session),
        anonymous(3, **nobody, metadata=metadata(session="sessionofnobody")),
        classification_row(4, **ann, metadata='{"session":"sessionofann"'),
        classification_row(5, **ann, metadata=session, workflow_version="no version"),
        classification_row(6, **ann, metadata=session, created_at="no time"),
    ]
    export = write_export(place / "classifications.csv", rows)
    with export.open("a", encoding="utf-8") as stream:
        stream.write("ann_login,770123,tokenofaddress\n")
    folder = DataFolder(place / "data")
    assert run_all(folder, Request((export,))).failures == []
    return folder


def replaced(folder: DataFolder, name: str) -> pl.DataFrame:
    return Pseudonyms(KEY).replace(folder.tables.scan_all(TABLES[name]), TABLES[name]).collect()


def test_nothing_of_a_volunteer_is_left_in_any_table(folder: DataFolder) -> None:
    naming = []
    for name, table in TABLES.items():
        stored = folder.tables.keys(table) if table.partition else folder.tables.exists(table)
        if not stored:
            continue
        before = folder.tables.scan_all(table).collect()
        if any(secret in str(before.rows()) for secret in SECRETS):
            naming.append(name)
        after = str(replaced(folder, name).rows())
        assert [secret for secret in SECRETS if secret in after] == [], name
    assert {"raw_classifications", "raw_quarantine", "parsed_quarantine", "quarantine"} <= set(naming)
    assert {"classifications", "question_annotations"} <= set(naming)


def test_a_person_has_one_pseudonym_in_every_column_and_table(folder: DataFolder) -> None:
    rows = replaced(folder, "classifications").sort("classification_id")
    account, login, address = OF("account", "770123"), OF("login", "ann_login"), OF("address", "tokenofaddress")
    assert rows["user_key"].to_list() == [
        f"user:{account}",
        f"user:{account}",
        f"session:{OF('session', 'sessionofnobody')}",
    ]
    assert rows["user_id"].to_list() == [account, account, None]
    assert rows["user_name"].to_list() == [login, login, f"not-logged-in-{address}"]
    assert rows["user_ip"].to_list() == [address] * 3
    assert rows["session"].to_list() == [
        OF("session", name) for name in ("sessionofann", "sessionofann", "sessionofnobody")
    ]
    assert [json.loads(cell)["session"] for cell in rows["metadata"]] == rows["session"].to_list()
    raw = replaced(folder, "raw_classifications").sort("classification_id")
    assert set(raw["user_id"]) - {None, ""} == {account}
    assert set(raw["user_name"]) == {login, f"not-logged-in-{address}"}
    assert set(replaced(folder, "question_annotations")["user_key"]) == set(rows["user_key"])


def test_the_quarantine_quotes_nothing_that_may_name_somebody(folder: DataFolder) -> None:
    rows = replaced(folder, "quarantine")
    assert set(rows["column"]) == {"workflow_id", "metadata", "workflow_version", "created_at"}
    assert rows["found"].null_count() == rows["row"].null_count() == rows.height
    assert rows["reason"].null_count() == 0
    kinds = ["classifications", "subjects", None]
    elements = pl.LazyFrame({"stage": ["flattened", "raw", None], "kind": kinds, "found": ["a", "b", "c"]})
    quoted = Pseudonyms(KEY).replace(elements, TABLES["quarantine"]).collect()
    assert quoted["found"].to_list() == ["a", "b", None]


def test_json_keeps_what_identifies_nobody_and_missing_values_stay() -> None:
    metadata = '{"viewport": {"width": 900.0},  "session": null}'
    frame = pl.LazyFrame(
        {
            "metadata": [metadata, '{"a":[{"user_id":7}]}', "[]", "7", "{", None],
            "user_id": ["", "NA", None, "7.0", " 7 ", "seven"],
            "user_name": ["", None, "not-logged-in", "Ann ", "Ann", "null"],
            "user_ip": [None, "", "x", "x", "y", "NaN"],
        }
    )
    rows = Pseudonyms(KEY).replace(frame, TABLES["raw_classifications"]).collect()
    seven = OF("account", "7")
    assert rows["metadata"].to_list() == [metadata, f'{{"a":[{{"user_id":"{seven}"}}]}}', "[]", None, None, None]
    assert rows["user_id"].to_list() == ["", "NA", None, seven, seven, OF("account", "seven")]
    ann = OF("login", "Ann")
    assert rows["user_name"].to_list() == ["", None, OF("login", "not-logged-in"), ann, ann, "null"]
    assert rows["user_ip"].to_list() == [
        None,
        "",
        OF("address", "x"),
        OF("address", "x"),
        OF("address", "y"),
        "NaN",
    ]


def test_pseudonyms_depend_on_the_key_and_on_what_they_stand_for() -> None:
    other = Pseudonyms(bytes(32))
    names = {OF("account", "7"), OF("login", "7"), OF("session", "7"), other.of("account", "7")}
    assert len(names) == 4
    assert all(len(name) == 21 and name.startswith("p") for name in names)


def test_columns_that_nobody_declared_and_tables_without_volunteers_stay() -> None:
    frame = pl.LazyFrame({"user_id": ["7"], "nickname": ["Annie"]})
    rows = Pseudonyms(KEY).replace(frame, TABLES["raw_classifications"]).collect()
    assert rows["nickname"].to_list() == ["Annie"]
    subjects = TABLES["subjects"].empty().lazy()
    assert Pseudonyms(KEY).replace(subjects, TABLES["subjects"]).collect().equals(subjects.collect())


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "pseudonyms.key"
    key = read_key(file)
    assert (len(key), read_key(file)) == (32, key)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(tmp_path / "another.key") != key


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        ("00" * 32, 0o640, "others can read the key of the pseudonyms"),
        ("00" * 31, 0o600, "expected a key of 64 hexadecimal digits"),
        ("not a key", 0o600, "expected a key of 64 hexadecimal digits"),
        ("é", 0o600, "expected a key of 64 hexadecimal digits"),
    ],
)
def test_a_file_that_is_no_key_is_a_sentence(content: str, mode: int, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(ZooDagError, match=sentence):
        read_key(file)


def test_a_key_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ZooDagError, match=r"cannot be made \(No such file or directory\)"):
        read_key(tmp_path / "nowhere" / "key")


def test_the_export_of_a_table_has_pseudonyms_that_stay_the_same(folder: DataFolder, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from zoo_dag.cli.main import main

    target, key = tmp_path / "out.parquet", tmp_path / "key"
    command = ["export", "classifications", "--data", str(folder.root), "--to", str(target), "--pseudonymise"]
    result = CliRunner().invoke(main, [*command, "--pseudonym-key", str(key)])
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[:2] == [
        "Pseudonyms in classifications: user_key, user_name, user_id, user_ip, session, metadata.",
        f"Their key is {key}: whoever has it can find out who is who.",
    ]
    first = pl.read_parquet(target)
    assert orjson.loads(first["metadata"][0])["session"] == first["session"][0]
    CliRunner().invoke(main, [*command, "--pseudonym-key", str(key)])
    assert pl.read_parquet(target).equals(first)
    assert not (folder.root / "pseudonyms.key").exists()
    assert CliRunner().invoke(main, command).exit_code == 0
    assert (folder.root / "pseudonyms.key").is_file()
    assert not pl.read_parquet(target)["user_name"].equals(first["user_name"])
    refused = CliRunner().invoke(main, [*command[:-1], "--pseudonym-key", str(key)])
    assert (refused.exit_code, "--pseudonym-key needs --pseudonymise" in refused.stderr) == (2, True)
