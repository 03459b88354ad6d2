"""nginx with `deploy/nginx.conf`, in front of pages: TLS and a password, as the site of docs/access.md."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.pages.served import Pages, free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NAME, PERSON, PASSWORD = "science.example", "ann", "a password"
_START_SECONDS = 30


def find_nginx() -> str | None:
    """The program, which is often in no path of users; with what makes its passwords and certificates."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    return program if shutil.which("htpasswd") and shutil.which("openssl") else None


def login(password: str = PASSWORD) -> dict[str, str]:
    """The header that a browser sends after somebody signed in."""
    return {"Authorization": f"Basic {b64encode(f'{PERSON}:{password}'.encode()).decode()}"}


@dataclass(frozen=True)
class Site:
    """The site at a port of this machine."""

    port: int
    context: ssl.SSLContext

    def sent(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        """The answer to a request to the name of the site, and its text."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)
        try:
            connection.request(method, path, body, {"Host": NAME, **(headers or {})})
            response = connection.getresponse()
            return response, response.read().decode(errors="replace")
        finally:
            connection.close()

    def socket(self, origin: str, headers: Mapping[str, str]) -> ClientConnection:
        """A WebSocket to the name of the site. Raises InvalidStatus."""
        return connect(
            f"wss://{NAME}/graphql",
            sock=socket.create_connection(("127.0.0.1", self.port)),
            ssl=self.context,
            origin=Origin(origin),
            subprotocols=[Subprotocol("graphql-ws")],
            additional_headers=dict(headers),
            proxy=None,
        )


@contextmanager
def behind_nginx(program: str, pages: Pages, folder: Path) -> Iterator[Site]:
    """The pages behind the site, whose port, files and certificate are of this machine."""
    key, certificate, users, port = folder / "key.pem", folder / "certificate.pem", folder / "users", free_port()
    _make("htpasswd", "-B", "-b", "-c", users, PERSON, PASSWORD)
    of_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key)
    _make("openssl", "req", "-x509", *of_key, "-out", certificate, "-subj", f"/CN={NAME}", "-days", "2")
    here = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/science.example.pem": str(certificate),
        "/etc/ssl/science.example.key": str(key),
        "auth_basic_user_file /etc/nginx/zoo_dag.users": f"auth_basic_user_file {users}",
        "http://127.0.0.1:3000": pages.url,
    }
    site = CONFIGURATION.read_text(encoding="utf-8")
    for there, instead in here.items():
        assert site.count(there) == 1, there
        site = site.replace(there, instead)
    # Otherwise its workers are another user, who cannot read the folder of a test.
    user = "user root;" if os.geteuid() == 0 else ""
    main = (
        f"{user} daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {_temporary(folder)} {site} }}"
    )
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
    with subprocess.Popen(command) as process:  # noqa: S603
        try:
            _wait(port, folder / "errors")
            yield Site(port, _trusting(certificate))
        finally:
            process.terminate()


def _temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


def _make(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)  # noqa: S603


def _trusting(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate))
    # It is asked by its address.
    context.check_hostname = False
    return context


def _wait(port: int, errors: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError(errors.read_text(errors="replace")) from None
            time.sleep(0.1)
        else:
            return
