"""Who may fetch: logins, projects and rights, and what the API may answer."""

import logging
import subprocess
import sys

import pytest

from tests.fetching.panoptes_server import CLIENT_ID, CLIENT_SECRET, PROJECT, SLUG, USERNAME, Answer
from zoo_dag.errors import FetchError
from zoo_dag.fetching.api import connect, parse_project
from zoo_dag.settings.fetching import Fetching

PROJECT_FOUND = Answer(200, {}, b'{"projects": [{"id": "1234"}]}')


@pytest.mark.parametrize(
    "missing", [("PANOPTES_USERNAME",), ("PANOPTES_PASSWORD",), ("PANOPTES_USERNAME", "PANOPTES_PASSWORD")]
)
def test_without_a_login_the_variables_are_named(server, fetch, monkeypatch, missing):
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(FetchError) as raised:
        fetch()
    for name in ("USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "ENDPOINT"):
        assert f"PANOPTES_{name}" in str(raised.value)
    assert server.api_log == []


def test_a_wrong_password_is_a_sentence_without_the_password(server, fetch, monkeypatch):
    monkeypatch.setenv("PANOPTES_PASSWORD", "wrong horse")
    with pytest.raises(FetchError, match=r"did not accept the login\. Check PANOPTES_USERNAME") as raised:
        fetch()
    assert "horse" not in str(raised.value)
    assert [seen.path for seen in server.api_log] == ["/users/sign_in"] * 2


def test_the_login_of_an_application_does(server, fetch, monkeypatch, inbox):
    for name in ("USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"PANOPTES_{name}")
    monkeypatch.setenv("PANOPTES_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("PANOPTES_CLIENT_SECRET", CLIENT_SECRET)
    fetch()
    assert len(list(inbox.iterdir())) == 3
    assert "/users/sign_in" not in {seen.path for seen in server.api_log}


def test_a_wrong_secret_of_an_application_is_a_sentence(server, fetch, monkeypatch):
    for name in ("USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"PANOPTES_{name}")
    monkeypatch.setenv("PANOPTES_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("PANOPTES_CLIENT_SECRET", "wrong")
    with pytest.raises(FetchError, match=r"gave no access to this login\. Check PANOPTES_CLIENT_ID"):
        fetch()


def test_a_token_that_runs_out_is_renewed(server, fetch, inbox):
    server.token_seconds = 1
    fetch(kinds=("workflows",))
    renewals = [seen for seen in server.api_log if b"grant_type=refresh_token" in seen.body]
    assert renewals
    assert len(list(inbox.iterdir())) == 1


def test_a_slash_at_the_end_of_the_endpoint_does_no_harm(server, fetch, monkeypatch, inbox):
    monkeypatch.setenv("PANOPTES_ENDPOINT", f"{server.api_url}/")
    fetch(kinds=("workflows",))
    assert len(list(inbox.iterdir())) == 1


@pytest.mark.parametrize("endpoint", ["www.zooniverse.org", "ftp://example.org", "https://"])
def test_an_endpoint_that_is_no_web_address_is_a_sentence(server, fetch, monkeypatch, endpoint):
    monkeypatch.setenv("PANOPTES_ENDPOINT", endpoint)
    with pytest.raises(FetchError, match="PANOPTES_ENDPOINT is not a web address"):
        fetch()


def test_a_server_that_is_not_there_is_a_sentence(server, fetch, monkeypatch):
    monkeypatch.setenv("PANOPTES_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(
        FetchError, match=r"127\.0\.0\.1:1 cannot be reached \(ConnectionError\), 3 times in a row"
    ):
        fetch(attempts=3)


def test_a_server_that_is_silent_is_a_sentence(server, fetch):
    server.lock.acquire()
    try:
        with pytest.raises(FetchError, match=r"cannot be reached \(ReadTimeout\)"):
            fetch(attempts=1, timeout_seconds=0.2)
    finally:
        server.lock.release()


@pytest.mark.parametrize(
    "answer", [Answer(200, {}, b"<html>"), Answer(200, {"X-CSRF-Token": "x"}, b"<html>"), Answer(404, {}, b"")]
)
def test_a_server_that_is_not_zooniverse_is_a_sentence(server, fetch, answer):
    server.sign_in_answers = [answer, answer]
    with pytest.raises(FetchError, match=r"does not answer as the Zooniverse API does\. Check PANOPTES_ENDPOINT"):
        fetch()


def test_an_answer_that_is_no_json_is_a_sentence(server, fetch):
    server.api_answers = [Answer(200, {}, b"<html>Back soon</html>")]
    with pytest.raises(FetchError, match="does not answer as the Zooniverse API does"):
        fetch()


def test_a_description_of_another_form_is_a_sentence(server, fetch):
    server.api_answers = [PROJECT_FOUND, Answer(200, {}, b'{"media": [{"metadata": {"state": "ready"}}]}')]
    with pytest.raises(FetchError, match="in a form that zoo_dag does not know \\('updated_at'\\)"):
        fetch()


def test_a_login_without_rights_on_the_project_gets_a_message(server, fetch, inbox):
    server.editors.remove(USERNAME)
    with pytest.raises(FetchError, match=r"The classifications export of project 1234: .* with edit rights"):
        fetch()
    assert not inbox.exists()


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_the_api_names_the_rights_needed(server, fetch, status):
    server.api_answers = [PROJECT_FOUND, Answer(status, {}, b'{"errors": [{"message": "no"}]}')]
    with pytest.raises(FetchError, match="need a login with edit rights on the project"):
        fetch()


def test_an_export_that_the_server_no_longer_makes_is_a_sentence(server, fetch):
    server.api_answers = [PROJECT_FOUND, Answer(410)]
    with pytest.raises(FetchError, match=r"no longer has it \(answer 410\)"):
        fetch()


def test_another_refusal_names_its_number(server, fetch):
    server.api_answers = [PROJECT_FOUND, Answer(418)]
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:\d+ answered 418 \(I'm a Teapot\)\."):
        fetch()


@pytest.mark.parametrize("project", [99, "owner/another", "https://www.zooniverse.org/projects/owner/another"])
def test_a_project_that_does_not_exist_is_a_sentence(server, fetch, project):
    with pytest.raises(
        FetchError, match=r"shows this login no project (99|owner/another)\. Check the id or the name"
    ):
        fetch(project)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_api_is_asked_again(server, fetch, inbox, status):
    server.sign_in_answers = [Answer(status, {"Retry-After": "0"})]
    server.api_answers = [Answer(status), Answer(status, {"Retry-After": "0"})]
    fetch(kinds=("workflows",))
    assert len(list(inbox.iterdir())) == 1


def test_an_api_that_stays_busy_is_a_sentence(server, fetch):
    server.api_answers = [Answer(500)] * 3
    with pytest.raises(
        FetchError, match=r"answered 500 \(Internal Server Error\), 3 times in a row. Try again later"
    ):
        fetch(attempts=3)
    assert [seen.path for seen in server.api_log].count(f"/api/projects/{PROJECT}") == 3


def test_the_pause_that_the_api_asks_for_is_kept(server, fetch):
    server.api_answers = [Answer(429, {"Retry-After": "1"})]
    fetch(kinds=("workflows",), pause_seconds=0)
    first, second = (seen for seen in server.api_log if seen.path == f"/api/projects/{PROJECT}")
    assert (second.at - first.at).total_seconds() >= 1


@pytest.mark.parametrize("pause", ["7200", "Tue, 24 Nov 2099 10:00:00 GMT"])
def test_a_pause_longer_than_the_longest_wait_is_a_sentence(server, fetch, pause):
    server.api_answers = [Answer(429, {"Retry-After": pause})]
    with pytest.raises(FetchError, match=r"429 \(Too Many Requests\) and asks for a pause of [\d,]+ minutes"):
        fetch()


@pytest.mark.parametrize("pause", ["Tue, 24 Nov 2020 10:00:00 GMT", "soon", ""])
def test_a_pause_that_is_over_or_makes_no_sense_is_no_hindrance(server, fetch, inbox, pause):
    server.api_answers = [Answer(429, {"Retry-After": pause})]
    fetch(kinds=("workflows",))
    assert len(list(inbox.iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "project"),
    [
        (1234, 1234),
        (" 1234 ", 1234),
        (SLUG, SLUG),
        ("2020/birds", "2020/birds"),
        ("https://www.zooniverse.org/projects/owner/bird-count", SLUG),
        ("https://www.zooniverse.org/projects/owner/bird-count/about/research?env=x#top", SLUG),
        ("https://www.zooniverse.org/projects/j%C3%BCrgen/v%C3%B6gel/", "jürgen/vögel"),
        ("https://www.zooniverse.org/lab/1234/data-exports", 1234),
        ("http://localhost:3000/lab/1234", 1234),
    ],
)
def test_a_project_can_be_named_by_id_name_or_address(text, project):
    assert parse_project(text) == project


@pytest.mark.parametrize(
    "text",
    ["", "birds", "a/b/c", "https://www.zooniverse.org/", "https://www.zooniverse.org/projects/owner", "-5"],
)
def test_what_names_no_project_is_a_sentence(text):
    with pytest.raises(FetchError, match=r"not a project\. Use its id, such as 1234"):
        parse_project(text)


def test_a_project_is_resolved_from_its_name_and_its_address(server):
    api = connect(Fetching())
    assert api.project_id(SLUG) == PROJECT
    assert api.project_id(f"https://www.zooniverse.org/projects/{SLUG}/stats") == PROJECT


def test_the_client_changes_nothing_about_logging(server):
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    connect(Fetching())
    assert (list(root.handlers), root.level) == before


# In another process, because here the client has been imported already.
IMPORTING = """
import logging, sys
sys.modules.update({missing})
from zoo_dag.errors import FetchError
from zoo_dag.fetching.api import connect
from zoo_dag.settings.fetching import Fetching
try:
    connect(Fetching())
except FetchError as error:
    print(error)
print(logging.getLogger().handlers)
"""


def importing(missing: str) -> list[str]:
    code = IMPORTING.replace("{missing}", missing)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.splitlines()


def test_the_client_works_without_libmagic(server):
    # None in place of a module makes its import fail, as python-magic does where libmagic is missing.
    assert importing("magic=None") == ["[]"]
    assert server.api_log[-1].path == "/oauth/token"


def test_without_the_client_the_command_that_installs_it_is_named(server):
    sentence, _ = importing("panoptes_client=None")
    assert "pip install 'zoo_dag[api]'" in sentence
    assert server.api_log == []
