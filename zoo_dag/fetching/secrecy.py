"""What keeps logins and signed addresses where they belong."""

import logging
import re

import requests


def own_login_only(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As the `auth` of a session: no login but the one in the headers.

    Else the library takes the login that a .netrc file holds, even before a token that is in the headers, and
    sends it along with a signed address, which needs none.
    """
    return request


def hide_queries_in_logs() -> None:
    """Take the query out of what the HTTP library logs of addresses: it is the signature of the address."""
    logging.getLogger("urllib3.connectionpool").addFilter(_without_queries)


def _without_queries(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            re.sub(r"\?.*", "?…", arg, flags=re.DOTALL) if isinstance(arg, str) else arg for arg in record.args
        )
    return True
