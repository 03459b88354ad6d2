"""An object store on this machine that speaks the protocol of S3, and what can go wrong on the way to it."""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest

from zoo_dag.store.object_store import ObjectStore, open_store
from zoo_dag.store.working_copy import WorkingCopy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BUCKET = "zoo"
# How late a request reaches the store, and how long each sixth of an answer takes that comes slowly.
_LATE_SECONDS, _SLOW_SECONDS = 1.5, 0.6
_AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request"


class Request(NamedTuple):
    """A request to the store: its method, its path in the bucket with the query, its number, and whose it is."""

    method: str
    path: str
    number: int
    access_key: str

    @property
    def is_of_pointer(self) -> bool:
        """Whether it replaces a pointer."""
        return self.method == "PUT" and self.path.endswith("/pointer.json")


# What happens to a request: a status that is answered instead, or one of the words of `_Handler.answer`.
Fault = Callable[[Request], int | str | None]


def no_fault(_: Request) -> None:
    """Nothing goes wrong."""


class Store:
    """A server of object stores on loopback, which counts requests and spoils them."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Let the store itself, an application in this process, answer what is not spoiled."""
        self._application = application
        self.requests: list[Request] = []
        self.fault: Fault = no_fault
        self.listing: bytes | None = None
        self._lock = Lock()
        self._prefixes = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.store = self  # type: ignore[attr-defined]

    @property
    def endpoint(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """What the store answers: status, headers and content."""
        from werkzeug.test import create_environ, run_wsgi_app

        environment = create_environ(path, self.endpoint, method=method, headers=dict(headers), data=body)
        content, status, answered = run_wsgi_app(self._application, environment, buffered=True)
        return int(status.split()[0]), dict(answered), b"".join(content)

    def new_url(self) -> str:
        """A prefix with nothing in it."""
        self._prefixes += 1
        return f"s3://{BUCKET}/project{self._prefixes}"

    def count(self, method: str, path: str, authorization: str) -> Request:
        """Record a request."""
        access_key = authorization.partition("Credential=")[2].partition("/")[0]
        with self._lock:
            self.requests.append(Request(method, path, len(self.requests) + 1, access_key))
            return self.requests[-1]

    @contextmanager
    def spoiled(self, fault: Fault) -> Iterator[list[Request]]:
        """Let requests go wrong in the block; gives those that are made in it."""
        self.requests, self.fault = [], fault
        try:
            yield self.requests
        finally:
            self.fault = no_fault

    def objects(self, url: str) -> dict[str, bytes]:
        """All objects under an URL, by their names."""
        store: ObjectStore = open_store(url)
        found = {each.name: store.get(each.name) for each in store.objects("")}
        return {name: each.content for name, each in found.items() if each}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the content of each answer would wait until its headers are received.
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        store: Store = self.server.store  # type: ignore[attr-defined]
        path, authorization = self.path.removeprefix(f"/{BUCKET}"), self.headers.get("Authorization", "")
        fault = store.fault(store.count(self.command, path, authorization))
        length = int(self.headers.get("Content-Length", 0))
        if fault == "reset":
            # In the middle of what is sent.
            self.rfile.read(length // 2)
            self._break_off()
            return
        body = self.rfile.read(length)
        if isinstance(fault, int):
            self._send(fault, {}, b"<Error><Code>SlowDown</Code></Error>")
            return
        headers = dict(self.headers)
        if fault == "late":
            time.sleep(_LATE_SECONDS)
        if fault == "unconditional":
            headers = {name: value for name, value in headers.items() if not name.lower().startswith("if-")}
        status, answered, content = store.answer(self.command, self.path, headers, body)
        if "list-type" in self.path:
            # A listing that lags is the first one.
            store.listing = content if store.listing is None or fault != "lag" else store.listing
            content = store.listing
        if fault == "lost":
            self._break_off()
            return
        self._send(status, answered, content, half=fault == "cut", slow=fault == "slow")

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815  (names of http.server)

    def _send(
        self, status: int, headers: dict[str, str], content: bytes, *, half: bool = False, slow: bool = False
    ) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        step = -(-len(content) // 6)
        for begin in range(0, len(content), step) if slow else ():
            time.sleep(_SLOW_SECONDS)
            self.wfile.write(content[begin : begin + step])
        if slow:
            return
        self.wfile.write(content[: len(content) // 2] if half else content)
        if half:
            self.wfile.flush()
            self._break_off()

    def _break_off(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Answer until the connection is broken off."""
        try:
            super().handle()
        except (OSError, ValueError):
            return

    def finish(self) -> None:
        """End the connection, which may be broken off."""
        try:
            super().finish()
        except (OSError, ValueError):
            return


@pytest.fixture(scope="session")
def _store() -> Iterator[Store]:
    for package in ("obstore", "moto", "flask"):
        if find_spec(package) is None:
            pytest.skip(f"no object store: {package} is not installed")
    from moto.server import create_backend_app

    # In the process of the tests, and only the part that is S3: a fifth of the work of moto's own server.
    store = Store(create_backend_app("s3"))
    status, _, _ = store.answer("PUT", f"/{BUCKET}", {"Authorization": _AUTHORIZATION})
    assert status == 200
    Thread(target=store.server.serve_forever, daemon=True).start()
    yield store
    store.server.shutdown()


@pytest.fixture
def object_store(_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The object store, to which the environment points."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": _store.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    _store.requests, _store.fault, _store.listing = [], no_fault, None
    return _store


Machines = Callable[[str], WorkingCopy]


@pytest.fixture
def machine(object_store: Store, tmp_path: Path) -> Iterator[Machines]:
    """Open the project of the test on a machine of this name, as another process each time."""
    url, opened = object_store.new_url(), list[WorkingCopy]()

    def on(name: str) -> WorkingCopy:
        opened.append(WorkingCopy(url, tmp_path / name))
        return opened[-1]

    yield on
    for copy in opened:
        copy.close()
