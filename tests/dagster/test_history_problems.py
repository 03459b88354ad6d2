"""What is said where the server of the history is away: no traceback, and no advice that loses the history."""

import sys
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from zoo_dag.dagster.history_problems import explaining_configuration, explaining_history
from zoo_dag.errors import HistoryError


def connect(port: int) -> None:
    """Ask a server where none is, as Dagster does in the end."""
    utils = pytest.importorskip("dagster_postgres.utils")
    engine = create_engine(f"postgresql+psycopg2://zoo:secret@127.0.0.1:{port}/zoo")
    utils.retry_pg_connection_fn(engine.connect, retry_limit=0, retry_wait=0)


@pytest.mark.parametrize("is_opened", [False, True])
def test_a_server_that_is_away_is_named_and_nothing_is_to_be_deleted(tmp_path: Path, is_opened: bool) -> None:
    opening = nullcontext() if is_opened else explaining_configuration(tmp_path)
    with pytest.raises(HistoryError) as raised, explaining_history(tmp_path), opening:
        connect(1)
    sentence = str(raised.value)
    assert sentence.startswith("Dagster's history in PostgreSQL cannot be used (connection to server at")
    assert str(tmp_path / "dagster.yaml") in sentence
    assert [word for word in ("secret", "delete", "permissions", "\n") if word in sentence] == []


def test_a_connection_that_ends_within_a_statement_is_the_server_too(tmp_path: Path) -> None:
    psycopg2 = pytest.importorskip("psycopg2")
    ended = psycopg2.OperationalError("server closed the connection unexpectedly\n\tThis probably means")
    with (
        pytest.raises(HistoryError, match=r"PostgreSQL cannot be used \(server closed the connection"),
        explaining_history(tmp_path),
    ):
        raise OperationalError("SELECT 1", {}, ended)


def test_a_package_that_the_configuration_names_and_is_missing_is_an_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dagster.yaml").write_text(
        "storage:\n  postgres:\n    postgres_url: postgresql://db.example/zoo\n"
    )
    monkeypatch.setitem(sys.modules, "dagster_postgres", None)
    with pytest.raises(HistoryError) as raised, explaining_configuration(tmp_path):
        dg.DagsterInstance.from_config(str(tmp_path))
    assert str(raised.value) == (
        f"{tmp_path / 'dagster.yaml'} needs the package dagster-postgres. "
        'Install it with: pip install "zoo_dag[workers]"'
    )


def test_other_errors_are_not_of_the_history(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), explaining_history(tmp_path):
        raise ZeroDivisionError
