"""The two hosts of a `PanoptesServer`, on this machine: the API, and the storage of the files."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fetching.panoptes_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    PROJECT,
    SLUG,
    USERNAME,
    Answer,
    Cut,
    Export,
    PanoptesServer,
    Seen,
    Stored,
)

CSRF, REFRESH = "csrf", "REFRESH"
EXPIRED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'


@contextmanager
def running(panoptes: PanoptesServer) -> Iterator[PanoptesServer]:
    """Both hosts, each on a separate port."""
    hosts = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for handler in (_ApiHandler, _StorageHandler)]
    for host in hosts:
        host.panoptes = panoptes  # type: ignore[attr-defined]
        host.daemon_threads = True
        threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    panoptes.api_url, panoptes.storage_url = (f"http://127.0.0.1:{host.server_address[1]}" for host in hosts)
    try:
        yield panoptes
    finally:
        for host in hosts:
            host.shutdown()
            host.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    storage: ClassVar[bool]

    @property
    def panoptes(self) -> PanoptesServer:
        return self.server.panoptes  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Tests read the log of the server instead."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        seen = Seen(self.command, parts.path, parts.query, dict(self.headers), body, datetime.now(UTC))
        (self.panoptes.storage_log if self.storage else self.panoptes.api_log).append(seen)
        with self.panoptes.lock:
            reply = self.reply(seen)
        if isinstance(reply, Answer):
            self.answer(reply)

    do_GET = do_POST = handle_request  # noqa: N815  (names of the standard library)

    def reply(self, seen: Seen) -> Answer | None:
        raise NotImplementedError

    def answer(self, answer: Answer) -> None:
        if "Date" in answer.headers:
            self.send_response_only(answer.status)
        else:
            self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


class _ApiHandler(_Handler):
    storage = False

    def reply(self, seen: Seen) -> Answer:
        # The handler of the standard library makes one slash of two; the real server does not.
        if " //" in self.requestline:
            return _errors(404, "no such path")
        if seen.path == "/users/sign_in":
            return self.sign_in(seen)
        if seen.path == "/oauth/token":
            return self.give_token(parse_qs(seen.body.decode()))
        if self.panoptes.api_answers:
            return self.panoptes.api_answers.pop(0)
        if not seen.headers.get("Accept", "").startswith("application/vnd.api+json; version=1"):
            return _errors(406, "wrong Accept header")
        return self.resource(seen)

    def resource(self, seen: Seen) -> Answer:
        user = self.panoptes.user(seen.headers.get("Authorization", "").removeprefix("Bearer "))
        match seen.path.removeprefix("/api/").split("/"):
            case ["projects"]:
                is_known = parse_qs(seen.query).get("slug") == [SLUG]
                return _project() if is_known else _json(200, {"projects": []})
            case ["projects", number] if number == str(PROJECT):
                return _project()
            case ["projects", number, export] if number == str(PROJECT) and export.endswith("_export"):
                return self.export(export.removesuffix("_export"), user)
            case [collection, number, *export] if f"{collection}/{number}" in self.panoptes.parts:
                return self.part(collection, number, export, user)
            case _:
                return _errors(404, f"Could not find project with path='{seen.path}'")

    def part(self, collection: str, number: str, export: list[str], user: str | None) -> Answer:
        match export:
            case []:
                links = {"project": str(self.panoptes.parts[f"{collection}/{number}"])}
                return _json(200, {collection: [{"id": number, "links": links}]})
            case ["classifications_export"]:
                return self.export(f"{collection}/{number}/classifications", user)
            case _:
                return _errors(404, "no such path")

    def sign_in(self, seen: Seen) -> Answer:
        if self.panoptes.sign_in_answers:
            return self.panoptes.sign_in_answers.pop(0)
        if seen.method == "GET":
            return _json(200, {"login": "/users/sign_in"}, {"X-CSRF-Token": CSRF})
        given = json.loads(seen.body)
        if given["authenticity_token"] != CSRF:
            return _errors(422, "no authenticity token")
        if (given["user"]["login"], given["user"]["password"]) != (USERNAME, PASSWORD):
            return _json(401, {"error": "Invalid email or password."})
        return _json(200, {"users": [{"id": "7"}]}, {"Set-Cookie": "_Panoptes_session=SESSION; path=/; HttpOnly"})

    def give_token(self, given: dict[str, list[str]]) -> Answer:
        cookie = "SESSION" in self.headers.get("Cookie", "")
        match given["grant_type"], given.get("client_secret"):
            case ["client_credentials"], [secret] if (given["client_id"], secret) == ([CLIENT_ID], CLIENT_SECRET):
                return self.token_answer(CLIENT_ID)
            case ["password"], None if cookie:
                return self.token_answer(USERNAME, refresh_token=REFRESH)
            case ["refresh_token"], None if given.get("refresh_token") == [REFRESH]:
                return self.token_answer(USERNAME, refresh_token=REFRESH)
            case _:
                return _json(401, {"error": "invalid_client", "error_description": "unknown client"})

    def token_answer(self, user: str, **more: str) -> Answer:
        seconds = self.panoptes.token_seconds
        return _json(200, {"access_token": self.panoptes.token(user), "expires_in": seconds, **more})

    def export(self, kind: str, user: str | None) -> Answer:
        if user not in self.panoptes.editors:
            return _errors(404, f"No {kind}_export exists for project #{PROJECT}")
        if self.command == "POST":
            if json.loads(self.panoptes.api_log[-1].body) != {"media": {"content_type": "text/csv"}}:
                return _errors(422, "unexpected body")
            return self.media(201, kind, self.panoptes.request(kind))
        export = self.panoptes.poll(kind)
        if export is None:
            return _errors(404, f"No {kind}_export exists for project #{PROJECT}")
        return self.media(200, kind, export)

    def media(self, status: int, kind: str, export: Export) -> Answer:
        entry = {
            "id": "1",
            "href": f"/projects/{PROJECT}/{kind}_export",
            "src": self.panoptes.address(kind),
            "content_type": "text/csv",
            "media_type": f"project_{kind}_export",
            "metadata": {"recipients": [7], "state": export.state},
            "updated_at": export.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        return _json(status, {"media": [entry], "links": {}, "meta": {}})


class _StorageHandler(_Handler):
    storage = True

    def reply(self, seen: Seen) -> Answer | None:
        panoptes = self.panoptes
        event = panoptes.storage_events.pop(0) if panoptes.storage_events else None
        signature = parse_qs(seen.query).get("X-Signature", [""])[0]
        if event == "expired":
            panoptes.expire(signature)
        if not panoptes.accepts(signature):
            return Answer(403, {"Content-Type": "application/xml"}, EXPIRED)
        if isinstance(event, Answer):
            return event
        export = panoptes.exports[seen.path.strip("/")]
        if event == "replaced" and export.file is not None:
            export.file = Stored(export.file.content.replace(b"Yes", b"Nay"), datetime.now(UTC))
        if export.file is None:
            return Answer(404, {"Content-Type": "application/xml"}, b"<Error><Code>BlobNotFound</Code></Error>")
        self.send_file(export.file, event if isinstance(event, Cut) else None)
        return None

    def send_file(self, file: Stored, cut: Cut | None) -> None:
        start = self.start_of_range(file)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{file.size - 1}/{file.size}")
        if self.panoptes.lengths:
            self.send_header("Content-Length", str(file.size - start))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        if self.panoptes.marks:
            self.send_header("ETag", file.tag)
            self.send_header("Last-Modified", format_datetime(file.modified, usegmt=True))
        if file.encoding:
            self.send_header("Content-Encoding", file.encoding)
        self.end_headers()
        left = file.size if cut is None else cut.after
        for piece in file.slices(start):
            self.send_piece(piece[:left])
            left -= len(piece)
            if left <= 0:
                break
        if cut is not None:
            self.break_off(reset=cut.reset)
        elif not self.panoptes.lengths:
            self.send_piece(b"")

    def send_piece(self, piece: bytes) -> None:
        if self.panoptes.lengths:
            self.wfile.write(piece)
        else:
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def start_of_range(self, file: Stored) -> int:
        given = self.headers.get("Range", "")
        same = self.headers.get("If-Range") in (file.tag, format_datetime(file.modified, usegmt=True))
        return int(given.removeprefix("bytes=").rstrip("-")) if given and same and self.panoptes.ranges else 0

    def break_off(self, *, reset: bool) -> None:
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def _json(status: int, content: Any, headers: dict[str, str] | None = None) -> Answer:
    kind = {"Content-Type": "application/vnd.api+json; version=1"}
    return Answer(status, kind | (headers or {}), json.dumps(content).encode())


def _errors(status: int, message: str) -> Answer:
    return _json(status, {"errors": [{"message": message}]})


def _project() -> Answer:
    return _json(200, {"projects": [{"id": str(PROJECT), "slug": SLUG, "display_name": "Bird count"}]})
