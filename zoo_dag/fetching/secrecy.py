"""Logins are sent to the API only, and signed addresses are kept out of logs."""

import logging
import re

import requests


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
