"""Web addresses that zoo_dag connects to: only those where nobody can read on the way what is sent."""

from ipaddress import ip_address
from urllib.parse import urlsplit

# What is sent and received there is not encrypted.
_OPEN_TO_ALL = ("http", "ws", "ftp")
EXPECTED = "expected https://, since others can read on the way what http:// sends; http:// only to this machine"


def is_open_to_all(address: str) -> bool:
    """Whether what is sent to an address goes through a network unencrypted: http or ftp, but to this machine."""
    try:
        parts = urlsplit(address.strip())
        return parts.scheme.lower() in _OPEN_TO_ALL and not _is_this_machine(parts.hostname or "")
    except ValueError:
        return True


def checked(address: str) -> str:
    """An address from the settings. Raises ValueError where it is open to all."""
    if is_open_to_all(address):
        raise ValueError(EXPECTED)
    return address


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
