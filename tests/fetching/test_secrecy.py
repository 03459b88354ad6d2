"""Logins and signed addresses stay where they belong."""

import logging
import traceback

import pytest

from tests.fetching.conftest import QUICK
from tests.fetching.panoptes_server import PASSWORD, Answer, Cut
from zoo_dag.errors import FetchError
from zoo_dag.fetching.download import download
from zoo_dag.fetching.partial_file import PartialFile


def test_the_login_never_reaches_the_storage_host(server, fetch):
    server.storage_events = [Cut(1000), "expired"]
    fetch()
    assert len(server.storage_log) == 5
    for seen in server.storage_log:
        assert not {"authorization", "cookie"} & {name.lower() for name in seen.headers}
        assert not any("TOKEN" in value or "SESSION" in value for value in seen.headers.values())
    # The API did get both.
    assert any("TOKEN" in seen.headers.get("Authorization", "") for seen in server.api_log)
    assert any("SESSION" in seen.headers.get("Cookie", "") for seen in server.api_log)


def test_a_login_for_all_hosts_in_a_netrc_file_is_not_sent_to_the_storage_host(
    server, fetch_one, tmp_path, monkeypatch
):
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch_one()
    assert "Authorization" not in server.storage_log[0].headers


def test_no_secret_is_logged_or_shown(server, fetch, caplog):
    steps: list[str] = []
    server.storage_events = [
        Cut(1000),
        "expired",
        Answer(302, {"Location": f"{server.storage_url}/moved?secret=1"}),
    ]
    with caplog.at_level(logging.DEBUG), pytest.raises(FetchError) as raised:
        fetch(attempts=3, progress=lambda *step: steps.append(repr(step)))
    shown = [caplog.text, *steps, *traceback.format_exception(raised.value)]
    assert "GET /classifications?…" in caplog.text
    assert any(seen.path == "/moved" for seen in server.storage_log)
    for secret in ("SIGNATURE", "secret=1", PASSWORD, "TOKEN", "REFRESH", "csrf"):
        assert not any(secret in text for text in shown), secret


def test_a_refused_connection_shows_no_signature(server, tmp_path):
    address = server.address("classifications").replace(str(server.storage_url.rpartition(":")[2]), "1")
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:1 cannot be reached \(ConnectionError\)") as raised:
        download(lambda: address, PartialFile(tmp_path, "part"), QUICK, lambda *_: None)
    assert "SIGNATURE" not in "".join(traceback.format_exception(raised.value))


def test_a_redirection_to_an_unencrypted_address_is_not_followed(server, fetch, inbox):
    server.storage_events = [Answer(302, {"Location": "http://store.example/moved?secret=1"})]
    with pytest.raises(FetchError, match=r"Nothing was sent to store\.example: expected https://") as raised:
        fetch(attempts=1, kinds=("classifications",))
    assert "secret=1" not in "".join(traceback.format_exception(raised.value))
    assert list(inbox.glob("*")) == []


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_login_in_the_address_of_the_api_is_not_shown(server, fetch, monkeypatch, scheme):
    monkeypatch.setenv("PANOPTES_ENDPOINT", f"{scheme}://somebody:quite-secret@panoptes.invalid:1")
    with pytest.raises(FetchError, match=r"panoptes\.invalid:1") as raised:
        fetch(attempts=1)
    assert "secret" not in "".join(traceback.format_exception(raised.value))
