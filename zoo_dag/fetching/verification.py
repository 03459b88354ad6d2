"""A downloaded file is checked before it replaces an older one."""

from pathlib import Path

from zoo_dag.errors import ExportError, FetchError
from zoo_dag.exports.containers import open_export
from zoo_dag.exports.files import identify
from zoo_dag.exports.limits import DEFAULT_LIMITS, Limits
from zoo_dag.tables.layouts import Kind


def verify_export(file: Path, kind: Kind, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise FetchError where a file is not a complete export of that kind, or is beyond the limits.

    The server may have sent a web page with an error, for instance.
    """
    try:
        export = identify(file, limits)
    except ExportError as error:
        if _is_web_page(file):
            raise FetchError("the server sent a web page (HTML or XML) in its place. Try again later.") from None
        reason = str(error).removeprefix(f"{file}: ")
        raise FetchError(f"what the server sent is not an export: {reason}") from None
    if export.kind != kind:
        raise FetchError(f"the server sent a {export.kind} export in its place. Try again later.")


def _is_web_page(file: Path) -> bool:
    try:
        with open_export(file) as stream:
            return stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    except ExportError:
        return False
