"""Logins are sent to the API only, nothing goes unencrypted, and signed addresses are kept out of logs."""

import logging
import re
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from zoo_dag.errors import FetchError
from zoo_dag.fetching.retries import host_of
from zoo_dag.settings.addresses import EXPECTED, is_open_to_all


class EncryptedOnly(HTTPAdapter):
    """Sends no request to an address that is open to all, also not after a redirection."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request. Raises FetchError where it would go unencrypted to another machine."""
        if is_open_to_all(request.url or ""):
            raise FetchError(f"Nothing was sent to {host_of(request.url or '')}: {EXPECTED}.")
        return super().send(request, **options)


def own_login_only(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As the `auth` of a session: no login but the one in the headers.

    Otherwise the library takes the login of a .netrc file, even over a token in the headers, and sends it along
    with a signed address, which needs none.
    """
    return request


def hide_queries_in_logs() -> None:
    """Remove queries from the addresses that the HTTP library logs: a query is the signature of an address."""
    logging.getLogger("urllib3.connectionpool").addFilter(_without_queries)


def _without_queries(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            re.sub(r"\?.*", "?…", arg, flags=re.DOTALL) if isinstance(arg, str) else arg for arg in record.args
        )
    return True
