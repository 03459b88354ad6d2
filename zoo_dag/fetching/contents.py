"""What a downloaded file holds, looked at before it takes the place of an older one."""

from pathlib import Path

from zoo_dag.errors import ExportError, FetchError
from zoo_dag.exports.files import identify, open_export
from zoo_dag.tables.layouts import Kind


def verify(part: Path, kind: Kind) -> None:
    """Raise FetchError where a file is not a whole export of that kind, such as a page that tells of an error."""
    try:
        export = identify(part)
    except ExportError as error:
        if _is_page(part):
            raise FetchError("the server sent a web page (HTML or XML) in its place. Try again later.") from None
        reason = str(error).removeprefix(f"{part}: ")
        raise FetchError(f"what the server sent is not an export: {reason}") from None
    if export.kind != kind:
        raise FetchError(f"the server sent a {export.kind} export in its place. Try again later.")


def _is_page(part: Path) -> bool:
    try:
        with open_export(part) as stream:
            return stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    except ExportError:
        return False
