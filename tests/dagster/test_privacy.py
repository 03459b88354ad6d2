"""Dagster keeps its history when rows are forgotten: nothing in its history names a volunteer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import anonymous, classification_row, metadata, write_export
from zoo_dag.tables import TABLES

# A login, an id, a token for an address, and sessions, of rows that are fine and of rows with a problem.
SECRETS = ("ann_login", "770123", "tokenofaddress", "sessionofann", "sessionofnobody")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, with Dagster's history in it, of an import with all kinds of problems."""
    place = tmp_path_factory.mktemp("privacy")
    ann = {"user_name": "ann_login", "user_id": "770123", "user_ip": "tokenofaddress"}
    session = metadata(session="sessionofann")
    nobody = {"user_ip": "tokenofaddress", "user_name": "not-logged-in-tokenofaddress"}
    rows = [
        *(classification_row(number, **ann, metadata=session) for number in range(11, 41)),
        anonymous(5, **nobody, metadata=metadata(session="sessionofnobody")),
        classification_row(6, **ann, metadata='{"session":"sessionofann"'),
        classification_row(7, **ann, metadata=session, workflow_version="ann_login"),
        classification_row(8, **ann, metadata=session, created_at="770123"),
    ]
    export = write_export(place / "classifications.csv", rows)
    with export.open("a", encoding="utf-8") as stream:
        stream.write("ann_login,770123,tokenofaddress\n")
    data = place / "data"
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zoo_dag", "run", str(export), "--data", str(data)],
        env=environment,
        capture_output=True,
        check=False,
        timeout=250,
    )
    assert ended.returncode in (0, 1), ended.stderr.decode()
    assert (data / "tables" / "classifications" / "11-v3.10.parquet").is_file()
    return data


def test_the_history_has_no_name_id_address_or_session(data: Path) -> None:
    files = [path for path in (data / "dagster_home").rglob("*") if path.is_file()]
    history = b"".join(path.read_bytes() for path in files)
    assert b"expected a time such as 2024-03-05" in history
    assert b"user_key" in history
    assert [secret for secret in SECRETS if secret.encode() in history] == []


def test_what_checks_found_has_none_either(data: Path) -> None:
    files = list((data / "tables").rglob(".*.findings.json"))
    assert files
    found = b"".join(path.read_bytes() for path in files)
    assert [secret for secret in SECRETS if secret.encode() in found] == []


def test_every_column_that_tables_take_from_a_volunteer_is_declared() -> None:
    sources = {"user_name", "user_id", "user_ip", "metadata"}
    declared = {(name, column) for name, table in TABLES.items() for column in table.identifying(table.columns)}
    assert {("raw_classifications", column) for column in sources} <= declared
    for name, table in TABLES.items():
        if "user_key" in table.columns:
            assert (name, "user_key") in declared
        if "found" in table.columns:
            assert {(name, "found"), (name, "row")} <= declared
    assert {column for name, column in declared if name == "classifications"} == {
        "user_key",
        "user_name",
        "user_id",
        "user_ip",
        "session",
        "metadata",
    }
