"""Which requests the pages answer: those of their own pages, and of programs that are not a browser.

Dagster's server has no login and obeys every request, also one that any other web page sends from the same
browser. What such a page can send is known (the Fetch standard, https://fetch.spec.whatwg.org): its requests name
the page as their Origin, a name that it has made to point to this machine is the Host, and JSON is a type that it
cannot send without asking first, which nobody here answers.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^][:/@\s]+)(:[0-9]+)?", re.IGNORECASE)
_GRAPHQL = "/graphql"
# Dagster's pages write the name of an operation into the address, for whoever reads the log. It does nothing.
_IN_ADDRESS = {"op"}
_POLICY_VIOLATION = 1008
# No other page shows these pages in a frame of its own, to lead a click to a button, or takes parts of them.
_HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class OwnRequestsOnly:
    """An ASGI application that answers only the requests described above by another one.

    `names` are the host names under which the pages are opened; an IPv6 address stands in brackets.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        """Put the check in front of `app`."""
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one WebSocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope))
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
        else:
            status, sentence = refusal
            await PlainTextResponse(f"{sentence}\n", status)(scope, receive, _with_headers(send))

    def _refusal(self, request: HTTPConnection) -> tuple[HTTPStatus, str] | None:
        """The status and the sentence for a request that is not answered."""
        host = request.headers.get("host", "").lower()
        match = _HOST.fullmatch(host)
        if match is None or match["name"] not in self._names:
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "The pages are not open under this name. Start them with `zoo-dag ui --allow-host NAME`.",
            )
        origin = request.headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return HTTPStatus.FORBIDDEN, "Only the pages themselves may send this, not a page of another server."
        return _refused_content(request) if request.scope["type"] == "http" else None


def _refused_content(request: HTTPConnection) -> tuple[HTTPStatus, str] | None:
    method = request.scope["method"]
    if method not in ("GET", "HEAD", "POST"):
        return HTTPStatus.METHOD_NOT_ALLOWED, "The pages know only GET, HEAD and POST."
    path, address = request.url.path, request.scope["query_string"].decode("latin-1")
    named = {name for name, _value in parse_qsl(address, keep_blank_values=True)}
    if (method == "POST" or path == _GRAPHQL) and not named <= _IN_ADDRESS:
        return HTTPStatus.BAD_REQUEST, "Send a query as JSON by POST; the address may not hold one."
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and kind != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with the Content-Type application/json."
    return None


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # Where there are several policies, a browser enforces each of them.
            for name, value in _HEADERS.items():
                headers.append(name, value)
        await send(message)

    return send_with_headers
