"""What the pages answer, asked from a real server: a page of another server sends nothing that has an effect."""

import http.client
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.pages.nginx import NAME, Site, behind_nginx, find_nginx, login
from tests.pages.served import Pages
from zoo_dag.dagster.instance import prepare_home
from zoo_dag.store.data_folder import DataFolder

# Dagster keeps whether its invitation was seen: a mutation without arguments, and a query that shows its effect.
MUTATION, QUERY = "mutation { setNuxSeen }", "{ shouldShowNux }"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = "--x\r\nContent-Disposition: form-data; name=query\r\n\r\nmutation { setNuxSeen }\r\n--x--\r\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages of an empty data folder, which are also opened under another name."""
    data: Path = tmp_path_factory.mktemp("project") / "data"
    # With the invitation, which these tests accept: it is switched off by default.
    home = prepare_home(DataFolder(data))
    settings = home / "dagster.yaml"
    without = settings.read_text(encoding="utf-8")
    settings.write_text(without.replace("nux:\n  enabled: false\n", ""), encoding="utf-8")
    with Pages(data, "--allow-host", NAME) as pages:
        pages.wait_until_they_answer()
        yield pages


def sent(
    pages: Pages, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[http.client.HTTPResponse, str]:
    """The answer to a request, and its text."""
    connection = http.client.HTTPConnection("127.0.0.1", pages.port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return response, response.read().decode(errors="replace")
    finally:
        connection.close()


def is_invitation_shown(pages: Pages) -> bool:
    response, text = sent(pages, "POST", "/graphql", json.dumps({"query": QUERY}), JSON)
    assert response.status == 200
    return bool(json.loads(text)["data"]["shouldShowNux"])


@pytest.mark.parametrize(
    ("request_line", "body", "headers", "status"),
    [
        (f"GET /graphql?query={quote(MUTATION)}", None, {}, 400),
        (f"GET /%67raphql?query={quote(MUTATION)}", None, {}, 400),
        (f"GET /graphql?query={quote(QUERY)}", None, {}, 400),
        (f"HEAD /graphql?query={quote(MUTATION)}", None, {}, 400),
        ("POST /graphql", json.dumps({"query": MUTATION}), {"Content-Type": "text/plain"}, 415),
        ("POST /graphql", f"query={quote(MUTATION)}", FORM, 415),
        ("POST /graphql", PARTS, {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ("POST /graphql", MUTATION, {"Content-Type": "application/graphql"}, 415),
        ("POST /graphql", MUTATION, {"Content-Type": "text/plain; application/json"}, 415),
        (f"POST /graphql?query={quote(MUTATION)}", "", {}, 400),
        (f"POST /graphql?query={quote(MUTATION)}", "{}", JSON, 400),
        ("POST /graphql", json.dumps({"query": MUTATION}), {}, 415),
        ("PUT /graphql", json.dumps({"query": MUTATION}), JSON, 405),
        ("OPTIONS /graphql", None, {"Access-Control-Request-Method": "POST"}, 405),
    ],
)
def test_a_mutation_is_only_taken_as_json_by_post(pages, request_line, body, headers, status):
    response, text = sent(pages, *request_line.split(), body, headers)
    assert response.status == status
    assert "errors" not in text
    assert is_invitation_shown(pages)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "http://127.0.0.1:1", "http://127.0.0.1", "http://localhost:{port}"],
)
def test_a_request_of_another_page_is_refused(pages, origin):
    headers = JSON | {"Origin": origin.format(port=pages.port)}
    response, _ = sent(pages, "POST", "/graphql", json.dumps({"query": MUTATION}), headers)
    assert response.status == 403
    response, _ = sent(pages, "POST", "/report_asset_materialization/imports", "{}", headers)
    assert response.status == 403
    assert is_invitation_shown(pages)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost.evil.example:{port}", "evil@localhost", "", "[::1"]
)
def test_a_name_that_was_made_to_point_here_is_refused(pages, host):
    headers = JSON | {"Host": host.format(port=pages.port)}
    for method, path, body in (("GET", "/assets", None), ("POST", "/graphql", json.dumps({"query": MUTATION}))):
        response, _ = sent(pages, method, path, body, headers)
        assert response.status in (400, 421)
    assert is_invitation_shown(pages)


@pytest.mark.parametrize("kind", ["materialization", "check", "observation"])
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [("", {}, 415), ("", {"Content-Type": "text/plain"}, 415), ("?data_version=1", JSON, 400)],
)
def test_an_event_that_no_run_reported_needs_json_too(pages, kind, address, headers, status):
    response, _ = sent(pages, "POST", f"/report_asset_{kind}/imports{address}", "{}", headers)
    assert response.status == status


def test_reports_are_served_and_nothing_beside_them(pages):
    assert sent(pages, "GET", "/reports/7.html")[0].status == 404, "no report was written yet"
    reports = pages.data / "reports"
    (reports / "7.html").write_text("<p>A report", encoding="utf-8")
    response, text = sent(pages, "GET", "/reports/7.html")
    assert (response.status, text) == (200, "<p>A report")
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert sent(pages, "GET", "/reports/8.html")[0].status == 404
    (pages.data / "secret.txt").write_text("A secret", encoding="utf-8")
    for path in ("/reports/../secret.txt", "/reports/%2e%2e/secret.txt", "/reports//secret.txt", "/reports/"):
        assert "A secret" not in sent(pages, "GET", path)[1]


@pytest.mark.parametrize("path", ["/", "/assets", "/graphql", "/server_info", "/favicon.png", "/reports/7.html"])
def test_no_other_page_shows_these_in_a_frame(pages, path):
    response, _ = sent(pages, "GET", path)
    assert response.getheader("X-Frame-Options") == "DENY"
    policies = response.headers.get_all("Content-Security-Policy")
    assert "frame-ancestors 'none'" in policies
    assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"


def opened(pages: Pages, origin: str | None, host: str) -> str:
    """The first answer to a WebSocket."""
    with connect(
        f"ws://{host}/graphql",
        origin=None if origin is None else Origin(origin),
        subprotocols=[Subprotocol("graphql-ws")],
        proxy=None,
    ) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        return str(json.loads(socket.recv(timeout=30))["type"])


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_websocket_of_another_page_is_refused(pages, origin):
    with pytest.raises(InvalidStatus) as refused:
        opened(pages, origin, f"127.0.0.1:{pages.port}")
    assert refused.value.response.status_code == 403


def test_a_websocket_of_the_pages_is_opened(pages):
    host = f"127.0.0.1:{pages.port}"
    assert opened(pages, f"http://{host}", host) == "connection_ack"
    assert opened(pages, None, f"localhost:{pages.port}") == "connection_ack"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}"),
        ("LOCALHOST:{port}", "http://localhost:{port}"),
        ("[::1]:{port}", "http://[::1]:{port}"),
        # A web server in front speaks TLS, and passes the name on.
        (NAME, f"https://{NAME}"),
    ],
)
def test_the_pages_send_what_they_like(pages, host, origin):
    headers = JSON | {"Host": host.format(port=pages.port), "Origin": origin.format(port=pages.port)}
    response, text = sent(pages, "POST", "/graphql?op=Name", json.dumps({"query": QUERY}), headers)
    assert (response.status, "data" in json.loads(text)) == (200, True)


