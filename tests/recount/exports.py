"""Export files as rows of text: the rows that count where files overlap."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLASSIFICATION_COLUMNS = {
    *("classification_id", "user_name", "user_id", "user_ip", "workflow_id", "workflow_name", "workflow_version"),
    *("created_at", "gold_standard", "expert", "metadata", "annotations", "subject_data", "subject_ids"),
}
Row = dict[str, str | None]

csv.field_size_limit(1 << 30)


@dataclass(frozen=True)
class Exports:
    """The rows of a folder of exports, one for each classification and each version of a workflow."""

    classifications: list[Row]
    workflows: list[Row]


def read_exports(folder: Path) -> Exports:
    """All exports of a folder; of rows with the same key the one of the newest of the fullest files."""
    files = []
    for path in sorted(folder.iterdir()):
        if path.suffix in {".csv", ".gz", ".zip"}:
            rows = list(rows_of(path))
            header = set(rows[0]) if rows else set()
            files.append((len(header & CLASSIFICATION_COLUMNS), path.stat().st_mtime_ns, path.name, rows))
    classifications: dict[str | None, Row] = {}
    workflows: dict[tuple[str | None, ...], Row] = {}
    for _, _, _, rows in sorted(files, key=lambda file: file[:3]):
        for row in rows:
            if {"annotations", "workflow_version", "created_at"} <= row.keys():
                if is_version(row["workflow_version"]) and is_whole_number(row.get("workflow_id", "0")):
                    classifications[row.get("classification_id") or row["created_at"]] = row
            elif {"tasks", "version"} <= row.keys():
                workflows[row["workflow_id"], row["version"], row.get("minor_version")] = row
    return Exports(list(classifications.values()), list(workflows.values()))


def rows_of(path: Path) -> Iterator[Row]:
    """Cells by the name of their column; nothing, and what R writes for nothing, is None."""
    content = unpacked(path.read_bytes())
    text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
        yield {name: cell or None for name, cell in row.items() if name and isinstance(cell, str | None)}


def unpacked(content: bytes) -> bytes:
    """The bytes of the CSV file in a compressed one."""
    if content[:2] == b"\x1f\x8b":
        return gzip.decompress(content)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return next(archive.read(name) for name in archive.namelist() if "__MACOSX" not in name)
    return content


def is_whole_number(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit()


def is_version(text: str | None) -> bool:
    return text is not None and all(map(is_whole_number, text.split("."))) and text.count(".") < 2
