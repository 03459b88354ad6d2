"""The Zooniverse API, called through the official client, which logs in and renews the token.

The client's calls for exports hide the server's answer, retry at a fixed pace and wait without a limit, so only
its plain HTTP request is used here.
"""

import importlib
import logging
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import requests

from zoo_dag.errors import FetchError
from zoo_dag.fetching.media import Media
from zoo_dag.fetching.resources import Export, Resource
from zoo_dag.fetching.retries import TransientError, describe_status, host_of, retry, server_time, transient_error
from zoo_dag.fetching.secrecy import EncryptedOnly, own_login_only
from zoo_dag.settings.addresses import EXPECTED, is_open_to_all
from zoo_dag.settings.fetching import Fetching

if TYPE_CHECKING:
    from panoptes_client.panoptes import Panoptes

DEFAULT_ENDPOINT = "https://www.zooniverse.org"
_RIGHTS = (
    "this login may not read or request it. Classification and subject exports need a login with "
    "edit rights on the project: that of its owner, or of a collaborator."
)


class PanoptesApi:
    """The part of the API that handles exports, for one login."""

    def __init__(self, client: "Panoptes", options: Fetching) -> None:
        """Take a client that is logged in."""
        self._client = client
        self._options = options
        self._host = host_of(client.endpoint)

    def project_id(self, project: int | str) -> int:
        """The id of a project, from its id, its slug `owner/name` or its address.

        Raises FetchError for an unknown project.
        """
        named = parse_project(project)
        if isinstance(named, int):
            response = self._call("GET", f"/projects/{named}")
        else:
            response = self._call("GET", "/projects", params={"slug": named})
        projects = [] if response.status_code == 404 else self._entries(response, "projects")
        if not projects:
            raise FetchError(f"{self._host} shows this login no project {named}. Check the id or the name.")
        try:
            return int(projects[0]["id"])
        except (KeyError, TypeError, ValueError):
            raise FetchError(_not_the_api(self._host)) from None

    def require_part(self, part: Resource, project: int) -> None:
        """Raise FetchError where the server shows this login no such workflow or subject set in the project."""
        response = self._call("GET", part.path)
        entries = [] if response.status_code == 404 else self._entries(response, part.collection)
        if not entries:
            raise FetchError(f"{self._host} shows this login no {part.name}. Check the id.")
        links = entries[0].get("links")
        of = links.get("project") if isinstance(links, Mapping) else None
        if of is not None and str(of) != str(project):
            raise FetchError(f"{part.name.capitalize()} is not of project {project}, but of project {of}.")

    def describe(self, export: Export) -> Media | None:
        """The server's description of an export; None where it has none, or hides it from this login.

        Raises FetchError where the server refuses.
        """
        response = self._call("GET", export.path)
        if response.status_code == 404:
            return None
        entries = self._entries(response, "media")
        return Media.read(entries[0], server_time(response)) if entries else None

    def request(self, export: Export) -> None:
        """Ask the server to generate an export. Raises FetchError where it refuses."""
        wanted = {"media": {"content_type": "text/csv"}}
        response = self._call("POST", export.path, json=wanted)
        if response.status_code == 404:
            raise FetchError(_RIGHTS)
        self._entries(response, "media")

    def _call(self, method: str, path: str, **content: Any) -> requests.Response:
        return retry(lambda: self._call_once(method, path, **content), self._options)

    def _call_once(self, method: str, path: str, **content: Any) -> requests.Response:
        _renew_token(self._client, self._host)
        try:
            response: requests.Response = self._client.http_request(method, path, **content)
        except requests.RequestException as error:
            raise TransientError(f"{self._host} cannot be reached ({type(error).__name__})") from None
        return response

    def _entries(self, response: requests.Response, name: str) -> list[Mapping[str, Any]]:
        """The list in a response. Raises FetchError where the server refused, or sent something else."""
        if response.status_code in (401, 403):
            raise FetchError(_RIGHTS)
        if response.status_code == 410:
            raise FetchError(f"{self._host} no longer has it (answer 410).")
        if not response.ok:
            raise FetchError(f"{describe_status(response)}.")
        try:
            entries = response.json()[name]
        except (LookupError, TypeError, ValueError):
            entries = None
        if not (isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries)):
            raise FetchError(_not_the_api(self._host))
        return entries


