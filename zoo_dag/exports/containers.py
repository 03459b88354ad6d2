"""What an export is packed in: nothing, gzip, or zip."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, cast

from zoo_dag.errors import ExportError, NotAnExportError

Container = Literal["plain", "gzip", "zip"]
# Excel's and LibreOffice's .xlsx files are zip archives with this member.
_OF_A_WORKBOOK = "xl/workbook.xml"
# Zooniverse's batch aggregation packs what `panoptes_aggregation` made with the exports that it was made from
# (aggregation-for-caesar, `batch_aggregation.py`).
_OF_BATCH_AGGREGATION = ("_extractor.csv", "_reductions.csv")


@contextmanager
def open_export(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of an export, decompressed; `identify` has made sure that the archive is whole."""
    match container_of(path):
        case "gzip":
            with gzip.open(path) as stream:
                yield cast(IO[bytes], stream)
        case "zip":
            with zipfile.ZipFile(path) as archive, archive.open(_member(archive, path)) as stream:
                yield stream
        case "plain":
            with path.open("rb") as stream:
                yield stream


def container_of(path: Path) -> Container:
    """What a file is, by its first bytes."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zip" if magic.startswith((b"PK\x03\x04", b"PK\x05\x06")) else "plain"


@contextmanager
def reading(path: Path, container: Container) -> Iterator[IO[bytes]]:
    """`open_export`, which raises ExportError where an archive is damaged or its compression unknown."""
    try:
        with open_export(path) as stream:
            yield stream
    except ExportError:
        raise
    # Damaged bytes raise errors of many kinds, different for each method of compression.
    except Exception as error:
        if container == "plain":
            raise
        raise ExportError(
            f"{path}: the archive is broken ({str(error) or type(error).__name__}). Download the export again."
        ) from error


def _member(archive: zipfile.ZipFile, path: Path) -> str:
    every = archive.namelist()
    if _OF_A_WORKBOOK in every:
        raise NotAnExportError(f"{path}: this is a workbook of a spreadsheet. Download the export again, as CSV.")
    if any(name.endswith(_OF_BATCH_AGGREGATION) for name in every):
        raise NotAnExportError(
            f"{path}: this is the result of a batch aggregation of Zooniverse. Unpack it: the exports in it can "
            "be imported, and its tables of extracts and reductions are not needed."
        )
    has_csv = any(name.lower().endswith(".csv") for name in every)
    suffixes = (".csv",) if has_csv else (".tsv", ".txt")
    names = [
        name
        for name in every
        if name.lower().endswith(suffixes)
        and not name.startswith("__MACOSX/")
        and not Path(name).name.startswith(".")
    ]
    if len(names) != 1:
        found = ", ".join(names) or "none"
        raise NotAnExportError(f"{path}: expected one CSV file in the archive, found {found}. Unpack it first.")
    return names[0]
