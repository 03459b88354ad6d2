"""Addresses to which nothing is sent, because others could read it on the way."""

import logging
from pathlib import Path

import pytest

from zoo_dag.dagster.runs.alerts import Alert, send
from zoo_dag.errors import FetchError, SettingsError
from zoo_dag.settings.addresses import EXPECTED, is_open_to_all
from zoo_dag.settings.alerts import Alerts
from zoo_dag.settings.loading import load_settings


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example/a",
        "http://localhost:8000/a",
        "http://127.0.0.1/a",
        "http://127.8.8.8:1/a",
        "http://[::1]:8000/a",
        "http://pages.localhost/",
        "s3://bucket/exports",
        "/science/exports",
        "",
    ],
)
def test_what_is_encrypted_or_stays_on_this_machine_is_used(address: str) -> None:
    assert not is_open_to_all(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example/a",
        "HTTP://hooks.example/a",
        " http://hooks.example/a",
        "http://10.0.0.1/a",
        "http://localhost.example/a",
        "http://127.0.0.1.example/a",
        "http://localhost@hooks.example/a",
        "http://hooks.example/127.0.0.1",
        "http://[::1",
        "ftp://store.example/exports",
    ],
)
def test_what_others_could_read_is_not(address: str) -> None:
    assert is_open_to_all(address)


@pytest.mark.parametrize(
    ("section", "name", "found"),
    [("alerts", "webhook", "another address"), ("importing", "remote_inbox", "'http://store.example/SECRET'")],
)
def test_a_setting_that_names_such_an_address_is_a_sentence(
    section: str, name: str, found: str, tmp_path: Path
) -> None:
    (tmp_path / "zoo_dag.toml").write_text(f'[{section}]\n{name} = "http://store.example/SECRET"\n')
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path)
    assert str(refused.value).endswith(f"{section}.{name}: {EXPECTED}, found {found}.")
    assert EXPECTED.startswith("expected https://")


def test_a_webhook_of_the_environment_is_not_used_either(caplog: pytest.LogCaptureFixture) -> None:
    settings = Alerts().model_copy(update={"webhook": "http://hooks.example/SECRET"})
    assert not send(Alert("A title", (), "Do."), settings, logging.getLogger("test"))
    assert "the webhook was not used: expected https://" in caplog.text
    assert "SECRET" not in caplog.text


def test_no_login_is_sent_to_such_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    from zoo_dag.fetching.api import connect
    from zoo_dag.settings.fetching import Fetching

    for variable, value in (("USERNAME", "a"), ("PASSWORD", "b"), ("ENDPOINT", "http://panoptes.example")):
        monkeypatch.setenv(f"PANOPTES_{variable}", value)
    with pytest.raises(FetchError, match=r"would send the login to 'panoptes\.example': expected https://"):
        connect(Fetching())


def test_no_export_is_downloaded_from_such_an_address(tmp_path: Path) -> None:
    from zoo_dag.fetching.download import download
    from zoo_dag.fetching.partial_file import PartialFile
    from zoo_dag.settings.fetching import Fetching

    part = PartialFile(tmp_path, "part")
    with pytest.raises(FetchError, match=r"Nothing was sent to store\.example: expected https://"):
        download(lambda: "http://store.example/a", part, Fetching(attempts=1), lambda *_: None)