def parse_project(text: int | str) -> int | str:
    """The id or the slug of a project, from its id, its slug or the address of one of its pages.

    Raises FetchError for any other text.
    """
    text = str(text).strip()
    page = re.fullmatch(r"https?://[^/]+(/[^?#]*).*", text)
    path = unquote(page[1] if page else text).strip("/")
    if match := re.match(r"(?:lab/(\d+)(?:/|$)|(\d+)$)", path, re.ASCII):
        return int(match[1] or match[2])
    if match := re.match(r"projects/([^/\s]+/[^/\s]+)" if page else r"([^/\s]+/[^/\s]+)$", path):
        return match[1]
    raise FetchError(
        f"{text}: not a project. Use its id, such as 1234, its name in the address, such as owner/name, or the "
        "address of its page."
    )


def connect(options: Fetching) -> PanoptesApi:
    """Log in with the environment variables that the official client reads.

    Raises FetchError where the client is not installed, where there is no login, and where it is refused.
    """
    username, password = (os.environ.get(f"PANOPTES_{name}") or "" for name in ("USERNAME", "PASSWORD"))
    as_client = all(os.environ.get(f"PANOPTES_CLIENT_{name}") for name in ("ID", "SECRET"))
    if not (username and password) and not as_client:
        raise FetchError(
            "No login for Zooniverse. Set the environment variables PANOPTES_USERNAME and PANOPTES_PASSWORD, or "
            "PANOPTES_CLIENT_ID and PANOPTES_CLIENT_SECRET, and PANOPTES_ENDPOINT for another server."
        )
    endpoint = (os.environ.get("PANOPTES_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
    if not re.match(r"https?://[^/]", endpoint):
        raise FetchError(f"PANOPTES_ENDPOINT is not a web address: {endpoint!r}. Expected {DEFAULT_ENDPOINT!r}.")
    if is_open_to_all(endpoint):
        raise FetchError(f"PANOPTES_ENDPOINT would send the login to {host_of(endpoint)!r}: {EXPECTED}.")
    # With an empty name the client does not log in before its session has a time limit.
    client = _client_module().Panoptes(endpoint=endpoint, username="", password="")
    for scheme in ("https://", "http://"):
        client.session.mount(scheme, _LimitedAdapter(options.timeout_seconds))
    client.session.auth = own_login_only
    client.session.hooks["response"].append(_raise_transient_error)
    host = host_of(endpoint)
    retry(lambda: _log_in(client, host, username if password else "", password), options)
    return PanoptesApi(client, options)


def _log_in(client: "Panoptes", host: str, username: str, password: str) -> None:
    try:
        client.login(username, password)
    except (LookupError, TypeError, ValueError):
        raise FetchError(_not_the_api(host)) from None
    except requests.RequestException as error:
        raise TransientError(f"{host} cannot be reached ({type(error).__name__})") from None
    except _client_module().PanoptesAPIException:
        raise FetchError(
            f"{host} did not accept the login. Check PANOPTES_USERNAME and PANOPTES_PASSWORD."
        ) from None
    _renew_token(client, host)


def _renew_token(client: "Panoptes", host: str) -> None:
    try:
        client.get_bearer_token()
    except (LookupError, TypeError, ValueError, _client_module().PanoptesAPIException):
        raise FetchError(
            f"{host} gave no access to this login. Check PANOPTES_CLIENT_ID and PANOPTES_CLIENT_SECRET where they "
            "are set, else PANOPTES_USERNAME and PANOPTES_PASSWORD."
        ) from None
    except requests.RequestException as error:
        raise TransientError(f"{host} cannot be reached ({type(error).__name__})") from None


def _not_the_api(host: str) -> str:
    return f"{host} does not answer as the Zooniverse API does. Check PANOPTES_ENDPOINT, or try again later."


def _client_module() -> Any:
    """The module of the official client. Its import sets up logging; that is undone."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        return importlib.import_module("panoptes_client.panoptes")
    except ModuleNotFoundError as error:
        raise FetchError(
            f"Fetching needs the official Zooniverse client ({error}). Install it: pip install 'zoo_dag[api]'"
        ) from None
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


class _LimitedAdapter(EncryptedOnly):
    """Requests with a time limit; the client itself would wait forever."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = self._timeout
        return super().send(request, **options)


def _raise_transient_error(response: requests.Response, **_options: Any) -> None:
    error = transient_error(response)
    if error is not None:
        raise error