@pytest.fixture(scope="module")
def site(pages: Pages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same pages behind nginx."""
    nginx = find_nginx()
    if nginx is None:
        pytest.skip("no nginx")
    with behind_nginx(nginx, pages, tmp_path_factory.mktemp("nginx")) as site:
        yield site


@pytest.mark.parametrize("headers", [{}, login("another password"), {"Authorization": "Basic"}])
def test_behind_nginx_nobody_gets_in_without_the_password(pages, site, headers):
    for method, path, body in (("GET", "/", None), ("POST", "/graphql", json.dumps({"query": MUTATION}))):
        response, text = site.sent(method, path, body, JSON | headers)
        assert response.status == 401
        assert "Dagster" not in text
    with pytest.raises(InvalidStatus) as refused:
        site.socket(f"https://{NAME}", headers)
    assert refused.value.response.status_code == 401
    assert is_invitation_shown(pages)


def test_behind_nginx_the_pages_work_with_the_password(site):
    response, text = site.sent("GET", "/assets", None, login())
    assert (response.status, response.getheader("X-Frame-Options")) == (200, "DENY")
    assert "Dagster" in text
    headers = login() | JSON | {"Origin": f"https://{NAME}"}
    response, text = site.sent("POST", "/graphql", json.dumps({"query": QUERY}), headers)
    assert json.loads(text)["data"] == {"shouldShowNux": True}
    with site.socket(f"https://{NAME}", login()) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(timeout=30))["type"] == "connection_ack"


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("POST", "/graphql", JSON | {"Origin": "https://evil.example"}, 403),
        ("POST", "/graphql", JSON | {"Host": "evil.example"}, 421),
        ("POST", "/graphql", {"Content-Type": "text/plain"}, 415),
        ("GET", f"/graphql?query={quote(MUTATION)}", {}, 400),
    ],
)
def test_behind_nginx_what_is_refused_is_refused_with_the_password_too(site, method, address, headers, status):
    # A browser sends the password along with whatever another page asks for.
    body = json.dumps({"query": MUTATION}) if method == "POST" else None
    response, _ = site.sent(method, address, body, login() | headers)
    assert response.status == status
    _, text = site.sent("POST", "/graphql", json.dumps({"query": QUERY}), login() | JSON)
    assert json.loads(text)["data"] == {"shouldShowNux": True}


def test_behind_nginx_a_websocket_of_another_page_is_refused_with_the_password_too(site):
    with pytest.raises(InvalidStatus) as refused:
        site.socket("https://evil.example", login())
    assert refused.value.response.status_code == 403


def test_the_mutation_has_the_effect_that_the_others_wait_for(pages):
    """The last test of this file, which shows that the first ones could have failed."""
    sent(pages, "POST", "/graphql", json.dumps({"query": MUTATION}), JSON)
    assert not is_invitation_shown(pages)
